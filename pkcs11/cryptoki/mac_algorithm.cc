#include "pkcs11/cryptoki/mac_algorithm.h"

#include <string>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

// ICSF Application Programmer's Guide, CSFPHMG.
constexpr auto kAlgorithms = std::to_array<MacAlgorithm>({
    {"MD5", "MD5     ", CKM_MD5_HMAC, 16},
    {"SHA-1", "SHA-1   ", CKM_SHA_1_HMAC, 20},
    {"SHA-224", "SHA-224 ", CKM_SHA224_HMAC, 28},
    {"HS256", "SHA-256 ", CKM_SHA256_HMAC, 32},
    {"HS384", "SHA-384 ", CKM_SHA384_HMAC, 48},
    {"HS512", "SHA-512 ", CKM_SHA512_HMAC, 64},
    {"SSL3-MD5", "SSL3-MD5", CKM_SSL3_MD5_MAC, 16, true},
    {"SSL3-SHA", "SSL3-SHA", CKM_SSL3_SHA1_MAC, 20, true},
});

// JOSE's lie side by side.
constexpr std::size_t kFirstOfJose = 3;
constexpr std::size_t kJose = 3;
static_assert(kAlgorithms[kFirstOfJose].mechanism == CKM_SHA256_HMAC &&
              kAlgorithms[kFirstOfJose + kJose - 1].mechanism ==
                  CKM_SHA512_HMAC);

std::string_view WithoutBlanks(std::string_view keyword) {
  return keyword.substr(0, keyword.find_last_not_of(' ') + 1);
}

}  // namespace

std::span<const MacAlgorithm> HmacAlgorithms() { return kAlgorithms; }

const MacAlgorithm* FindHmacAlgorithm(std::string_view keyword) {
  for (const MacAlgorithm& algorithm : HmacAlgorithms()) {
    if (WithoutBlanks(algorithm.icsf_keyword) == keyword) return &algorithm;
  }
  return nullptr;
}

std::span<const MacAlgorithm> MacAlgorithms() {
  return HmacAlgorithms().subspan(kFirstOfJose, kJose);
}

const MacAlgorithm& Hs256() { return MacAlgorithms().front(); }

const MacAlgorithm* FindMacAlgorithm(std::string_view name) {
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    if (algorithm.name == name) return &algorithm;
  }
  return nullptr;
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
