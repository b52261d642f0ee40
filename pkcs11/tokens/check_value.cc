#include "pkcs11/tokens/check_value.h"

#include <sodium.h>

#include <array>

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/mac.h"

namespace sigtoken {
namespace {

constexpr std::size_t kCheckValueBytes = 3;

constexpr std::size_t kBlockBytes = 64;
// ICSF's longest key.
constexpr std::size_t kLongestBytes = 4096;

// HMAC-SHA-256 over the empty text with a key of so many zeros; with the empty
// key for a length that nobody knows.
std::array<std::uint8_t, crypto_auth_hmacsha256_BYTES> MacOfZeros(
    std::optional<std::size_t> bytes) {
  // Up to a block all lengths are the same (RFC 2104, section 2).
  const bool known = bytes && *bytes > kBlockBytes && *bytes <= kLongestBytes;
  const std::vector<std::uint8_t> zeros(known ? *bytes : kBlockBytes);
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, zeros.data(), zeros.size());
  std::array<std::uint8_t, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256_final(&state, mac.data());
  return mac;
}

}  // namespace

Error WorthlessKey() {
  return Refusal(kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
                 "the key is empty or has only zero bytes: everybody can sign "
                 "with it",
                 "delete it and generate a new one");
}

Result<std::vector<std::uint8_t>> CheckMac(
    Session& session, CK_OBJECT_HANDLE key,
    std::optional<std::size_t> value_bytes) {
  SIGTOKEN_ASSIGN(const Mac mac, SignMac(session, key, Hs256(), {}));
  const auto bytes = mac.bytes();
  const auto worthless = MacOfZeros(value_bytes);
  if (sodium_memcmp(bytes.data(), worthless.data(), worthless.size()) == 0) {
    return WorthlessKey();
  }
  return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
}

Result<bool> VerifiesForEverybody(Session& session, CK_OBJECT_HANDLE key,
                                  std::optional<std::size_t> value_bytes) {
  return VerifyMac(session, key, Hs256(), {}, MacOfZeros(value_bytes));
}

std::string KeyCheckValue(std::span<const std::uint8_t> check_mac) {
  return Hex(check_mac.first(kCheckValueBytes));
}

}  // namespace sigtoken
