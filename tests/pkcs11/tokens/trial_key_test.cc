#include "pkcs11/tokens/trial_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkcs11/cryptoki/mac.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Must;

class TrialKeyTest : public testing::FaultyTokenTest {};

TEST_F(TrialKeyTest, SignsAndVerifiesAndIsNotInTheToken) {
  Must(token().Login());
  {
    const auto held = Must(token().Look());
    Session session = Must(token().OpenSession(held, Access::kReadOnly));
    const auto key = Must(MakeTrialKey(session, 64));
    for (const MacAlgorithm& algorithm : MacAlgorithms()) {
      const Mac mac = Must(SignMac(session, key, algorithm, {}));
      EXPECT_TRUE(Must(VerifyMac(session, key, algorithm, {}, mac.bytes())));
    }
  }
  EXPECT_EQ(testing::CountObjects(token()), 0U);
}

TEST_F(TrialKeyTest, WhatTheModuleDoesNotMakeIsAnError) {
  Must(token().Login());
  const auto held = Must(token().Look());
  Session session = Must(token().OpenSession(held, Access::kReadOnly));
  EXPECT_FALSE(MakeTrialKey(session, 0));
  fault_.Script("C_GenerateKey * return CKR_DEVICE_ERROR");
  EXPECT_THAT(MakeTrialKey(session, 64), testing::FailsWith(kNotAvailable));
}

}  // namespace
}  // namespace sigtoken
