#include "tests/fault/lack_actions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/fault/raw_calls.h"

namespace sigtoken::testing {
namespace {

class FaultLackTest : public RawCallsTest {};

TEST_F(FaultLackTest, SessionsAreCountedAndRefused) {
  fault_.Script("* * most-sessions 2");
  const auto open = [&] {
    return token().OpenSession(Must(token().Look()), Access::kReadOnly);
  };
  auto first = open();
  EXPECT_TRUE(first);
  {
    const auto second = open();
    EXPECT_TRUE(second);
    const auto third = open();
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().rv, CKR_SESSION_COUNT);
  }
  EXPECT_TRUE(open());
}

TEST_F(FaultLackTest, KeysAreAlike) {
  fault_.Script("C_GenerateKey * same-key");
  const CK_OBJECT_HANDLE first = Generate();
  const CK_OBJECT_HANDLE second = Generate();
  EXPECT_NE(first, second);
  Text mac;
  Text other;
  EXPECT_EQ(Sign(*session_, first, mac), CKR_OK);
  EXPECT_EQ(Sign(*session_, second, other), CKR_OK);
  EXPECT_EQ(mac, other);
  EXPECT_NE(mac, Right());
  fault_.Script("C_CreateObject * same-key");
  const CK_OBJECT_HANDLE third = Create("third", value_);
  EXPECT_EQ(Sign(*session_, third, other), CKR_OK);
  EXPECT_EQ(mac, other);
}

TEST_F(FaultLackTest, RandomNumbersAreAlike) {
  fault_.Script("C_GenerateRandom * same-random");
  Text drawn(3);
  EXPECT_EQ(functions().C_GenerateRandom(session_->handle(), drawn.data(),
                                         drawn.size()),
            CKR_OK);
  EXPECT_EQ(drawn, Text(3, 0x5A));
}

TEST_F(FaultLackTest, TheRoomForAMacIsNotLookedAt) {
  fault_.Script("C_Sign * ignore-room");
  CK_MECHANISM mechanism{CKM_SHA256_HMAC, nullptr, 0};
  CK_BYTE data[] = {'d', 'a', 't', 'a'};
  ASSERT_EQ(functions().C_SignInit(session_->handle(), &mechanism, key_),
            CKR_OK);
  Text mac(64);
  CK_ULONG bytes = 4;
  EXPECT_EQ(functions().C_Sign(session_->handle(), data, sizeof data,
                               mac.data(), &bytes),
            CKR_OK);
  mac.resize(bytes);
  EXPECT_EQ(mac, Right());
}

}  // namespace
}  // namespace sigtoken::testing
