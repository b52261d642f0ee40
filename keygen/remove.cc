#include "keygen/remove.h"

#include <string>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/tokens/object_index.h"
#include "pkcs11/tokens/sequence.h"

namespace sigtoken {

Status DeleteKey(Token& token, ObjectId id, bool force) {
  const std::string name = Handle(token.name(), id).FormatShort();
  const Attributes address = AddressOf(token.name(), id);
  SIGTOKEN_TRY(token.Login());
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadWrite));
  SIGTOKEN_ASSIGN(const CK_OBJECT_HANDLE object,
                  FindOne(session, address, name));
  if (!force) {
    auto sound = Examine(token, held, object);
    if (!sound) {
      sound.error().cure = "delete it all the same with --force";
      return std::move(sound).error();
    }
  }
  SIGTOKEN_ASSIGN(auto transaction, token.database().Begin());
  // A store that does not know the object must not give its number out again.
  SIGTOKEN_TRY(SpendSequence(token, held, session, id.sequence));
  SIGTOKEN_TRY(DeleteObjectRecord(token.database(), token.name(), id));
  SIGTOKEN_TRY(DestroyObject(session, object));
  SIGTOKEN_ASSIGN(const auto left, FindObjects(session, address));
  if (!left.empty()) {
    return Error{CKR_FUNCTION_FAILED, "C_DestroyObject",
                 "the key " + name + " is still there after it was destroyed",
                 "check the module's device: it may be full or read-only",
                 kNotAvailable};
  }
  return transaction.Commit();
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
    ObjectRecord record;
    record.id = id;
    record.bytes = key.bytes();
    record.check_mac = key.check_mac;
    record.created = Now();
    SIGTOKEN_TRY(PutObjectRecord(token.database(), token.name(), record));
  }
  SIGTOKEN_TRY(SetDisabled(token.database(), token.name(), id, disabled));
  return transaction.Commit();
}

}  // namespace sigtoken
