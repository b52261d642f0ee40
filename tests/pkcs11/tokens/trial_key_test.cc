#include "pkcs11/tokens/trial_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

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

// Each of them would have the host lock to itself for as long as the device
// likes.
TEST_F(TrialKeyTest, OneOfManyWhoFailTriesItAndTheOthersDoNotWait) {
  testing::ImportKey(token(), {1, 'T'},
                     std::vector<std::uint8_t>(64, std::uint8_t{0xA5}));
  const Key key = FindKey(1);
  const auto made = fault_.Calls("C_GenerateKey");
  fault_.Script(
      "C_Sign * delay 300\n"
      "C_Sign * return CKR_DEVICE_ERROR");
  std::atomic<int> not_available = 0;
  std::atomic<int> at_once = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 12; ++i) {
      threads.emplace_back([&] {
        const auto begin = std::chrono::steady_clock::now();
        const auto mac = key.Sign(Hs256(), {});
        const auto took = std::chrono::steady_clock::now() - begin;
        if (!mac && ToIcsf(mac.error()) == kNotAvailable) ++not_available;
        if (took < std::chrono::milliseconds{5 * 300}) ++at_once;
      });
    }
  }
  EXPECT_EQ(not_available, 12);
  EXPECT_GE(at_once, 11);
  // And one at the login behind it, which meets the fault too (right_mac.cc).
  EXPECT_EQ(fault_.Calls("C_GenerateKey") - made, 1U + 1U);
}

}  // namespace
}  // namespace sigtoken
