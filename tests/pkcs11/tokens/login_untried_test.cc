// Logins of those who try the module themselves.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkcs11/tokens/token.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::Must;

class LoginUntriedTest : public testing::FaultyTokenTest {
 protected:
  std::optional<CK_RV> Again() {
    const auto held = Must(token().Change());
    Session session = Must(token().OpenSession(held, Access::kReadOnly));
    return token().LoginAgain(held, session);
  }
};

TEST_F(LoginUntriedTest, AModuleThatComputesWrongMacsIsLoggedInTo) {
  fault_.Script("C_Sign * corrupt");
  EXPECT_THAT(token().Login(), FailsWith(kNotAvailable));
  EXPECT_THAT(token().LoginUntried(), IsOk());
  EXPECT_EQ(testing::CountObjects(token()), 0U);
}

TEST_F(LoginUntriedTest, APinThatIsRefusedIsRememberedAllTheSame) {
  fault_.Script("C_Login * return CKR_PIN_INCORRECT");
  EXPECT_THAT(token().LoginUntried(), FailsWith(kNotAuthorized));
  fault_.Script("");
  EXPECT_THAT(token().LoginUntried(), FailsWith(kNotAuthorized));
  EXPECT_THAT(token().Login(), FailsWith(kNotAuthorized));
  EXPECT_EQ(fault_.Calls("C_Login"), 1U);
}

TEST_F(LoginUntriedTest, TheSamePinIsGivenOnceMore) {
  Must(token().LoginUntried());
  EXPECT_EQ(Again(), CKR_USER_ALREADY_LOGGED_IN);
  EXPECT_EQ(fault_.Calls("C_Login"), 2U);
  fault_.Script("C_Login * return CKR_PIN_INCORRECT");
  EXPECT_EQ(Again(), CKR_PIN_INCORRECT);
  fault_.Script("");
  EXPECT_EQ(Again(), CKR_USER_ALREADY_LOGGED_IN);
}

TEST_F(LoginUntriedTest, WithoutAPinThereIsNoSecondLogin) {
  fault_.Script("C_GetTokenInfo * clear-flag CKF_LOGIN_REQUIRED");
  Must(token().LoginUntried());
  EXPECT_EQ(Again(), std::nullopt);
  EXPECT_EQ(fault_.Calls("C_Login"), 0U);
}

}  // namespace
}  // namespace sigtoken
