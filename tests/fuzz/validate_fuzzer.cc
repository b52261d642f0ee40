// Is a token that nobody signed ever taken, whatever its text? The whole way,
// with a profile that names a key, and a second key that signs what is to be
// looked at behind the MAC.

#include <sodium.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "signer/idt/validate.h"
#include "signer/jws/compact.h"

namespace sigtoken {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

Mac HmacOf(std::span<const std::uint8_t> data, std::uint8_t key_byte) {
  std::array<std::uint8_t, 32> key{};
  key.fill(key_byte);
  Mac mac(32);
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, data.data(), data.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  return mac;
}

SigningKey KeyOf(std::uint8_t key_byte) {
  return {&Hs256(),
          [=](std::span<const std::uint8_t> data) -> Result<Mac> {
            return HmacOf(data, key_byte);
          },
          [=](std::span<const std::uint8_t> data,
              std::span<const std::uint8_t> mac) -> Result<bool> {
            const Mac right = HmacOf(data, key_byte);
            return mac.size() == right.bytes().size() &&
                   std::memcmp(mac.data(), right.bytes().data(), mac.size()) ==
                       0;
          }};
}

ValidateResult Validate(std::string token, bool end_user) {
  ValidateRequest request;
  request.token = std::move(token);
  request.appl = "APPL01";
  request.end_user = end_user;
  request.at = {1736963700LL * 1'000'000'000};
  request.key.rules = {
      []() -> Result<bool> { return true; },
      [](const std::string&, const std::string&) -> Result<IdtPolicy> {
        IdtPolicy policy;
        policy.profile = "JWT.**";
        policy.parms.sigtoken = "IDTTKN.JWT.SECRET";
        return policy;
      },
      [](const Handle&, const MacAlgorithm&) -> Result<SigningKey> {
        return KeyOf(1);
      }};
  ValidateResult result = ValidateIdt(request);
  // One answer, and nothing of a token that is not valid but where its MAC
  // fits.
  Require(result.valid == (result.code == kRacfDone));
  Require(result.valid == (result.exit_status == 0));
  Require(result.valid == result.claims.has_value());
  Require(!result.error || result.exit_status != 0);
  return result;
}

std::string Signed(std::string_view header, std::string_view payload,
                   std::uint8_t key_byte) {
  std::string token = MakeSigningInput(header, payload);
  AppendSignature(token, HmacOf(AsBytes(token), key_byte).bytes());
  return token;
}

}  // namespace
}  // namespace sigtoken

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace sigtoken;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // As a token: nobody here has the key.
  Require(!Validate(std::string(text), true).valid);
  // As header and payload, signed with another key, and with the right one.
  const auto cut = text.find('\n');
  const std::string_view header = text.substr(0, cut);
  const std::string_view payload =
      cut == std::string_view::npos ? "" : text.substr(cut + 1);
  const ValidateResult other = Validate(Signed(header, payload, 2), true);
  Require(!other.valid && other.user.empty() && other.claims_json.empty());
  Validate(Signed(header, payload, 1), true);
  Validate(Signed(header, payload, 1), false);
  return 0;
}
