// CSFPOWH: ICSF's callable service PKCS #11 One-way hash, sign, or verify.

#ifndef SIGNER_MAC_ONE_WAY_HASH_H_
#define SIGNER_MAC_ONE_WAY_HASH_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/objects/icsf.h"
#include "pkcs11/objects/state_objects.h"

namespace sigtoken {

// What the caller hands over (z/OS ICSF Application Programmer's Guide,
// CSFPOWH).
struct OneWayHashCall {
  // SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512; HASH, SIGN-RSA or VER-RSA,
  // HASH where none is there; FIRST, MIDDLE, LAST or ONLY, which holds where
  // none is there.
  std::string_view rule_array;
  std::span<const std::uint8_t> text;
  // Read on MIDDLE and LAST; written on FIRST, and on ONLY with zeros, unless
  // there is an error.
  ChainData chain_data;
  std::string_view handle;  // 44 characters; HASH does not look at it.
  // The caller's `hash` as it is: what VER-RSA checks, and for the others how
  // much room there is.
  std::span<const std::uint8_t> hash;
};

struct OneWayHashAnswer {
  std::vector<std::uint8_t> hash;  // Of HASH and SIGN-RSA, on LAST and ONLY.
  bool verified = true;            // Of VER-RSA; else kSignatureNotVerified.
};

// The text is hashed in this process, by OpenSSL, and nothing of it is kept
// between the calls of a chain. RSA signatures are PKCS #1 v1.5's: the token
// makes them, OpenSSL verifies them with the modulus that the token gives.
// Their key is looked at on FIRST, LAST and ONLY; MIDDLE compares its handle
// alone. After an error a chain is as it was before that call; but on LAST a
// key that is gone takes it along, since it could never end. Thread safe.
//
// A signature is not verified, too, if it is not as long as the modulus.
//
// Errors:
//   kRuleArrayInvalid     the rule array; another keyword than on FIRST
//   kHandleInvalid        the handle of no key; another one than on FIRST
//   kSessionObjectGone    chain data of no chain of this service
//   kNoRoom               too many chains
//   kOutputTooShort       of HASH and SIGN-RSA, with the length that is needed
//   kKeyTypeInconsistent  no private RSA key for SIGN-RSA; no public one for
//                         VER-RSA, or one that CheckRsaPublicKey() refuses
//   kKeyFunctionNotPermitted, kNotAuthorized, kObjectDisabled,
//   kObjectNotFound, kTokenNotFound and any other: as rsa_key.h says
Result<OneWayHashAnswer> OneWayHash(Icsf& icsf, const OneWayHashCall& call);

}  // namespace sigtoken

#endif  // SIGNER_MAC_ONE_WAY_HASH_H_
