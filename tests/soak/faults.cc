#include "tests/soak/faults.h"

#include <array>
#include <string_view>

namespace sigtoken::testing {
namespace {

constexpr std::size_t kScripts = 300;
constexpr std::size_t kMostRules = 3;
constexpr std::size_t kLatestCall = 300;
constexpr std::size_t kMostCalls = 12;
constexpr std::size_t kLongestDelayMilliseconds = 60;

// What a device, a driver or a session that is gone may answer to anything.
constexpr auto kCodes = std::to_array<std::string_view>({
    "CKR_DEVICE_ERROR",
    "CKR_DEVICE_MEMORY",
    "CKR_DEVICE_REMOVED",
    "CKR_TOKEN_NOT_PRESENT",
    "CKR_GENERAL_ERROR",
    "CKR_FUNCTION_FAILED",
    "CKR_HOST_MEMORY",
    "CKR_SESSION_HANDLE_INVALID",
    "CKR_SESSION_CLOSED",
    "CKR_CRYPTOKI_NOT_INITIALIZED",
    "CKR_USER_NOT_LOGGED_IN",
    "0xCE534351",
});
constexpr auto kFunctions = std::to_array<std::string_view>({
    "C_SignInit",
    "C_Sign",
    "C_VerifyInit",
    "C_Verify",
    "C_OpenSession",
    "C_GetSessionInfo",
    "C_FindObjectsInit",
    "C_FindObjects",
    "C_GetAttributeValue",
    "C_Initialize",
    "C_GetSlotList",
    "C_GetTokenInfo",
    "C_Login",
});
// FUNCTION and what it does; between them is when.
struct Other {
  std::string_view function;
  std::string_view action;
};
constexpr auto kOthers = std::to_array<Other>({
    {"C_SignInit", "return CKR_KEY_HANDLE_INVALID"},
    {"C_SignInit", "return CKR_OBJECT_HANDLE_INVALID"},
    {"C_SignInit", "return CKR_OPERATION_ACTIVE"},
    {"C_Sign", "return CKR_OPERATION_NOT_INITIALIZED"},
    {"C_Sign", "after CKR_DEVICE_ERROR"},
    {"C_Sign", "truncate 1"},
    {"C_Sign", "lengthen 1"},
    {"C_SignInit", "lose-session"},
    {"C_Sign", "lose-session"},
    {"C_VerifyInit", "lose-session"},
    {"C_FindObjects", "lose-session"},
    {"C_SignInit", "lose-login"},
    {"C_FindObjects", "lose-login"},
    {"C_SignInit", "forget"},
    {"C_VerifyInit", "forget"},
    {"C_FindObjects", "forget"},
    {"C_GetSlotList", "no-slots"},
    {"C_CloseSession", "after CKR_DEVICE_ERROR"},
    {"C_Finalize", "after CKR_GENERAL_ERROR"},
});

}  // namespace

RandomFaults::RandomFaults(std::uint64_t seed) : random_(seed) {
  for (std::size_t i = 0; i < kScripts; ++i) {
    std::string& script = scripts_.emplace_back();
    if (i % 3 == 0) continue;
    for (std::size_t rules = 1 + Below(kMostRules); rules > 0; --rules) {
      script += Rule() + '\n';
    }
  }
}

std::size_t RandomFaults::Below(std::size_t end) { return random_() % end; }

std::string RandomFaults::When() {
  const std::size_t first = 1 + Below(kLatestCall);
  return std::to_string(first) + '-' +
         std::to_string(first + Below(kMostCalls));
}

std::string RandomFaults::Rule() {
  const auto kind = Below(8);
  if (kind == 0) {
    return "C_Sign " + When() + " delay " +
           std::to_string(1 + Below(kLongestDelayMilliseconds));
  }
  if (kind < 4) {
    const Other& other = kOthers.at(Below(kOthers.size()));
    return std::string(other.function) + ' ' + When() + ' ' +
           std::string(other.action);
  }
  const std::string_view function = kFunctions.at(Below(kFunctions.size()));
  return std::string(function) + ' ' + When() + " return " +
         std::string(kCodes.at(Below(kCodes.size())));
}

const std::string& RandomFaults::Next() {
  return scripts_.at(Below(scripts_.size()));
}

}  // namespace sigtoken::testing
