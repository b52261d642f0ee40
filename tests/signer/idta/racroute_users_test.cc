// What RACROUTE makes of users, and users of RACROUTE.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "signer/idta/racroute.h"
#include "tests/signer/idta/saf_test.h"

namespace sigtoken::testing {
namespace {

class RacrouteUsersTest : public SafTest {
 protected:
  User Find(const std::string& id = "USER01") { return *Must(users_.Find(id)); }
};

constexpr char kUser[] =
    "ADDUSER USER01 PASSWORD(X)\nALTUSER USER01 PASSWORD(X) NOEXPIRED";

// How far an authentication came that is not done.
TEST_F(RacrouteUsersTest, AUserInTheMiddleOfMfaGetsATokenAndIsNotIn) {
  for (const char* amr : {"mfa-nmi", "mfa-exp", "mfa-newinv"}) {
    SCOPED_TRACE(amr);
    RacrouteRequest request = Password();
    request.amr = {amr};
    EXPECT_EQ(CodeOf(Racroute(system_, request, nullptr, "")), "8/74/1");
    Idta idta = ZowesIdta();
    const RacrouteResult made = Racroute(system_, request, &idta, "");
    EXPECT_EQ(CodeOf(made), "8/74/1");
    EXPECT_EQ(made.user, "");
    EXPECT_EQ(idta.prop_out, kSafIdtReturn | kIdtSigned);
    const std::string token = made.generated->token;
    EXPECT_EQ(idta.idt_len, token.size());

    idta = ZowesIdta(token.size());
    const RacrouteResult alone = Racroute(system_, TokenAlone(), &idta, token);
    EXPECT_EQ(CodeOf(alone), "8/74/1");
    EXPECT_TRUE(alone.validated->valid);
    EXPECT_EQ(alone.user, "");
    EXPECT_EQ(idta.idt_len, token.size());

    request = TokenAlone();
    request.amr = {"mfa-only"};
    const RacrouteResult done = Racroute(system_, request, &idta, token);
    EXPECT_EQ(CodeOf(done), "0/0/0");
    EXPECT_EQ(done.user, "USER01");
    EXPECT_EQ(idta.prop_out, 0xE000);
  }
}

TEST_F(RacrouteUsersTest, ANewPasswordDoesNotEndWhatMfaHasBegun) {
  Lines("ADDUSER USER01 PASSWORD(X)");
  RacrouteRequest request = Password();
  request.amr = {"mfa-nmi", "saf-ptkt"};
  Idta idta = ZowesIdta();
  const std::string token =
      Racroute(system_, request, &idta, "").generated->token;
  request = TokenAlone();
  request.new_credential = Authenticator::kPassword;
  idta = ZowesIdta(token.size());
  const RacrouteResult result = Racroute(system_, request, &idta, token);
  EXPECT_EQ(CodeOf(result), "8/74/1");
  EXPECT_FALSE(result.generated);
  EXPECT_EQ(result.user, "");
  EXPECT_TRUE(Find().password_expired);
}

// The way out of 8/74/1, for who has no AMR.
TEST_F(RacrouteUsersTest, WhatIsTypedAgainEndsWhatMfaHasBegun) {
  Lines("ADDUSER USER01 PASSWORD(X)");
  RacrouteRequest request = Password();
  request.amr = {"mfa-exp"};
  Idta idta = ZowesIdta();
  const std::string token =
      Racroute(system_, request, &idta, "").generated->token;
  // The password has expired, and a new factor must be set anyway.
  EXPECT_EQ(CodeOf(Check(token, Password())), "8/74/1");
  request = Password();
  request.new_credential = Authenticator::kPassword;
  idta = ZowesIdta(token.size());
  const RacrouteResult result = Racroute(system_, request, &idta, token);
  EXPECT_EQ(CodeOf(result), "0/0/0");
  EXPECT_EQ(result.user, "USER01");
  EXPECT_EQ(idta.prop_out, 0xE000);
  EXPECT_EQ(nlohmann::json::parse(result.generated->claims_json)["amr"],
            nlohmann::json{"saf-pwd"});
  EXPECT_EQ(LastRecord()["amr"], nlohmann::json{"saf-pwd"});
  EXPECT_FALSE(Find().password_expired);
}

// Whose password it was nobody says.
TEST_F(RacrouteUsersTest, APasswordOfNobodyEndsNothing) {
  RacrouteRequest request = Password();
  request.amr = {"mfa-nmi"};
  Idta idta = ZowesIdta();
  const std::string token =
      Racroute(system_, request, &idta, "").generated->token;
  request = Password();
  request.user.reset();
  EXPECT_EQ(CodeOf(Check(token, request)), "8/74/1");
  EXPECT_EQ(CodeOf(Check(token, Password())), "0/0/0");
}

// The token says mfa-exp alone.
TEST_F(RacrouteUsersTest, WhatAuthenticatesNowMayBeSetAnew) {
  Lines("ADDUSER USER01 PASSWORD(X)");
  RacrouteRequest request = Password();
  request.amr = {"mfa-exp"};
  Idta idta = ZowesIdta();
  const std::string token =
      Racroute(system_, request, &idta, "").generated->token;
  request = TokenAlone();
  request.amr = {"mfa-comp", "saf-pwd"};
  request.new_credential = Authenticator::kPhrase;
  EXPECT_EQ(CodeOf(Check(token, request)), "8/10/0");
  request.new_credential = Authenticator::kPassword;
  EXPECT_EQ(CodeOf(Check(token, request)), "0/0/0");
  EXPECT_FALSE(Find().password_expired);
}

TEST_F(RacrouteUsersTest, AMfaThatIsBegunNowIsNotDone) {
  const std::string token = MakeToken();
  RacrouteRequest request = TokenAlone();
  request.amr = {"mfa-nmi"};
  Idta idta = ZowesIdta(token.size());
  const RacrouteResult result = Racroute(system_, request, &idta, token);
  EXPECT_EQ(CodeOf(result), "8/74/1");
  EXPECT_EQ(result.user, "");
  EXPECT_EQ(idta.prop_out, kSafIdtReturn | kIdtSigned);
}

TEST_F(RacrouteUsersTest, WhatAuthenticatesNowMustNotHaveExpiredEither) {
  Lines(
      "ADDUSER USER01 PASSWORD(X) PHRASE('a phrase of some length')\n"
      "ALTUSER USER01 PASSWORD(X) NOEXPIRED");
  RacrouteRequest request = Password();
  request.amr = {"saf-ptkt"};
  Idta idta = ZowesIdta();
  const std::string token =
      Racroute(system_, request, &idta, "").generated->token;
  request = TokenAlone();
  request.amr = {"saf-phr"};
  EXPECT_EQ(CodeOf(Check(token, request)), "8/C/0");
  request.amr = {"saf-pwd"};
  EXPECT_EQ(CodeOf(Check(token, request)), "0/0/0");

  request.amr = {"mfa-nmi"};
  request.user = "USER01";
  const std::string begun = Check(token, request).generated->token;
  request = Password();
  EXPECT_EQ(CodeOf(Check(begun, request)), "0/0/0");
  request.credential = Authenticator::kPhrase;
  EXPECT_EQ(CodeOf(Check(begun, request)), "8/C/0");
}

TEST_F(RacrouteUsersTest, CountsAFailedSignatureOnceAndForgetsItAfterAGoodOne) {
  Lines(kUser);
  const std::string token = MakeToken();
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(CodeOf(Check(Flipped(token))), "8/8/0");
    EXPECT_EQ(Find().revoke_count, i);
  }
  EXPECT_EQ(CodeOf(Check(token)), "0/0/0");
  EXPECT_EQ(Find().revoke_count, 0);
}

TEST_F(RacrouteUsersTest, RevokesWhoFailedOnceMoreThanSetroptsAllows) {
  Lines(kUser + std::string("\nSETROPTS PASSWORD(REVOKE(2))"));
  const std::string token = MakeToken();
  Check(Flipped(token));
  Check(Flipped(token));
  EXPECT_EQ(LastRecord()["event_qualifier"], "INVPSWD");
  EXPECT_EQ(CodeOf(Check(token)), "0/0/0");
  Check(Flipped(token));
  Check(Flipped(token));
  EXPECT_FALSE(Find().revoked);
  const RacrouteResult last = Check(Flipped(token));
  EXPECT_EQ(CodeOf(last), "8/8/0");
  EXPECT_EQ(last.reason, "the signature does not fit; the user is revoked now");
  EXPECT_EQ(LastRecord()["event_qualifier"], "REVKAUTO");
  EXPECT_TRUE(Find().revoked);
  EXPECT_EQ(CodeOf(Check(token)), "8/1C/0");
  EXPECT_EQ(LastRecord()["event_qualifier"], "REVKUSER");
}

// A hundred at the same moment, each with a connection to the store of its own
// or not.
TEST_F(RacrouteUsersTest, AHundredThreadsThatFailCountExactly) {
  Lines(kUser);
  const std::string token = Flipped(MakeToken());
  const std::size_t before = Records().size();
  std::vector<std::thread> threads;
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&] {
      SoftwareKey key(std::vector<std::uint8_t>(32, 0x5A));
      SafSystem system = system_;
      system.key.named = key.Source();
      Idta idta = ZowesIdta(token.size());
      const RacrouteResult result =
          Racroute(system, TokenAlone(), &idta, token);
      EXPECT_EQ(CodeOf(result), "8/8/0");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Find().revoke_count, 100);
  EXPECT_EQ(Records().size(), before + 100);
}

