// KeyAttributes: what a token says of a secret key.

#ifndef PKCS11_TOKENS_KEY_ATTRIBUTES_H_
#define PKCS11_TOKENS_KEY_ATTRIBUTES_H_

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/session.h"
#include "pkcs11/icsf/handle.h"

namespace sigtoken {

// A true-or-false attribute of a secret key (PKCS #11 v2.40, sections 4.4, 4.7
// and 4.10).
struct KeyFlag {
  CK_ATTRIBUTE_TYPE type;
  std::string_view name;
};
std::span<const KeyFlag> KeyFlags();

struct KeyAttributes {
  std::string label;
  std::vector<std::uint8_t> id;
  CK_KEY_TYPE type = CK_UNAVAILABLE_INFORMATION;
  // CKA_VALUE_LEN in bytes; nothing where the token does not say.
  std::optional<CK_ULONG> value_bytes;
  // Only those that the token gives.
  std::map<CK_ATTRIBUTE_TYPE, bool> flags;

  // False also where the token does not say.
  bool Is(CK_ATTRIBUTE_TYPE flag) const;

  // Whether the type is one that HMAC takes: a generic secret, or one bound to
  // a hash. The latter have their numbers since PKCS #11 v2.40.
  bool IsHmacKey() const;
  // Whether the token gives the value to whoever is logged in.
  bool MayBeRead() const;
};

// The caller holds the host lock. What the token will not give is left out;
// errors are those of a session or device that is gone.
Result<KeyAttributes> ReadKeyAttributes(Session& session,
                                        CK_OBJECT_HANDLE object);

// What a key's maker promised beyond its category.
enum class Expected {
  kOfOthers,           // Nothing.
  kOurs,               // It is private; nobody knows whether its value may be
                       // read.
  kOursNotExportable,  // It is private, and its value is not to be read.
};

// Whether the attributes are what `category` promises (an address, not a
// proof): a token object lasts, and Y is private, sensitive and not
// extractable. T asks no more than that it lasts, as ICSF's clear keys have it;
// what its maker promised must hold all the same. Errors: kObjectNotFound, with
// the attribute in the message; on z/OS too a letter that does not fit
// addresses no object.
Status CheckAgainstCategory(const KeyAttributes& attributes, char category,
                            Expected expected);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_KEY_ATTRIBUTES_H_
