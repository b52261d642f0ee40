#include "pkcs11/tokens/same_key.h"

#include <sodium.h>

#include "pkcs11/cryptoki/mac.h"
#include "pkcs11/tokens/address_book.h"
#include "pkcs11/tokens/sequence.h"

namespace sigtoken {
namespace {

std::string WhatToDo(Origin origin) {
  switch (origin) {
    case Origin::kOurs:
      break;
    case Origin::kBound:
      return "put the right key back, or bind the new one to a handle of its "
             "own in the configuration";
    case Origin::kAdopted:
      return "put the right key back, or release the handle with 'sigtoken key "
             "delete' and adopt the new one";
  }
  return "restore the token from a backup, or delete the key with --force and "
         "generate a new one";
}

Error AnotherKey(const FoundKey& key, const std::string& name) {
  return Refusal(
      kObjectNotFound, CKR_KEY_CHANGED,
      "the key " + name +
          " has another check value than the one that was made: its place in "
          "the token was taken by another key",
      WhatToDo(key.origin));
}

Status Write(Token& token, const FoundKey& key) {
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  // Without a login the token would look empty, and its store not lost.
  SIGTOKEN_TRY(token.CheckShowsAll(session));
  SIGTOKEN_ASSIGN(const bool lost, StoreWasLost(token, held, session));
  if (lost) return Ok();
  const ObjectId id = *key.handle->object();
  SIGTOKEN_ASSIGN(auto transaction, token.database().Begin());
  SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
  const ObjectRecord fresh = RecordFor(key, book);
  SIGTOKEN_ASSIGN(const auto record,
                  FindObjectRecord(token.database(), token.name(), id));
  // What another process wrote meanwhile holds.
  if (record && record->foreign == fresh.foreign) return Ok();
  SIGTOKEN_TRY(SpendSequence(token, held, session, id.sequence));
  SIGTOKEN_TRY(PutObjectRecord(token.database(), token.name(), fresh));
  return transaction.Commit();
}

}  // namespace

Status CheckSameKey(Token& token, const HostLock::Shared& held,
                    const FoundKey& key, const std::string& name,
                    std::span<const std::uint8_t> expected) {
  if (key.check_mac) {
    const auto& mac = *key.check_mac;
    const bool same =
        mac.size() == expected.size() &&
        sodium_memcmp(mac.data(), expected.data(), expected.size()) == 0;
    return same ? Ok() : AnotherKey(key, name);
  }
  if (key.attributes.Is(CKA_SIGN)) {
    // With a handle, a fault of the module was an error before (Examine()).
    if (key.handle) return AnotherKey(key, name);
    return Error{
        CKR_DEVICE_ERROR, "C_Sign",
        "whether the key " + name +
            " is the same still is not to be seen: " + key.no_check_mac,
        "try again; look at the module's device", kNotAvailable};
  }
  if (!key.attributes.Is(CKA_VERIFY)) return Ok();
  // A session of its own: after an error it is of no more use.
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  SIGTOKEN_ASSIGN(const bool same,
                  VerifyMac(session, key.object, Hs256(), {}, expected));
  return same ? Ok() : AnotherKey(key, name);
}

void RecordFirstUse(Token& token, const FoundKey& key) {
  if (key.origin != Origin::kBound || key.record) return;
  static_cast<void>(Write(token, key).has_value());
}

}  // namespace sigtoken
