#include "pkcs11/tokens/wrong_mac.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "pkcs11/cryptoki/mac.h"
#include "pkcs11/tokens/trial_key.h"

namespace sigtoken {
namespace {

constexpr std::string_view kText = "sigtoken: is this MAC wrong?";

// All modules generate keys of this size, and take them for all algorithms.
constexpr std::size_t kKeyBytes = 64;

}  // namespace

bool AnswersWrongMac(Token& token, const HostLock::Exclusive& held,
                     const MacAlgorithm& algorithm, CK_RV rv) {
  const std::span<const std::uint8_t> data{
      reinterpret_cast<const std::uint8_t*>(kText.data()), kText.size()};
  // The key lives as long as the session that made it. Each try has one of its
  // own, since after an error a session may still be busy.
  auto owner = token.OpenSession(held, Access::kReadOnly);
  auto signing = token.OpenSession(held, Access::kReadOnly);
  auto verifying = token.OpenSession(held, Access::kReadOnly);
  auto refusing = token.OpenSession(held, Access::kReadOnly);
  if (!owner || !signing || !verifying || !refusing) return false;
  const auto key = MakeTrialKey(*owner, kKeyBytes);
  if (!key) return false;
  auto mac = SignMac(*signing, *key, algorithm, data);
  if (!mac) return false;
  const auto right = VerifyMac(*verifying, *key, algorithm, data, mac->bytes());
  if (!right || !*right) return false;
  mac->data()[0] ^= 1;
  const auto wrong = VerifyMac(*refusing, *key, algorithm, data, mac->bytes());
  return !wrong && wrong.error().call == "C_Verify" && wrong.error().rv == rv;
}

}  // namespace sigtoken