TEST_F(RacrouteUsersTest, ANewPasswordIsOnRecordForNextTime) {
  Lines("ADDUSER USER01 PASSWORD(X)");
  RacrouteRequest request = Password();
  Idta idta = ZowesIdta();
  EXPECT_EQ(CodeOf(Racroute(system_, request, &idta, "")), "8/C/0");
  EXPECT_EQ(LastRecord()["INIT_PWD_PHR_EXPIRED"], "YES");
  request.new_credential = Authenticator::kPassword;
  EXPECT_EQ(CodeOf(Racroute(system_, request, &idta, "")), "0/0/0");
  idta = ZowesIdta();
  EXPECT_EQ(CodeOf(Racroute(system_, Password(), &idta, "")), "0/0/0");
}

TEST_F(RacrouteUsersTest, JudgesACapturedTokenForNoUsersSake) {
  Lines(kUser);
  const std::string token = MakeToken();
  Check(Flipped(token));
  system_.judged_at = system_.now;
  EXPECT_EQ(CodeOf(Check(Flipped(token))), "8/8/0");
  EXPECT_EQ(Find().revoke_count, 1);
  EXPECT_EQ(CodeOf(Check(token)), "0/0/0");
  EXPECT_EQ(Find().revoke_count, 1);
  EXPECT_EQ(LastRecord()["judged_at"], FormatIso8601(system_.now));
}

}  // namespace
}  // namespace sigtoken::testing
