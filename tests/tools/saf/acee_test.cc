#include "tools/saf/acee.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/tools/saf/calls.h"

namespace sigtoken::testing {
namespace {

std::string WhyNot(const ACEE& acee) {
  const auto user = saf::UserOf(&acee, "ACEE2_ptr");
  return user ? *user : user.error().message;
}

TEST(AceeTest, HasTheUserAndBlanks) {
  ACEE acee;
  std::memset(&acee, '?', sizeof acee);
  EXPECT_EQ(acee_init(&acee, "USER1"), 0);
  EXPECT_EQ(std::string(acee.ACEEACEE, 4), "ACEE");
  EXPECT_EQ(UserIn(acee), "5 USER1   ");
  EXPECT_EQ(std::string(acee.ACEERSVD, sizeof acee.ACEERSVD),
            std::string(sizeof acee.ACEERSVD, '\0'));
  EXPECT_EQ(WhyNot(acee), "USER1");
}

TEST(AceeTest, WhatIsNoUserIdGetsNone) {
  for (const char* user : {"", "user1", "USER12345", "USER 1", "*",
                           static_cast<const char*>(nullptr)}) {
    ACEE acee;
    std::memset(&acee, '?', sizeof acee);
    EXPECT_EQ(acee_init(&acee, user), 8);
    EXPECT_EQ(acee.ACEEACEE[0], '?');
  }
  EXPECT_EQ(acee_init(nullptr, "USER1"), 8);
}

TEST(AceeTest, TheMessageSaysWhatIsWrong) {
  ACEE acee{};
  EXPECT_EQ(WhyNot(acee),
            "ACEE2_ptr does not point at an ACEE: its eyecatcher is not ACEE");
  ASSERT_EQ(acee_init(&acee, "USER1"), 0);
  acee.ACEEUSRL = 9;
  EXPECT_EQ(WhyNot(acee), "ACEEUSRL of ACEE2_ptr is 9");
  acee.ACEEUSRL = 0;
  EXPECT_EQ(WhyNot(acee), "ACEEUSRL of ACEE2_ptr is 0");
}

TEST(AceeTest, NobodyIsAnAsterisk) {
  ACEE acee;
  saf::WriteAcee(&acee, "");
  EXPECT_EQ(UserIn(acee), "1 *       ");
}

}  // namespace
}  // namespace sigtoken::testing
