#include "keygen/remove.h"

#include <string>

#include "keygen/adopt.h"
#include "keygen/destroy.h"
#include "pkcs11/cryptoki/call.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/tokens/object_index.h"
#include "pkcs11/tokens/sequence.h"

namespace sigtoken {
namespace {

Error IsBound(const std::string& name) {
  return Refusal(kParameterInvalid, CKR_FUNCTION_REJECTED,
                 "the key " + name +
                     " is one that others made, and the configuration binds it",
                 "take its [[token.key]] out of the configuration, or destroy "
                 "it for good with --force");
}

// What is known of a key that is not there any more: a device may have failed
// behind the destroying of it. Its number stays spent.
Status ForgetGone(Token& token, ObjectId id, const Error& error) {
  if (ToIcsf(error) != kObjectNotFound) return Ok();
  SIGTOKEN_ASSIGN(auto transaction, token.database().Begin());
  SIGTOKEN_TRY(DeleteObjectRecord(token.database(), token.name(), id));
  return transaction.Commit();
}

}  // namespace

Result<Removal> DeleteKey(Token& token, ObjectId id, bool force) {
  const std::string name = Handle(token.name(), id).FormatShort();
  SIGTOKEN_TRY(token.Ready());
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
  const AddressBook::Entry* entry = book.Find(id);
  if (entry != nullptr && !force) {
    if (entry->origin == Origin::kBound) return IsBound(name);
    SIGTOKEN_TRY(ReleaseKey(token, id));
    return Removal::kReleased;
  }
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadWrite));
  const auto found = FindObject(token, session, id);
  if (!found) {
    if (entry == nullptr) SIGTOKEN_TRY(ForgetGone(token, id, found.error()));
    return found.error();
  }
  const CK_OBJECT_HANDLE object = *found;
  if (!force) {
    auto sound = ExamineAs(token, held, object, id);
    if (!sound) {
      sound.error().cure = "delete it all the same with --force";
      return std::move(sound).error();
    }
  }
  const CallWatch::CallByCall to_the_end;
  SIGTOKEN_ASSIGN(auto transaction, token.database().Begin());
  // A store that does not know the object must not give its number out again.
  SIGTOKEN_TRY(SpendSequence(token, held, session, id.sequence));
  SIGTOKEN_TRY(DeleteObjectRecord(token.database(), token.name(), id));
  const Attributes address = entry != nullptr ? SearchFor(entry->address)
                                              : AddressOf(token.name(), id);
  const auto destroyed = [&]() -> Status {
    SIGTOKEN_TRY(DestroyObject(session, object));
    // A copy that was not finished (tokens/pending.h) goes with it.
    return DestroyAll(token, session, address, "the key " + name);
  }();
  if (!destroyed) {
    token.Restart(held, std::move(session));
    return destroyed.error();
  }
  SIGTOKEN_TRY(transaction.Commit());
  return Removal::kDestroyed;
}

Status DisableKey(Token& token, ObjectId id, bool disabled) {
  SIGTOKEN_TRY(token.Ready());
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  SIGTOKEN_ASSIGN(const FoundKey key, FindKey(token, held, session, id));
  SIGTOKEN_ASSIGN(auto transaction, token.database().Begin());
  if (!key.record) {
    // The store was lost, or the process that made the key was killed before it
    // could write down what it had made.
    SIGTOKEN_TRY(SpendSequence(token, held, session, id.sequence));
    SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
    SIGTOKEN_TRY(
        PutObjectRecord(token.database(), token.name(), RecordFor(key, book)));
  }
  SIGTOKEN_TRY(SetDisabled(token.database(), token.name(), id, disabled));
  return transaction.Commit();
}

}  // namespace sigtoken
