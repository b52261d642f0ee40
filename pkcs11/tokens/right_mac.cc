#include "pkcs11/tokens/right_mac.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "pkcs11/cryptoki/mac.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/trial_key.h"

namespace sigtoken {
namespace {

// RFC 4231, 4.7.
constexpr std::size_t kKeyBytes = 131;
constexpr std::uint8_t kKeyByte = 0xAA;
constexpr std::string_view kData =
    "Test Using Larger Than Block-Size Key - Hash Key First";
constexpr std::array<std::uint8_t, 32> kMac = {
    0x60, 0xE4, 0x31, 0x59, 0x1E, 0xE0, 0xB6, 0x7F, 0x0D, 0x8A, 0x26,
    0xAA, 0xCB, 0xF5, 0xB7, 0x7F, 0x8E, 0x0B, 0xC6, 0x21, 0x37, 0x28,
    0xC5, 0x14, 0x05, 0x46, 0x04, 0x0F, 0x0E, 0xE3, 0x7F, 0x54};

}  // namespace

Status CheckRightMac(const HostLock::Exclusive& /*held*/, Session& session) {
  SIGTOKEN_ASSIGN(Secret value, Secret::OfSize(kKeyBytes));
  std::fill_n(value.data(), value.size(), kKeyByte);
  const auto key = CreateSecretKey(session, TrialKey(), value);
  if (!key) return Ok();
  const auto mac = SignMac(
      session, *key, Hs256(),
      {reinterpret_cast<const std::uint8_t*>(kData.data()), kData.size()});
  static_cast<void>(DestroyObject(session, *key).has_value());
  if (!mac || std::ranges::equal(mac->bytes(), kMac)) return Ok();
  // No call: to open such a module anew cures nothing.
  return Error{CKR_DEVICE_ERROR, "",
               "the module computes wrong MACs: that of RFC 4231, test case 6, "
               "is another one",
               "use another module, or have this one mended: nobody else can "
               "check what it signs",
               kNotAvailable};
}

}  // namespace sigtoken
