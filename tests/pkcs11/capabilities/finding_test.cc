#include "pkcs11/capabilities/finding.h"

#include <gtest/gtest.h>

namespace sigtoken {
namespace {

TEST(FindingTest, EachStatusHasAName) {
  EXPECT_EQ(NameOf(CheckStatus::kOk), "ok");
  EXPECT_EQ(NameOf(CheckStatus::kLimited), "limited");
  EXPECT_EQ(NameOf(CheckStatus::kMissing), "missing");
  EXPECT_EQ(NameOf(CheckStatus::kFailed), "failed");
}

TEST(FindingTest, AnAnswerIsToldInAPhrase) {
  EXPECT_EQ(AnswerOf("C_Sign", CKR_KEY_SIZE_RANGE),
            "C_Sign answered CKR_KEY_SIZE_RANGE");
  EXPECT_EQ(AnswerOf("C_Sign", 0xCE534351), "C_Sign answered CKR 0xCE534351");
  EXPECT_EQ(AnswerOf(Error{CKR_HOST_MEMORY, "C_Login", "could not", "", {}}),
            "C_Login answered CKR_HOST_MEMORY");
  EXPECT_EQ(AnswerOf(Error{CKR_HOST_MEMORY, "", "no memory", "buy", {}}),
            "no memory");
  // The module answered CKR_OK.
  EXPECT_EQ(AnswerOf(Error{CKR_DEVICE_ERROR,
                           "C_Sign",
                           "could not sign",
                           "the module gave a MAC of 31 bytes, not 32",
                           {}}),
            "C_Sign: the module gave a MAC of 31 bytes, not 32");
}

TEST(FindingTest, ThingsAreCountedAndJoined) {
  EXPECT_EQ(Count(0, "key"), "0 keys");
  EXPECT_EQ(Count(1, "key"), "1 key");
  EXPECT_EQ(Count(2, "key"), "2 keys");
  EXPECT_EQ(Join({}), "");
  EXPECT_EQ(Join({"a"}), "a");
  EXPECT_EQ(Join({"a", "b"}), "a and b");
  EXPECT_EQ(Join({"a", "b", "c"}), "a, b and c");
}

}  // namespace
}  // namespace sigtoken
