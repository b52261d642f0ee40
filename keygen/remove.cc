#include "keygen/remove.h"

#include <string>

#include "keygen/adopt.h"
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

// What the module says of it is not believed.
Status Destroy(Session& session, CK_OBJECT_HANDLE object,
               const Attributes& address, const std::string& name) {
  SIGTOKEN_TRY(DestroyObject(session, object));
  // A copy that was not finished (tokens/pending.h) goes with it.
  SIGTOKEN_ASSIGN(const auto copies, FindObjects(session, address));
  for (const CK_OBJECT_HANDLE copy : copies) {
    if (copy != object) SIGTOKEN_TRY(DestroyObject(session, copy));
  }
  SIGTOKEN_ASSIGN(const auto left, FindObjects(session, address));
  if (left.empty()) return Ok();
  return Error{CKR_FUNCTION_FAILED, "C_DestroyObject",
               "the key " + name + " is still there after it was destroyed",
               "check the module's device: it may be full or read-only",
               kNotAvailable};
}

}  // namespace

Result<Removal> DeleteKey(Token& token, ObjectId id, bool force) {
  const std::string name = Handle(token.name(), id).FormatShort();
  SIGTOKEN_TRY(token.Login());
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
  const AddressBook::Entry* entry = book.Find(id);
  if (entry != nullptr && !force) {
    if (entry->origin == Origin::kBound) return IsBound(name);
    SIGTOKEN_TRY(ReleaseKey(token, id));
    return Removal::kReleased;
  }
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadWrite));
  SIGTOKEN_ASSIGN(const CK_OBJECT_HANDLE object,
                  FindObject(token, session, id));
  if (!force) {
    auto sound = ExamineAs(token, held, object, id);
    if (!sound) {
      sound.error().cure = "delete it all the same with --force";
      return std::move(sound).error();
    }
  }
  SIGTOKEN_ASSIGN(auto transaction, token.database().Begin());
  // A store that does not know the object must not give its number out again.
  SIGTOKEN_TRY(SpendSequence(token, held, session, id.sequence));
  SIGTOKEN_TRY(DeleteObjectRecord(token.database(), token.name(), id));
  const Attributes address = entry != nullptr ? SearchFor(entry->address)
                                              : AddressOf(token.name(), id);
  const Status destroyed = Destroy(session, object, address, name);
  if (!destroyed) {
    token.Restart(held, std::move(session));
    return destroyed.error();
  }
  SIGTOKEN_TRY(transaction.Commit());
  return Removal::kDestroyed;
}

Status DisableKey(Token& token, ObjectId id, bool disabled) {
  SIGTOKEN_TRY(token.Login());
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
