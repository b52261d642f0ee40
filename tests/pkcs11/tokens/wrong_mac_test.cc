#include "pkcs11/tokens/wrong_mac.h"

#include <gtest/gtest.h>

#include "tests/embedded_home.h"
#include "tests/import_key.h"

namespace sigtoken {
namespace {

using testing::Must;

class WrongMacTest : public testing::TokenTest {
 protected:
  bool Answers(CK_RV rv) {
    Must(token_->Login());
    const auto held = Must(token_->Change());
    return AnswersWrongMac(*token_, held, Hs256(), rv);
  }
};

// What NSS does instead is in tests/modules.
TEST_F(WrongMacTest, AModuleThatFollowsTheStandardGivesNoErrorToAWrongMac) {
  for (const CK_RV rv : {CKR_DEVICE_ERROR, CKR_GENERAL_ERROR, CKR_OK}) {
    EXPECT_FALSE(Answers(rv)) << rv;
  }
}

TEST_F(WrongMacTest, TheTrialLeavesNothingInTheToken) {
  EXPECT_FALSE(Answers(CKR_DEVICE_ERROR));
  EXPECT_EQ(testing::CountObjects(*token_), 0U);
}

TEST_F(WrongMacTest, ATokenThatCannotMakeATrialKeySaysNothing) {
  const auto held = Must(token_->Change());
  // Nobody is logged in: no private key can be made.
  EXPECT_FALSE(AnswersWrongMac(*token_, held, Hs256(), CKR_DEVICE_ERROR));
}

}  // namespace
}  // namespace sigtoken
