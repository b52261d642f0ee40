// Matchers for Result and Status, and what an Error is compared by.

#ifndef TESTS_PKCS11_RESULT_MATCHERS_H_
#define TESTS_PKCS11_RESULT_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkcs11/base/error.h"
#include "pkcs11/base/result.h"

namespace sigtoken::testing {

// EXPECT_THAT(Handle::Parse(text), IsOk());
MATCHER(IsOk, "is no error") {
  if (arg.has_value()) return true;
  *result_listener << "error: " << ToText(arg.error());
  return false;
}

// EXPECT_THAT(Handle::Parse(text), FailsWith(kHandleInvalid));
MATCHER_P(FailsWith, code,
          "fails with ICSF " + std::to_string(code.return_code) + "/" +
              std::to_string(code.reason_code)) {
  if (arg.has_value()) {
    *result_listener << "it is no error";
    return false;
  }
  *result_listener << "error: " << ToText(arg.error());
  return ToIcsf(arg.error()) == code;
}

// The message and the cure, or "" where there is no error.
template <typename T>
std::string MessageOf(const Result<T>& result) {
  return result ? "" : result.error().message;
}

template <typename T>
std::string CureOf(const Result<T>& result) {
  return result ? "" : result.error().cure;
}

}  // namespace sigtoken::testing

#endif  // TESTS_PKCS11_RESULT_MATCHERS_H_
