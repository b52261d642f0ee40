// What a token says of its PIN is heeded before the PIN is spent.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "keygen/generate.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::PrivateSoftHsm2;

class LoginFlagsTest : public testing::FaultyTokenTest {
 protected:
  void TakeThePinOutOfTheConfiguration() {
    configuration_.tokens.front().pin_source.reset();
    Reopen();
  }
};

TEST_F(LoginFlagsTest, APinThatTheTokenCallsLockedOrNearlySoIsNotTried) {
  struct Row {
    std::string flag;
    std::string message;
    std::string cure;
  };
  for (const Row& row : std::vector<Row>{
           {"CKF_USER_PIN_LOCKED",
            "the token IDT.KEYS says that its PIN is locked",
            "have its security officer set a new PIN"},
           {"CKF_USER_PIN_FINAL_TRY",
            "the token IDT.KEYS says that one more wrong PIN locks it",
            "log in once with the right PIN, with the vendor's own tool"}}) {
    SCOPED_TRACE(row.flag);
    fault_.Script("C_GetTokenInfo * set-flag " + row.flag);
    const auto login = token().Login();
    ASSERT_THAT(login, FailsWith(kNotAuthorized));
    EXPECT_EQ(login.error().rv, CK_RV{CKR_PIN_LOCKED});
    EXPECT_EQ(MessageOf(login), row.message);
    EXPECT_EQ(CureOf(login), row.cure);
    EXPECT_EQ(fault_.Calls("C_Login"), 0U);
  }
}

// It is the token that remembers, not we: a PIN that was never refused is not
// latched.
TEST_F(LoginFlagsTest, ATokenThatWasUnlockedIsLoggedInTo) {
  fault_.Script("C_GetTokenInfo * set-flag CKF_USER_PIN_LOCKED");
  EXPECT_THAT(token().Login(), FailsWith(kNotAuthorized));
  fault_.Script("");
  EXPECT_THAT(token().Login(), IsOk());
  EXPECT_EQ(fault_.Calls("C_Login"), 1U);
}

// A count that is low says that somebody mistyped, not that we may not try.
TEST_F(LoginFlagsTest, ACountThatIsLowIsNoReasonNotToLogIn) {
  fault_.Script("C_GetTokenInfo * set-flag CKF_USER_PIN_COUNT_LOW");
  EXPECT_THAT(token().Login(), IsOk());
}

// Asked behind the refusal: what it says then is what the person must know.
TEST_F(LoginFlagsTest, HowManyTriesAreLeftIsSaidWithTheRefusal) {
  struct Row {
    std::string flag;
    std::string end;
  };
  const std::string cure = "write the right PIN into '" +
                           hsm_.pin_file().string() +
                           "': this one is not tried again";
  for (const Row& row : std::vector<Row>{
           {"CKF_USER_PIN_COUNT_LOW", ""},
           {"CKF_USER_PIN_FINAL_TRY", "; one more wrong PIN locks it"},
           {"CKF_USER_PIN_LOCKED", "; the token has locked it"},
       }) {
    SCOPED_TRACE(row.flag);
    Reopen();
    token();
    // Another PIN each time, or it would not be tried.
    std::ofstream(hsm_.pin_file()) << "wrong" << row.flag.size();
    fault_.Script("C_GetTokenInfo 2- set-flag " + row.flag);
    const auto login = token().Login();
    ASSERT_THAT(login, FailsWith(kNotAuthorized));
    EXPECT_EQ(login.error().rv, CK_RV{CKR_PIN_INCORRECT});
    EXPECT_EQ(CureOf(login), cure + row.end);
    fault_.Script("");
  }
}

TEST_F(LoginFlagsTest, ATokenWithAKeypadOfItsOwnIsGivenNoPin) {
  fault_.Script(std::string("C_GetTokenInfo * set-flag "
                            "CKF_PROTECTED_AUTHENTICATION_PATH\n"
                            "C_Login * own-keypad ") +
                PrivateSoftHsm2::kPin);
  TakeThePinOutOfTheConfiguration();
  ASSERT_THAT(token().Login(), IsOk());
  EXPECT_EQ(fault_.Calls("C_Login"), 1U);
  // What needs the login works: the PIN arrived.
  Must(GenerateKey(token(), {}));
  EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), IsOk());
}

TEST_F(LoginFlagsTest, APinThatIsConfiguredGoesToATokenWithAKeypadToo) {
  fault_.Script(
      "C_GetTokenInfo * set-flag CKF_PROTECTED_AUTHENTICATION_PATH\n"
      "C_Login * own-keypad unused");
  const auto login = token().Login();
  ASSERT_FALSE(login);
  EXPECT_EQ(login.error().rv, CK_RV{CKR_ARGUMENTS_BAD});
}

TEST_F(LoginFlagsTest, WithNeitherPinNorKeypadNothingIsTried) {
  TakeThePinOutOfTheConfiguration();
  const auto login = token().Login();
  EXPECT_THAT(login, FailsWith(kNotAuthorized));
  EXPECT_EQ(MessageOf(login), "no PIN is named for the token IDT.KEYS");
  EXPECT_EQ(CureOf(login), "add pin-source=file:/PATH to its URI");
  EXPECT_EQ(fault_.Calls("C_Login"), 0U);
}

// With a PIN and without: a token that wants none may refuse each.
TEST_F(LoginFlagsTest, ATokenThatWantsNoLoginIsNotLoggedInTo) {
  fault_.Script("C_GetTokenInfo * clear-flag CKF_LOGIN_REQUIRED");
  EXPECT_THAT(token().Login(), IsOk());
  TakeThePinOutOfTheConfiguration();
  EXPECT_THAT(token().Login(), IsOk());
  EXPECT_EQ(fault_.Calls("C_Login"), 0U);
}

}  // namespace
}  // namespace sigtoken
