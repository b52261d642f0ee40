#include "tests/fault/names.h"

#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <array>
#include <span>

namespace sigtoken::fault {
namespace {

struct Row {
  std::string_view name;
  std::uint64_t number;
};

constexpr auto kAttributes = std::to_array<Row>({
    {"CKA_CLASS", CKA_CLASS},
    {"CKA_TOKEN", CKA_TOKEN},
    {"CKA_PRIVATE", CKA_PRIVATE},
    {"CKA_LABEL", CKA_LABEL},
    {"CKA_VALUE", CKA_VALUE},
    {"CKA_KEY_TYPE", CKA_KEY_TYPE},
    {"CKA_ID", CKA_ID},
    {"CKA_SENSITIVE", CKA_SENSITIVE},
    {"CKA_ENCRYPT", CKA_ENCRYPT},
    {"CKA_DECRYPT", CKA_DECRYPT},
    {"CKA_WRAP", CKA_WRAP},
    {"CKA_UNWRAP", CKA_UNWRAP},
    {"CKA_SIGN", CKA_SIGN},
    {"CKA_VERIFY", CKA_VERIFY},
    {"CKA_DERIVE", CKA_DERIVE},
    {"CKA_VALUE_LEN", CKA_VALUE_LEN},
    {"CKA_EXTRACTABLE", CKA_EXTRACTABLE},
    {"CKA_LOCAL", CKA_LOCAL},
    {"CKA_NEVER_EXTRACTABLE", CKA_NEVER_EXTRACTABLE},
    {"CKA_ALWAYS_SENSITIVE", CKA_ALWAYS_SENSITIVE},
    {"CKA_MODIFIABLE", CKA_MODIFIABLE},
    {"CKA_ALLOWED_MECHANISMS", CKA_ALLOWED_MECHANISMS},
});

constexpr auto kTokenFlags = std::to_array<Row>({
    {"CKF_RNG", CKF_RNG},
    {"CKF_WRITE_PROTECTED", CKF_WRITE_PROTECTED},
    {"CKF_LOGIN_REQUIRED", CKF_LOGIN_REQUIRED},
    {"CKF_USER_PIN_INITIALIZED", CKF_USER_PIN_INITIALIZED},
    {"CKF_PROTECTED_AUTHENTICATION_PATH", CKF_PROTECTED_AUTHENTICATION_PATH},
    {"CKF_TOKEN_INITIALIZED", CKF_TOKEN_INITIALIZED},
    {"CKF_USER_PIN_COUNT_LOW", CKF_USER_PIN_COUNT_LOW},
    {"CKF_USER_PIN_FINAL_TRY", CKF_USER_PIN_FINAL_TRY},
    {"CKF_USER_PIN_LOCKED", CKF_USER_PIN_LOCKED},
    {"CKF_USER_PIN_TO_BE_CHANGED", CKF_USER_PIN_TO_BE_CHANGED},
    {"CKF_SO_PIN_FINAL_TRY", CKF_SO_PIN_FINAL_TRY},
    {"CKF_SO_PIN_LOCKED", CKF_SO_PIN_LOCKED},
});

std::optional<std::uint64_t> Find(std::span<const Row> rows,
                                  std::string_view name) {
  const auto found =
      std::find_if(rows.begin(), rows.end(),
                   [&](const Row& each) { return each.name == name; });
  if (found == rows.end()) return std::nullopt;
  return found->number;
}

}  // namespace

std::optional<std::uint64_t> FindAttribute(std::string_view name) {
  return Find(kAttributes, name);
}

std::optional<std::uint64_t> FindTokenFlag(std::string_view name) {
  return Find(kTokenFlags, name);
}

}  // namespace sigtoken::fault
