// Keys whose MACs are known.

#ifndef PKCS11_TOKENS_RFC4231_H_
#define PKCS11_TOKENS_RFC4231_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sigtoken {

// A test case of RFC 4231, section 4.
struct Rfc4231Case {
  std::vector<std::uint8_t> key;
  std::string_view data;
  // HS256, HS384 and HS512, whole.
  std::array<std::vector<std::uint8_t>, 3> macs;
};

// Test case 1, its key of 20 bytes with zeros behind it up to 64, which is the
// same key to HMAC (RFC 2104, section 2) and one that every module takes; and
// test case 6, whose key is longer than any block, where implementations
// differ.
std::span<const Rfc4231Case> Rfc4231Cases();

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_RFC4231_H_
