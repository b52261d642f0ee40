#include "signer/idta/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/signer/idta/saf_test.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

class RecordTest : public SafTest {
 protected:
  // Of the fields of the record that say what was evaluated, those with YES, in
  // alphabetical order.
  static json Evaluated(const json& record) {
    json names = json::array();
    for (const auto& [name, value] : record.items()) {
      if (value == "YES" && name != "INIT_RELO443_EXTENDED") {
        names.push_back(name);
      }
    }
    return names;
  }
};

// OA63462, 3.3.1, PASSCHK, and "Other RACROUTE REQUEST=VERIFY Parameters".
TEST_F(RecordTest, WhereNothingIsVerifiedNoPasswordWasEvaluated) {
  for (const auto spoil : std::vector<void (*)(RacrouteRequest&)>{
           [](RacrouteRequest& r) { r.passchk = Passchk::kNo; },
           [](RacrouteRequest& r) { r.start = true; },
           [](RacrouteRequest& r) { r.envrin = true; },
           [](RacrouteRequest& r) { r.icrx = true; },
           [](RacrouteRequest& r) { r.idid = true; }}) {
    RacrouteRequest request = Password();
    spoil(request);
    for (const char* amr : {"", "mfa-nmi"}) {
      if (*amr != '\0') request.amr = {amr};
      Idta idta = ZowesIdta();
      EXPECT_EQ(CodeOf(Racroute(system_, request, &idta, "")), "0/0/0");
      EXPECT_EQ(LastRecord()["amr"], json::array());
      EXPECT_EQ(Evaluated(LastRecord()), json::array());
    }
  }
  RacrouteRequest old = Password();
  old.release = "1.9.2";
  Idta idta = ZowesIdta();
  EXPECT_EQ(CodeOf(Racroute(system_, old, &idta, "")), "0/0/0");
  EXPECT_EQ(LastRecord()["amr"], json{"saf-pwd"});
  EXPECT_EQ(Evaluated(LastRecord()),
            json({"INIT_PASSWORD_EVAL", "INIT_PASSWORD_SUCC"}));
}

TEST_F(RecordTest, ATokenAloneEvaluatesNoPassword) {
  const std::string token = MakeToken();
  EXPECT_EQ(CodeOf(Check(token)), "0/0/0");
  EXPECT_EQ(LastRecord()["amr"], json::array());
  EXPECT_EQ(LastRecord()["idt_amr"], json{"saf-pwd"});
  EXPECT_EQ(Evaluated(LastRecord()), json({"INIT_IDT_EVAL", "INIT_IDT_SUCC"}));
  EXPECT_FALSE(Records().front().contains("idt_amr"));
}

TEST_F(RecordTest, WhatEndsAnMfaThatATokenHasBegunIsOnRecord) {
  RacrouteRequest request = Password();
  request.amr = {"mfa-nmi"};
  Idta idta = ZowesIdta();
  const std::string token =
      Racroute(system_, request, &idta, "").generated->token;
  request = TokenAlone();
  request.amr = {"mfa-comp", "saf-pwd"};
  EXPECT_EQ(CodeOf(Check(token, request)), "0/0/0");
  EXPECT_EQ(LastRecord()["amr"], json({"mfa-comp", "saf-pwd"}));
  EXPECT_EQ(LastRecord()["idt_amr"], json{"mfa-nmi"});
  EXPECT_EQ(
      Evaluated(LastRecord()),
      json({"INIT_IDT_EVAL", "INIT_IDT_SUCC", "INIT_MFA_SUCC", "INIT_MFA_USER",
            "INIT_PASSWORD_EVAL", "INIT_PASSWORD_SUCC"}));
  // Nothing authenticates beside a token that is refused.
  EXPECT_EQ(CodeOf(Check(Flipped(token), request)), "8/8/0");
  EXPECT_EQ(LastRecord()["amr"], json::array());
  EXPECT_FALSE(LastRecord().contains("idt_amr"));
}

TEST_F(RecordTest, TheQualifierSaysWhatHasExpired) {
  Lines(
      "ADDUSER USER01 PASSWORD(X) PHRASE('a phrase of some length')\n"
      "ALTUSER USER01 PASSWORD(X) NOEXPIRED");
  const std::string token = MakeToken();
  RacrouteRequest request = TokenAlone();
  request.amr = {"saf-phr"};
  EXPECT_EQ(CodeOf(Check(token, request)), "8/C/0");
  EXPECT_EQ(LastRecord()["event_qualifier"], "PHREXPR");
  Lines("ALTUSER USER01 PASSWORD(Y)");
  EXPECT_EQ(CodeOf(Check(token)), "8/C/0");
  EXPECT_EQ(LastRecord()["event_qualifier"], "PWDEXPR");
}

// What a blank token comes from.
TEST_F(RecordTest, AnIdtaThatWasIgnoredIsToldFromNone) {
  RacrouteRequest request = Password();
  EXPECT_EQ(CodeOf(Racroute(system_, request, nullptr, "")), "0/0/0");
  EXPECT_EQ(LastRecord()["idta"], nullptr);
  Idta idta = ZowesIdta();
  EXPECT_EQ(CodeOf(Racroute(system_, request, &idta, "")), "0/0/0");
  EXPECT_EQ(LastRecord()["idta"], "used");
  idta = ZowesIdta();
  idta.idt_type = 2;
  EXPECT_EQ(CodeOf(Racroute(system_, request, &idta, "")), "8/70/A07");
  EXPECT_EQ(LastRecord()["idta"], "used");
  request.release = "1.6";
  EXPECT_EQ(CodeOf(Racroute(system_, request, &idta, "")), "0/0/0");
  EXPECT_EQ(LastRecord()["idta"], "ignored: RELEASE=1.6 is below PLV0001");
  SafSystem without_profiles = system_;
  without_profiles.key = {};
  EXPECT_EQ(CodeOf(Racroute(without_profiles, Password(), &idta, "")), "0/0/0");
  EXPECT_EQ(LastRecord()["idta"], "ignored: the class IDTDATA is not active");
  request.appl = "-";
  EXPECT_EQ(CodeOf(Racroute(system_, request, &idta, "")), "8/70/A01");
  EXPECT_EQ(LastRecord()["idta"], nullptr);
  idta = ZowesIdta();
  EXPECT_TRUE(InitAcee(system_, {"APPL01", "USER01"}, idta).returned);
  EXPECT_FALSE(LastRecord().contains("idta"));
}

}  // namespace
}  // namespace sigtoken::testing
