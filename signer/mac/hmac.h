// CSFPHMG and CSFPHMV: ICSF's callable services PKCS #11 Generate and Verify
// HMAC.

#ifndef SIGNER_MAC_HMAC_H_
#define SIGNER_MAC_HMAC_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/mac_algorithm.h"
#include "pkcs11/objects/icsf.h"
#include "pkcs11/objects/state_objects.h"

namespace sigtoken {

// What the caller of either hands over (z/OS ICSF Application Programmer's
// Guide, CSFPHMG and CSFPHMV).
struct HmacCall {
  // MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512, SSL3-MD5 or SSL3-SHA; and
  // FIRST, MIDDLE, LAST, or ONLY, which holds where none of them is there.
  std::string_view rule_array;
  std::span<const std::uint8_t> text;
  // Read on MIDDLE and LAST; written on FIRST, and on ONLY with zeros, unless
  // there is an error.
  ChainData chain_data;
  std::string_view key_handle;  // 44 characters.
};

// The text of a chain is collected in this process (collected_text.h has the
// limits) and goes to the module on LAST. The key is looked at on FIRST, LAST
// and ONLY; MIDDLE compares its handle alone. After an error a chain is as it
// was before that call; but on LAST a key that is gone takes it along, since it
// could never end. Thread safe: what several threads add to one chain is one
// text in the order of their calls.
//
// Errors of both:
//   kRuleArrayInvalid          the rule array; another keyword than on FIRST
//   kHandleInvalid             the handle of no key; another one than on FIRST
//   kSessionObjectGone         chain data of no chain of this service; a
//                              session key that went with its login
//   kNoRoom                    the text of a chain, or the count of chains
//   kKeyFunctionNotPermitted   CKA_SIGN (CSFPHMG) or CKA_VERIFY (CSFPHMV) is
//                              FALSE, whichever the MAC is checked with inside
//   kObjectDisabled, kKeyTypeInconsistent, kObjectNotFound, kTokenNotFound
//   kServiceNotAvailable       the module does not offer the algorithm
//   any other                  as the module gave it

// The MAC, on LAST and ONLY; the caller has `room` for it. Errors:
// kOutputTooShort, with the length that is needed.
Result<std::optional<Mac>> GenerateHmac(Icsf& icsf, const HmacCall& call,
                                        std::size_t room);

// Whether the first bytes of `hmac`, as many as the MAC has, are the MAC; true
// on FIRST and MIDDLE, which do not look at it. Errors: kLengthInvalid for
// fewer bytes.
Result<bool> VerifyHmac(Icsf& icsf, const HmacCall& call,
                        std::span<const std::uint8_t> hmac);

}  // namespace sigtoken

#endif  // SIGNER_MAC_HMAC_H_
