#include "keygen/adopt.h"

#include <cstring>
#include <string>
#include <utility>

#include "keygen/key_spec.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/tokens/check_value.h"
#include "pkcs11/tokens/omnipresent.h"
#include "pkcs11/tokens/sequence.h"

namespace sigtoken {
namespace {

constexpr char kWhat[] = "with the attributes of that URI";

// Whether the key is one that a handle can be given to.
Status CheckKey(const FoundKey& key, char category) {
  if (key.handle || key.of_another_name) {
    const std::string id(key.attributes.id.begin(), key.attributes.id.end());
    return Refusal(kHandleInvalid, CKR_OBJECT_HANDLE_INVALID,
                   "the key has a handle already: " +
                       (key.handle ? key.handle->FormatShort() : Printable(id)),
                   "use that one");
  }
  if (!key.attributes.IsHmacKey()) {
    return Refusal(kKeyTypeInconsistent, CKR_KEY_TYPE_INCONSISTENT,
                   "the key is not of a type that HMAC takes",
                   "use a key of the type CKK_GENERIC_SECRET");
  }
  if (!key.attributes.Is(CKA_SIGN) && !key.attributes.Is(CKA_VERIFY)) {
    return Refusal(kKeyFunctionNotPermitted, CKR_KEY_FUNCTION_NOT_PERMITTED,
                   "the key may neither sign nor verify: its CKA_SIGN and "
                   "CKA_VERIFY are FALSE",
                   "use a key that was made to sign");
  }
  if (key.worthless) {
    return Refusal(kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
                   key.no_check_mac, "use another key");
  }
  if (key.attributes.id.empty() && key.attributes.label.empty()) {
    return Refusal(kHandleInvalid, CKR_OBJECT_HANDLE_INVALID,
                   "the key has neither CKA_ID nor CKA_LABEL: it could not be "
                   "found again",
                   "give it a label with the tool that made it");
  }
  return CheckAgainstCategory(key.attributes, category, Expected::kOfOthers);
}

// A key that signs is known again by its check value: without one, any key that
// comes in its place later is taken for it. A fault that passes is asked twice.
Status RequireCheckMac(Token& token, const HostLock::Shared& held,
                       FoundKey& key) {
  if (key.check_mac || !key.attributes.Is(CKA_SIGN)) return Ok();
  // A session of its own: after an error it is of no more use.
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  auto mac = CheckMac(session, key.object, key.attributes.value_bytes);
  if (mac) {
    key.check_mac = *std::move(mac);
    key.no_check_mac.clear();
    return Ok();
  }
  // It may be bound to another hash than that of the check value.
  if (mac.error().rv == CKR_KEY_TYPE_INCONSISTENT) return Ok();
  return std::move(mac).error();
}

}  // namespace

Result<FoundKey> AdoptKey(Token& token, const Attributes& wanted,
                          char category) {
  SIGTOKEN_TRY(CheckTakesTokenObjects(token.name()));
  SIGTOKEN_TRY(CheckTokenCategory(category));
  SIGTOKEN_TRY(token.Ready());
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  SIGTOKEN_ASSIGN(const CK_OBJECT_HANDLE object,
                  FindOne(token, session, wanted, kWhat,
                          "add its id and its label to the URI"));
  SIGTOKEN_ASSIGN(FoundKey key, Examine(token, held, object));
  SIGTOKEN_TRY(CheckKey(key, category));
  SIGTOKEN_TRY(RequireCheckMac(token, held, key));
  const ForeignAddress address{key.attributes.id, key.attributes.label};
  SIGTOKEN_ASSIGN(const CK_OBJECT_HANDLE again,
                  FindOne(token, session, SearchFor(address),
                          "with its CKA_ID and CKA_LABEL",
                          "give it a label that no other key has, with the "
                          "tool that made it"));
  static_cast<void>(again);

  SIGTOKEN_ASSIGN(auto transaction, token.database().Begin());
  SIGTOKEN_ASSIGN(const ObjectId id,
                  NextObjectId(token, held, session, category));
  ObjectRecord record;
  record.id = id;
  record.bytes = key.bytes();
  record.check_mac = key.check_mac;
  record.created = Now();
  record.foreign = address;
  record.exportable = key.attributes.MayBeRead();
  record.adopted = true;
  SIGTOKEN_TRY(SpendSequence(token, held, session, id.sequence));
  SIGTOKEN_TRY(PutObjectRecord(token.database(), token.name(), record));
  SIGTOKEN_TRY(transaction.Commit());
  key.handle = Handle(token.name(), id);
  key.origin = Origin::kAdopted;
  key.record = std::move(record);
  return key;
}

Result<ObjectId> AdoptRsaKey(Token& token, const HostLock::Exclusive& held,
                             Session& session, CK_OBJECT_HANDLE object) {
  SIGTOKEN_ASSIGN(
      auto values,
      ReadAttributes(session, object, {{CKA_CLASS, CKA_ID, CKA_LABEL}}));
  ForeignAddress address{std::move(values[CKA_ID]),
                         {values[CKA_LABEL].begin(), values[CKA_LABEL].end()}};
  const auto& object_class = values[CKA_CLASS];
  if (object_class.size() == sizeof address.object_class) {
    std::memcpy(&address.object_class, object_class.data(),
                object_class.size());
  }
  if (address.id.empty() && address.label.empty()) {
    return Refusal(kHandleInvalid, CKR_OBJECT_HANDLE_INVALID,
                   "the RSA key has neither CKA_ID nor CKA_LABEL: it could not "
                   "be found again",
                   "give it a label with the tool that made it");
  }
  SIGTOKEN_TRY(FindOne(token, session, SearchFor(address),
                       "with its CKA_ID and CKA_LABEL",
                       "give it a label that no other key has, with the tool "
                       "that made it"));
  SIGTOKEN_ASSIGN(auto transaction, token.database().Begin());
  // Another process may just have done it.
  SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
  if (const auto found = book.HandleOf(address)) return *found->handle.object();
  ObjectRecord record;
  SIGTOKEN_ASSIGN(record.id, NextObjectId(token, held, session, 'T'));
  record.object_class = address.object_class;
  record.created = Now();
  record.foreign = address;
  record.adopted = true;
  SIGTOKEN_TRY(SpendSequence(token, held, session, record.id.sequence));
  SIGTOKEN_TRY(PutObjectRecord(token.database(), token.name(), record));
  SIGTOKEN_TRY(transaction.Commit());
  return record.id;
}

Status ReleaseKey(Token& token, ObjectId id) {
  SIGTOKEN_ASSIGN(auto transaction, token.database().Begin());
  SIGTOKEN_ASSIGN(const auto record,
                  FindObjectRecord(token.database(), token.name(), id));
  if (!record || !record->adopted) {
    return Refusal(
        kObjectNotFound, CKR_OBJECT_HANDLE_INVALID,
        "no adopted key is " + Handle(token.name(), id).FormatShort(),
        "list the keys with 'sigtoken key list'");
  }
  SIGTOKEN_TRY(DeleteObjectRecord(token.database(), token.name(), id));
  return transaction.Commit();
}

}  // namespace sigtoken
