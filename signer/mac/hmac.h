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
  // Read on MIDDLE and LAST; written, unless there is an error, on each call.
  ChainData chain_data;
  std::string_view key_handle;  // 44 characters.
};

// The MAC, on LAST and ONLY; the caller has `room` for it.
Result<std::optional<Mac>> GenerateHmac(Icsf& icsf, const HmacCall& call,
                                        std::size_t room);

// Whether the first bytes of `hmac`, as many as the MAC has, are the MAC; true
// on FIRST and MIDDLE, which do not look at it.
Result<bool> VerifyHmac(Icsf& icsf, const HmacCall& call,
                        std::span<const std::uint8_t> hmac);

}  // namespace sigtoken

#endif  // SIGNER_MAC_HMAC_H_
