// Checks of module, token, login, PIN and what others made.

#include "pkcs11/capabilities/checks.h"
#include "tests/capabilities.h"

namespace sigtoken {
namespace {

using testing::Must;

class TokenChecksTest : public testing::CapabilitiesTest {};

TEST_F(TokenChecksTest, AModuleThatIsNotSoftHsmMayBeShared) {
  EXPECT_EQ(Run(CheckModule),
            "ok: SoftHSM, Implementation of PKCS11 2.6, Cryptoki 2.40 -> its "
            "token lies in files of this host, where sigtoken keeps all its "
            "users apart by a lock");
}

TEST_F(TokenChecksTest, AWriteProtectedTokenTakesNoKeys) {
  fault_.Script("C_GetTokenInfo * set-flag CKF_WRITE_PROTECTED");
  const std::string found = Run(CheckToken);
  EXPECT_THAT(found, ::testing::MatchesRegex(
                         "limited: label 'faulty', serial number "
                         "'[0-9a-f]+', write-protected -> keys are not made in "
                         "it: adopt those that are there"));
}

TEST_F(TokenChecksTest, ALoginIsSharedByAllSessions) {
  EXPECT_EQ(Run(CheckLogin),
            "ok: a PIN is required, and every session shares it; once more: "
            "C_Login answered CKR_USER_ALREADY_LOGGED_IN -> sigtoken logs in "
            "once a process, and not for each request");
  EXPECT_EQ(fault_.Calls("C_Login"), 2U);
}

TEST_F(TokenChecksTest, OddAnswersToASecondLoginAreTold) {
  EXPECT_EQ(
      Run(CheckLogin, "C_Login * return CKR_USER_ANOTHER_ALREADY_LOGGED_IN"),
      "limited: a PIN is required, and every session shares it; once more: "
      "C_Login answered CKR_USER_ANOTHER_ALREADY_LOGGED_IN -> let no other "
      "part of a program log in to it");
  EXPECT_EQ(Run(CheckLogin, "C_Login * return CKR_OK"),
            "ok: a PIN is required, and every session shares it; once more: "
            "C_Login answered CKR_OK -> sigtoken logs in once a process, and "
            "not for each request");
}

TEST_F(TokenChecksTest, ALoginThatIsNotSharedIsOfNoUse) {
  Must(token().LoginUntried());
  {
    const auto held = Must(token().Change());
    Session session = Must(token().OpenSession(held, Access::kReadOnly));
    ASSERT_EQ(session.functions().C_Logout(session.handle()), CKR_OK);
  }
  EXPECT_EQ(Run(CheckLogin),
            "failed: a session beside the one that logged in is not -> "
            "sigtoken cannot sign: its sessions share one login");
  EXPECT_FALSE(known_.has_sessions);
}

TEST_F(TokenChecksTest, WithoutALoginEverybodySigns) {
  fault_.Script("C_GetTokenInfo * clear-flag CKF_LOGIN_REQUIRED");
  Must(token().LoginUntried());
  EXPECT_EQ(Run(CheckLogin),
            "limited: none is required -> whoever can load the module can "
            "sign: set a user PIN");
  EXPECT_EQ(fault_.Calls("C_Login"), 0U);
}

TEST_F(TokenChecksTest, AKeypadIsNotAskedTwice) {
  configuration_.tokens.front().pin_source.reset();
  Reopen();
  const std::string script =
      "C_GetTokenInfo * set-flag CKF_PROTECTED_AUTHENTICATION_PATH\n"
      "C_Login * own-keypad 1234";
  fault_.Script(script);
  Must(token().LoginUntried());
  EXPECT_EQ(Run(CheckLogin, script),
            "ok: the token may ask at a keypad of its own, and every session "
            "shares it -> sigtoken logs in once a process, and not for each "
            "request");
  EXPECT_EQ(fault_.Calls("C_Login"), 1U);
}

TEST_F(TokenChecksTest, WhatTheTokenSaysOfItsPinIsTold) {
  EXPECT_EQ(Run(CheckPin),
            "ok: 4 to 255 bytes -> a wrong one is tried once, until its file "
            "changes");
  EXPECT_EQ(
      Run(CheckPin, "C_GetTokenInfo * set-flag CKF_USER_PIN_COUNT_LOW"),
      "limited: 4 to 255 bytes; the token says that a wrong one was tried -> "
      "see who did: too many lock some tokens for good");
  EXPECT_EQ(
      Run(CheckPin, "C_GetTokenInfo * set-flag CKF_USER_PIN_TO_BE_CHANGED"),
      "limited: 4 to 255 bytes, and is to be changed -> change it with the "
      "vendor's tool before it expires");
}

TEST_F(TokenChecksTest, KeysThatOthersMadeAreCounted) {
  EXPECT_EQ(Run(CheckKeysOfOthers),
            "ok: none for HMAC among 0 secret keys -> none is there to be "
            "adopted");
  const std::vector<std::uint8_t> value(32, 7);
  testing::Import(token(), testing::KeyToImport("one", value));
  Attributes useless = testing::KeyToImport("two", value);
  useless.Remove(CKA_SIGN);
  useless.Remove(CKA_VERIFY);
  testing::Import(token(),
                  useless.Flag(CKA_SIGN, false).Flag(CKA_VERIFY, false));
  Attributes aes = testing::KeyToImport("three", value);
  aes.Remove(CKA_KEY_TYPE);
  testing::Import(token(), aes.Number(CKA_KEY_TYPE, CKK_AES));
  EXPECT_EQ(Run(CheckKeysOfOthers),
            "ok: 3 secret keys, 1 for HMAC -> 'sigtoken key adopt' gives a "
            "handle to what others made");
  EXPECT_EQ(known_.keys_of_others, 1U);
  EXPECT_EQ(fault_.Calls("C_SignInit"), 0U);
}

}  // namespace
}  // namespace sigtoken
