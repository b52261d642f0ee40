// The HMAC algorithms: JOSE, ICSF and PKCS#11 names of the same thing.

#ifndef PKCS11_CRYPTOKI_MAC_ALGORITHM_H_
#define PKCS11_CRYPTOKI_MAC_ALGORITHM_H_

#include <p11-kit/pkcs11.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "pkcs11/base/result.h"

namespace sigtoken {

// One HMAC algorithm of RFC 7518, section 3.2.
struct MacAlgorithm {
  std::string_view name;          // JOSE's "alg" and RACF's SIGALG.
  std::string_view icsf_keyword;  // CSFPHMG's rule, 8 characters.
  CK_MECHANISM_TYPE mechanism;
  std::size_t mac_bytes;  // Also the least key size of RFC 7518, 3.2.
};

inline constexpr std::size_t kMaxMacBytes = 64;

// HS256, HS384, HS512, in this order.
std::span<const MacAlgorithm> MacAlgorithms();

// RACF's default SIGALG, and the algorithm of key check values.
const MacAlgorithm& Hs256();

// Null for any other name; names are matched byte for byte.
const MacAlgorithm* FindMacAlgorithm(std::string_view name);

// As FindMacAlgorithm. Errors: kRuleArrayInvalid.
Result<const MacAlgorithm*> ParseMacAlgorithm(std::string_view name);

// A whole MAC: 32, 48 or 64 bytes.
class Mac {
 public:
  // Precondition: size <= kMaxMacBytes. The bytes are zero.
  explicit Mac(std::size_t size) : size_(size) {}

  std::uint8_t* data() { return bytes_.data(); }
  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), size_}; }

 private:
  std::array<std::uint8_t, kMaxMacBytes> bytes_{};
  std::size_t size_;
};

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_MAC_ALGORITHM_H_
