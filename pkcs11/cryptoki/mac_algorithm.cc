#include "pkcs11/cryptoki/mac_algorithm.h"

#include <algorithm>
#include <string>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

constexpr auto kAlgorithms = std::to_array<MacAlgorithm>({
    {"HS256", "SHA-256 ", CKM_SHA256_HMAC, 32},
    {"HS384", "SHA-384 ", CKM_SHA384_HMAC, 48},
    {"HS512", "SHA-512 ", CKM_SHA512_HMAC, 64},
});

}  // namespace

std::span<const MacAlgorithm> MacAlgorithms() { return kAlgorithms; }

const MacAlgorithm& Hs256() { return kAlgorithms.front(); }

const MacAlgorithm* FindMacAlgorithm(std::string_view name) {
  const auto* found =
      std::find_if(kAlgorithms.begin(), kAlgorithms.end(),
                   [&](const MacAlgorithm& a) { return a.name == name; });
  return found == kAlgorithms.end() ? nullptr : found;
}

Result<const MacAlgorithm*> ParseMacAlgorithm(std::string_view name) {
  if (const MacAlgorithm* found = FindMacAlgorithm(name)) return found;
  const std::string upper = UpperCase(name);
  return Refusal(kRuleArrayInvalid, CKR_MECHANISM_INVALID,
                 Quoted(name) + " is not an algorithm for identity tokens",
                 FindMacAlgorithm(upper) != nullptr
                     ? "write it in upper case: " + upper
                     : "use HS256, HS384 or HS512");
}

}  // namespace sigtoken
