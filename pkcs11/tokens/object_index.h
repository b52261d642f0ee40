// The keys of a token: found by their address and checked, or listed.

#ifndef PKCS11_TOKENS_OBJECT_INDEX_H_
#define PKCS11_TOKENS_OBJECT_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/tokens/key_attributes.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// A key as it was found. The object is good for the login in which it was
// found.
struct FoundKey {
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  std::optional<Handle> handle;  // Nothing for a key that others made.
  KeyAttributes attributes;
  std::optional<ObjectRecord> record;
  // Nothing where the key cannot make it, and then why not.
  std::optional<std::vector<std::uint8_t>> check_mac;
  std::string no_check_mac;

  // As generated or imported; 0 where nobody knows.
  std::size_t bytes() const;
  bool disabled() const { return record && record->disabled; }
};

// The search for the key that `id` addresses: CKA_ID holds its short form.
Attributes AddressOf(const TokenName& token, ObjectId id);

// Exactly one secret key with the attributes `wanted`. Errors: kObjectNotFound;
// kHandleInvalid when there are several.
Result<CK_OBJECT_HANDLE> FindOne(Session& session, const Attributes& wanted,
                                 const std::string& what);

// The key behind an object, checked: its attributes agree with its category,
// and its check value is the one in the store. A key that fails is refused:
// another key has taken its place, or it is not whole.
//
// The caller holds the host lock and is logged in. Errors: kObjectNotFound;
// kNotAvailable; as the module gave them.
Result<FoundKey> Examine(Token& token, const HostLock::Shared& held,
                         CK_OBJECT_HANDLE object);

// FindOne and Examine. `session` is one that searches only.
Result<FoundKey> FindKey(Token& token, const HostLock::Shared& held,
                         Session& session, ObjectId id);

// All keys for HMAC in a token, in the order of their handles; those that
// others made come last, by label.
struct KeyList {
  std::vector<FoundKey> keys;
  // Objects that are no usable key: what a killed process left half made, or
  // what Examine() refuses. Each with the reason.
  std::vector<std::string> left_out;
};
Result<KeyList> ListKeys(Token& token);

// The objects of the token that carry one of its handles, whole or not.
Result<std::vector<CK_OBJECT_HANDLE>> FindObjectsOf(
    Token& token, const HostLock::Shared& held, Session& session);

// The highest sequence number that an object of the token carries, 0 if none.
Result<std::uint32_t> HighestSequence(Token& token,
                                      const HostLock::Shared& held,
                                      Session& session);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_OBJECT_INDEX_H_
