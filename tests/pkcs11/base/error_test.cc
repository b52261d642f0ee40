#include "pkcs11/base/error.h"

#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

TEST(ErrorTest, OwnCodesComeBeforeThoseOfTheCkRv) {
  EXPECT_EQ(ToIcsf(Error{CKR_KEY_HANDLE_INVALID, "C_SignInit", "", "",
                         kObjectNotFound}),
            kObjectNotFound);
  EXPECT_EQ(ToIcsf(Error{CKR_KEY_HANDLE_INVALID, "C_SignInit", "", "", {}}),
            (IcsfCode{8, 3043}));
}

TEST(ErrorTest, ARefusalNamesNoFunction) {
  const Error error =
      Refusal(kHandleInvalid, CKR_ARGUMENTS_BAD, "refused", "do this");
  EXPECT_EQ(error.rv, CK_RV{CKR_ARGUMENTS_BAD});
  EXPECT_EQ(error.call, "");
  EXPECT_EQ(error.message, "refused");
  EXPECT_EQ(error.cure, "do this");
  EXPECT_EQ(ToIcsf(error), kHandleInvalid);
}

TEST(ErrorTest, WhatIsUnavailableIs12) {
  const Error error = Unavailable("gone", "bring it back");
  EXPECT_EQ(error.rv, CK_RV{CKR_TOKEN_NOT_PRESENT});
  EXPECT_EQ(ToIcsf(error), (IcsfCode{12, 0}));
}

TEST(ErrorTest, AFaultIs16AndAsksForAReport) {
  const Error error = Fault("two keys where one should be");
  EXPECT_EQ(ToIcsf(error), (IcsfCode{16, 0}));
  EXPECT_EQ(ToText(error),
            "two keys where one should be (ICSF 16/0, X'0'). Report this, with "
            "the command that led to it");
}

TEST(ErrorTest, TheTextHasTheFunctionItsAnswerTheCodesAndTheCure) {
  EXPECT_EQ(ToText(Error{CKR_KEY_HANDLE_INVALID,
                         "C_SignInit",
                         "cannot sign with A:00000001T",
                         "list the keys",
                         {}}),
            "cannot sign with A:00000001T: C_SignInit answered "
            "CKR_KEY_HANDLE_INVALID (ICSF 8/3043, X'BE3'). List the keys");
}

TEST(ErrorTest, TheTextLeavesOutWhatIsNotThere) {
  EXPECT_EQ(ToText(Refusal(kTokenNotFound, CKR_ARGUMENTS_BAD, "no token", "")),
            "no token (ICSF 8/3024, X'BD0')");
}

TEST(ErrorTest, TheTextKeepsTheNumberOfAVendorsCode) {
  EXPECT_EQ(ToText(Error{0xCE534351, "C_Initialize", "no start", "", {}}),
            "no start: C_Initialize answered CKR 0xCE534351 (ICSF 12/0, X'0')");
}

}  // namespace
}  // namespace sigtoken
