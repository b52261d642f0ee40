#include "keygen/services/random_number_generate.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "pkcs11/base/cleansed_bytes.h"
#include "pkcs11/icsf/rule_array.h"
#include "pkcs11/tokens/token_random.h"

namespace sigtoken {
namespace {

constexpr std::string_view kRandom = "RANDOM";
constexpr std::string_view kOdd = "ODD";
constexpr auto kForms =
    std::to_array<std::string_view>({kRandom, kOdd, "EVEN"});
constexpr auto kGroups = std::to_array<RuleGroup>({{"form", kForms, {}}});

// Each byte has an odd or even number of one bits, by its low-order bit.
void SetParity(CleansedBytes& bytes, bool odd) {
  for (std::uint8_t& byte : bytes) {
    const bool is_odd = std::popcount(byte) % 2 != 0;
    if (is_odd != odd) byte ^= 1U;
  }
}

}  // namespace

Status RandomNumberGenerate(Icsf& icsf, std::string_view form,
                            std::span<std::uint8_t> output) {
  SIGTOKEN_ASSIGN(const auto rules, ParseRuleArray(form, kGroups));
  if (output.empty() || output.size() > kMaxRandomNumberBytes) {
    return Refusal(
        kLengthInvalid, CKR_ARGUMENTS_BAD,
        "a random number of " + std::to_string(output.size()) +
            " bytes is out of range",
        "ask for 1 to " + std::to_string(kMaxRandomNumberBytes) + " bytes");
  }
  SIGTOKEN_ASSIGN(const auto token,
                  icsf.directory().FindToken(TokenName::Omnipresent()));
  SIGTOKEN_ASSIGN(CleansedBytes bytes, RandomBytesOf(*token, output.size()));
  if (rules.front() != kRandom) SetParity(bytes, rules.front() == kOdd);
  std::copy(bytes.begin(), bytes.end(), output.begin());
  return Ok();
}

}  // namespace sigtoken
