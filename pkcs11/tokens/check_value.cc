#include "pkcs11/tokens/check_value.h"

#include <sodium.h>

#include <array>

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/mac.h"

namespace sigtoken {
namespace {

constexpr std::size_t kCheckValueBytes = 3;

// HMAC-SHA-256 with the empty key over the empty text.
constexpr std::array<std::uint8_t, 32> kMacOfNoKey = {
    0xB6, 0x13, 0x67, 0x9A, 0x08, 0x14, 0xD9, 0xEC, 0x77, 0x2F, 0x95,
    0xD7, 0x78, 0xC3, 0x5F, 0xC5, 0xFF, 0x16, 0x97, 0xC4, 0x93, 0x71,
    0x56, 0x53, 0xC6, 0xC7, 0x12, 0x14, 0x42, 0x92, 0xC5, 0xAD};

}  // namespace

Result<std::vector<std::uint8_t>> CheckMac(Session& session,
                                           CK_OBJECT_HANDLE key) {
  SIGTOKEN_ASSIGN(const Mac mac, SignMac(session, key, Hs256(), {}));
  const auto bytes = mac.bytes();
  if (sodium_memcmp(bytes.data(), kMacOfNoKey.data(), kMacOfNoKey.size()) ==
      0) {
    return Refusal(
        kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
        "the key is empty or has only zero bytes: everybody can sign "
        "with it",
        "delete it and generate a new one");
  }
  return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
}

std::string KeyCheckValue(std::span<const std::uint8_t> check_mac) {
  return Hex(check_mac.first(kCheckValueBytes));
}

}  // namespace sigtoken
