// The MAC algorithms: JOSE, ICSF and PKCS#11 names of the same thing.

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

// One algorithm of CSFPHMG; three of them are those of RFC 7518, section 3.2.
struct MacAlgorithm {
  // JOSE's "alg" and RACF's SIGALG; the keyword without its blanks where these
  // do not have it.
  std::string_view name;
  std::string_view icsf_keyword;  // CSFPHMG's rule, 8 characters.
  CK_MECHANISM_TYPE mechanism;
  std::size_t mac_bytes;  // Also the least key size of RFC 7518, 3.2.
  // SSL 3.0's MAC, which came before HMAC and is none. Its mechanisms ask how
  // long the MAC is to be (PKCS #11 v2.40 Mechanisms, 2.35.6:
  // CK_MAC_GENERAL_PARAMS).
  bool is_ssl3 = false;
};

inline constexpr std::size_t kMaxMacBytes = 64;

// Those of CSFPHMG: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512, SSL3-MD5
// and SSL3-SHA, in this order. A module may lack some.
std::span<const MacAlgorithm> HmacAlgorithms();

// The algorithm of a keyword without its blanks; null for any other.
const MacAlgorithm* FindHmacAlgorithm(std::string_view keyword);

// HS256, HS384, HS512, in this order: all that identity tokens know.
std::span<const MacAlgorithm> MacAlgorithms();

// RACF's default SIGALG, and the algorithm of key check values.
const MacAlgorithm& Hs256();

// Null for any other name; names are matched byte for byte.
const MacAlgorithm* FindMacAlgorithm(std::string_view name);

// As FindMacAlgorithm. Errors: kRuleArrayInvalid.
Result<const MacAlgorithm*> ParseMacAlgorithm(std::string_view name);

// A whole MAC: 16 to 64 bytes.
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
