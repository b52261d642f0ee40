// What a token says of its PIN is heeded before the PIN is spent.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
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
  std::string UnlockCure() const {
    return "the token has counted too many wrong PINs: have its security "
           "officer set a new user PIN (C_InitPIN: pkcs11-tool --module '" +
           fault_.path() +
           "' --token-label 'faulty' --login --login-type so --init-pin, or "
           "the "
           "HSM's own tool); then write that PIN into '" +
           hsm_.pin_file().string() +
           "', even if it is there: sigtoken notices by itself that the file "
           "has changed, and tries no PIN before";
  }
  void TakeThePinOutOfTheConfiguration() {
    configuration_.tokens.front().pin_source.reset();
    Reopen();
  }
  // With the margin of five, since the pauses end at a second.
  Status LoginOnceItMayBeTried() {
    const auto end = BackOff::Clock::now() + 5 * std::chrono::seconds{1};
    auto login = token().Login();
    while (!login && BackOff::Clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
      login = token().Login();
    }
    return login;
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
            "the token IDT.KEYS says that its PIN is locked", UnlockCure()},
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
    std::string cure;
  };
  const std::string cure = "write the right PIN into '" +
                           hsm_.pin_file().string() +
                           "': this one is not tried again";
  for (const Row& row : std::vector<Row>{
           {"CKF_USER_PIN_COUNT_LOW", cure},
           {"CKF_USER_PIN_FINAL_TRY", cure + "; one more wrong PIN locks it"},
           {"CKF_USER_PIN_LOCKED", UnlockCure()},
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
    EXPECT_EQ(CureOf(login), row.cure);
    fault_.Script("");
  }
  // Another process is told how to unlock it, and asks the token no more.
  Reopen();
  EXPECT_EQ(CureOf(token().Login()), UnlockCure());
}

// A module may refuse a PIN with any code: then the token's flags count.
TEST_F(LoginFlagsTest, APinThatWasCountedIsRefusedWhateverTheCode) {
  for (const std::string flag :
       {"CKF_USER_PIN_COUNT_LOW", "CKF_USER_PIN_FINAL_TRY",
        "CKF_USER_PIN_LOCKED"}) {
    for (const std::string code :
         {"0xCE534351", "CKR_GENERAL_ERROR", "CKR_FUNCTION_REJECTED",
          "CKR_ARGUMENTS_BAD"}) {
      SCOPED_TRACE(flag + " " + code);
      Reopen();
      token();
      // Another file each time, or it would not be tried.
      std::filesystem::remove(hsm_.pin_file());
      std::ofstream(hsm_.pin_file()) << PrivateSoftHsm2::kPin;
      std::filesystem::permissions(hsm_.pin_file(),
                                   std::filesystem::perms::owner_read);
      const auto logins = fault_.Calls("C_Login");
      fault_.Script("C_Login * return " + code +
                    "\nC_GetTokenInfo 2- set-flag " + flag);
      for (int i = 0; i < 3; ++i) {
        EXPECT_THAT(token().Login(), FailsWith(kNotAuthorized));
      }
      fault_.Script("");
      EXPECT_THAT(token().Login(), FailsWith(kNotAuthorized));
      // Nor by another process of the store.
      Reopen();
      EXPECT_THAT(token().Login(), FailsWith(kNotAuthorized));
      EXPECT_EQ(fault_.Calls("C_Login"), logins + 1);
    }
  }
}

// Nobody mistyped: the PIN is the one that the token was made with, or has
// expired.
TEST_F(LoginFlagsTest, APinThatIsToBeChangedWasNotCounted) {
  for (const std::string code :
       {"0xCE534351", "CKR_GENERAL_ERROR", "CKR_FUNCTION_REJECTED",
        "CKR_ARGUMENTS_BAD"}) {
    SCOPED_TRACE(code);
    Reopen();
    token();
    fault_.Script("C_Login * return " + code +
                  "\nC_GetTokenInfo 2- set-flag CKF_USER_PIN_TO_BE_CHANGED");
    const auto login = token().Login();
    ASSERT_FALSE(login);
    EXPECT_THAT(CureOf(login),
                ::testing::HasSubstr(
                    "; the token says that its PIN is to be changed: change it "
                    "as the user (C_SetPIN: pkcs11-tool --module '"));
    fault_.Script("");
    EXPECT_THAT(LoginOnceItMayBeTried(), IsOk());
  }
}

// It was set before: somebody mistyped. What a device that is gone answers says
// nothing of the PIN.
TEST_F(LoginFlagsTest, ADeviceThatIsGoneCountsNothing) {
  for (const std::string code :
       {"CKR_DEVICE_ERROR", "CKR_DEVICE_REMOVED", "CKR_TOKEN_NOT_PRESENT",
        "CKR_SESSION_HANDLE_INVALID", "CKR_CRYPTOKI_NOT_INITIALIZED"}) {
    SCOPED_TRACE(code);
    Reopen();
    fault_.Script("C_Login 1 return " + code +
                  "\nC_GetTokenInfo * set-flag CKF_USER_PIN_COUNT_LOW");
    EXPECT_THAT(token().Login(), FailsWith(kNotAvailable));
    EXPECT_THAT(LoginOnceItMayBeTried(), IsOk());
  }
}

// Whoever asks again and again is not passed on to the token each time.
TEST_F(LoginFlagsTest, AfterALoginThatFailedTheNextTriesComeLaterAndLater) {
  fault_.Script("C_Login * return 0xCE534351");
  const auto begin = BackOff::Clock::now();
  while (BackOff::Clock::now() < begin + std::chrono::milliseconds{500}) {
    EXPECT_THAT(token().Login(), FailsWith(kNotAvailable));
  }
  // At once, and behind pauses of 50, 100, 200 and 400 ms.
  EXPECT_GE(fault_.Calls("C_Login"), 2U);
  EXPECT_LE(fault_.Calls("C_Login"), 5U);
  fault_.Script("");
  EXPECT_THAT(LoginOnceItMayBeTried(), IsOk());
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
