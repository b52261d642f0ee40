#include "signer/idta/racroute.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <thread>

#include "signer/jws/compact.h"
#include "tests/signer/idta/saf_test.h"

namespace sigtoken::testing {
namespace {

using ::testing::StartsWith;

class RacrouteTest : public SafTest {
 protected:
  User Find(const std::string& id = "USER01") { return *Must(users_.Find(id)); }
};

constexpr char kUser[] =
    "ADDUSER USER01 PASSWORD(X)\nALTUSER USER01 PASSWORD(X) NOEXPIRED";

TEST_F(RacrouteTest, MakesATokenAndThenTakesIt) {
  Idta idta = ZowesIdta();
  const RacrouteResult made = Racroute(system_, Password(), &idta, "");
  ASSERT_TRUE(made.generated && made.generated->returned);
  const std::string token = made.generated->token;
  EXPECT_EQ(idta.idt_len, token.size());
  EXPECT_EQ(idta.prop_out, 0xE000);
  EXPECT_EQ(made.user, "USER01");

  const RacrouteResult taken = Racroute(system_, TokenAlone(), &idta, token);
  EXPECT_EQ(CodeOf(taken), "0/0/0");
  EXPECT_EQ(taken.user, "USER01");
  EXPECT_FALSE(taken.generated);
  // Nothing came back this time.
  EXPECT_EQ(idta, ZowesIdta(token.size()));
}

TEST_F(RacrouteTest, AnswersWithoutAnIdtaByTheUserAlone) {
  EXPECT_EQ(CodeOf(Racroute(system_, Password(), nullptr, "")), "0/0/0");
  EXPECT_EQ(CodeOf(Racroute(system_, TokenAlone(), nullptr, "")), "8/8/0");
  Lines("ADDUSER USER01");
  EXPECT_EQ(CodeOf(Racroute(system_, Password(), nullptr, "")), "8/8/0");
}

TEST_F(RacrouteTest, WithoutATokenAndWithoutAPasswordNobodyIsIn) {
  Idta idta = ZowesIdta();
  RacrouteRequest request = Password();
  request.credential.reset();
  const RacrouteResult result = Racroute(system_, request, &idta, "");
  EXPECT_EQ(CodeOf(result), "8/8/0");
  EXPECT_FALSE(result.generated);
  EXPECT_EQ(result.user, "");
}

TEST_F(RacrouteTest, RefusesParametersThatAreNotValid) {
  struct Row {
    void (*spoil)(RacrouteRequest& request);
    const char* message;
  };
  for (const Row& row :
       {Row{[](RacrouteRequest& r) { r.user = "user01"; },
            "'user01' is not valid as user"},
        Row{[](RacrouteRequest& r) { r.user = ""; }, "'' is not valid as user"},
        Row{[](RacrouteRequest& r) { r.user = "USER01234"; },
            "'USER01234' is not valid as user"},
        Row{[](RacrouteRequest& r) { r.user.reset(); }, "no user is named"},
        Row{[](RacrouteRequest& r) { r.appl = "APPL 01"; },
            "'APPL 01' is not valid as application name"},
        Row{[](RacrouteRequest& r) { r.release = ""; }, "'' is not a RELEASE"},
        Row{[](RacrouteRequest& r) { r.release = "plv0001"; },
            "'plv0001' is not a RELEASE"},
        Row{[](RacrouteRequest& r) { r.release = "PLV00001"; },
            "'PLV00001' is not a RELEASE"},
        Row{[](RacrouteRequest& r) { r.release = "PLV000X"; },
            "'PLV000X' is not a RELEASE"},
        Row{[](RacrouteRequest& r) { r.release = "0.9"; },
            "'0.9' is not a RELEASE"},
        Row{[](RacrouteRequest& r) { r.release = "1.9.2 "; },
            "'1.9.2 ' is not a RELEASE"},
        Row{[](RacrouteRequest& r) { r.amr = {"saf-acee"}; },
            "saf-acee is written by initACEE alone"},
        Row{[](RacrouteRequest& r) {
              r.amr = {"saf-pwd", "saf-pwd"};
            },
            "amr is not valid: saf-pwd and saf-pwd exclude each other"}}) {
    SCOPED_TRACE(row.message);
    RacrouteRequest request = Password();
    row.spoil(request);
    Idta idta = ZowesIdta();
    const RacrouteResult result = Racroute(system_, request, &idta, "");
    EXPECT_EQ(CodeOf(result), "8/70/A01");
    EXPECT_EQ(result.reason, row.message);
    EXPECT_EQ(result.exit_status, 8);
    EXPECT_FALSE(result.generated);
    EXPECT_EQ(idta, ZowesIdta());
  }
}

TEST_F(RacrouteTest, PassesTheTxnOfATokenOn) {
  const std::string first = MakeToken();
  RacrouteRequest request = TokenAlone();
  request.amr = {"mfa-comp", "saf-pwd"};
  Idta idta = ZowesIdta(first.size());
  const RacrouteResult result = Racroute(system_, request, &idta, first);
  ASSERT_TRUE(result.generated && result.generated->returned) << result.reason;
  const auto claims = nlohmann::json::parse(result.generated->claims_json);
  EXPECT_EQ(claims["txn"], result.validated->claims->txn);
  EXPECT_NE(claims["jti"], result.validated->claims->jti);
  EXPECT_EQ(claims["sub"], "USER01");
  EXPECT_EQ(claims["amr"], nlohmann::json::array({"mfa-comp", "saf-pwd"}));
  EXPECT_EQ(idta.idt_len, result.generated->token.size());
}

// Of an issuer that has the key: it may write what RACF never does.
TEST_F(RacrouteTest, ExchangesNoTokenWhoseTxnCannotBeCarriedOver) {
  Idta idta = ZowesIdta();
  const std::string claims_json =
      Racroute(system_, Password(), &idta, "").generated->claims_json;
  auto claims = nlohmann::ordered_json::parse(claims_json);
  claims["txn"] = "12345678\"}";
  const std::string token = key_.Token(R"({"alg":"HS256"})", claims.dump());
  EXPECT_EQ(CodeOf(Check(token)), "0/0/0");
  RacrouteRequest request = TokenAlone();
  request.amr = {"saf-pwd"};
  idta = ZowesIdta(token.size());
  const RacrouteResult result = Racroute(system_, request, &idta, token);
  EXPECT_EQ(CodeOf(result), "8/6C/A09");
  EXPECT_FALSE(result.generated);
  EXPECT_EQ(idta.idt_len, 0U);
}

// A wrong length, of four gigabytes of which not one byte may be read.
TEST_F(RacrouteTest, WhatIsLongerThanAnyTokenIsRefusedWithoutReadingIt) {
  const std::size_t bytes = 0xFFFF'FFFF;
  void* const nothing =
      mmap(nullptr, bytes, PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(nothing, MAP_FAILED);
  for (const std::size_t length : {bytes, kMaxTokenBytes + 1}) {
    Idta idta = ZowesIdta(length);
    idta.buffer_len = idta.idt_len;
    const RacrouteResult result =
        Racroute(system_, TokenAlone(), &idta,
                 {static_cast<const char*>(nothing), length});
    EXPECT_EQ(CodeOf(result), "8/6C/A01");
    EXPECT_EQ(result.reason,
              "the token is malformed: it has more than 8192 bytes");
    EXPECT_EQ(idta.idt_len, 0U);
    EXPECT_EQ(LastRecord()["user"], "");
    EXPECT_EQ(LastRecord()["INIT_IDT_EVAL"], "YES");
    EXPECT_EQ(LastRecord()["INIT_IDT_VALIDTN_RSNC"], "00000A01");
  }
  munmap(nothing, bytes);
}

TEST_F(RacrouteTest, ExchangesNoTokenThatIsNotValid) {
  const std::string token = MakeToken();
  const SoftwareKey other(std::vector<std::uint8_t>(32, 7));
  RacrouteRequest request = TokenAlone();
  request.amr = {"saf-pwd"};
  struct Row {
    std::string token;
    std::string code;
  };
  for (const Row& row :
       {Row{token + "\n", "8/6C/A01"}, Row{Flipped(token), "8/8/0"},
        Row{other.Token(R"({"alg":"HS256"})", "{}"), "8/6C/A05"}}) {
    Idta idta = ZowesIdta(row.token.size());
    const RacrouteResult result = Racroute(system_, request, &idta, row.token);
    EXPECT_EQ(CodeOf(result), row.code);
    EXPECT_FALSE(result.generated);
    EXPECT_EQ(idta.idt_len, 0U);
  }
  key_.operation_error = Unavailable("the device is gone", "");
  EXPECT_EQ(CodeOf(Check(token, request)), "8/6C/A0B");
}

// As an IDTA comes back that a program uses again.
TEST_F(RacrouteTest, NoOutputOfAnEarlierRequestIsLeft) {
  Lines(
      "ADDUSER USER01 PASSWORD(X)\nALTUSER USER01 PASSWORD(X) NOEXPIRED "
      "REVOKE");
  Idta stale = ZowesIdta();
  stale.gen_rc = 5;
  stale.prop_out = 0xE000;
  Idta idta = stale;
  EXPECT_EQ(CodeOf(Racroute(system_, Password(), &idta, "")), "8/1C/0");
  EXPECT_EQ(idta, ZowesIdta());

  RacrouteRequest ignored = Password();
  ignored.user = "OTHER";
  ignored.passchk = Passchk::kNo;
  idta = stale;
  EXPECT_EQ(CodeOf(Racroute(system_, ignored, &idta, "")), "0/0/0");
  EXPECT_EQ(idta, ZowesIdta());

  RacrouteRequest done = Password();
  done.envir = Envir::kDelete;
  idta = stale;
  EXPECT_EQ(CodeOf(Racroute(system_, done, &idta, "")), "0/0/0");
  EXPECT_EQ(idta, ZowesIdta());

  RacrouteRequest wrong = Password();
  wrong.appl = "-";
  idta = stale;
  EXPECT_EQ(CodeOf(Racroute(system_, wrong, &idta, "")), "8/70/A01");
  EXPECT_EQ(idta, ZowesIdta());

  stale.version = 9;
  for (const RacrouteRequest& request : {ignored, done, wrong, Password()}) {
    idta = stale;
    Racroute(system_, request, &idta, "");
    EXPECT_EQ(idta, stale);
  }
}

TEST_F(RacrouteTest, RecordsWhoAskedAndWhoseTokenItWas) {
  const std::string token = MakeToken();
  RacrouteRequest request = TokenAlone();
  request.user = "MALLORY";
  EXPECT_EQ(CodeOf(Check(token, request)), "8/6C/A04");
  EXPECT_EQ(LastRecord()["user"], "MALLORY");
  EXPECT_EQ(LastRecord()["claimed_user"], "USER01");
  EXPECT_FALSE(Records().front().contains("claimed_user"));
}

TEST_F(RacrouteTest, WhatNobodyDecidedIsNotAWrongPassword) {
  const std::string token = MakeToken();
  key_.operation_error = Unavailable("the device is gone", "");
  EXPECT_EQ(CodeOf(Check(token)), "8/6C/A0B");
  EXPECT_EQ(LastRecord()["event_qualifier"], "NOTDECID");
  EXPECT_EQ(LastRecord()["racf_audits"], false);
  EXPECT_EQ(LastRecord()["service"], "CSFPHMV");
  Idta idta = ZowesIdta();
  idta.version = 2;
  EXPECT_EQ(CodeOf(Racroute(system_, Password(), &idta, "")), "8/70/A03");
  EXPECT_EQ(LastRecord()["event_qualifier"], "NOTDECID");
  EXPECT_EQ(LastRecord()["service"], nullptr);
}

TEST_F(RacrouteTest, RecordsWhoseTokenItWasAndWhatCameOfIt) {
  Lines(kUser + std::string("\nALTUSER USER01 NAME('JANE DOE')"));
  const std::string token = MakeToken();
  auto record = LastRecord();
  EXPECT_EQ(record["event"], "JOBINIT");
  EXPECT_EQ(record["event_qualifier"], "SUCCESSI");
  EXPECT_EQ(record["racf_audits"], false);
  EXPECT_EQ(record["user"], "USER01");
  EXPECT_EQ(record["returned"], true);
  EXPECT_EQ(record["INIT_IDT_EVAL"], "NO");
  EXPECT_EQ(record["INIT_PASSWORD_SUCC"], "YES");

  Check(Flipped(token));
  record = LastRecord();
  EXPECT_EQ(record["event_qualifier"], "INVPSWD");
  EXPECT_EQ(record["racf_audits"], true);
  EXPECT_EQ(record["user"], "USER01");
  EXPECT_EQ(record["code"], "8/8/0");
  EXPECT_EQ(record["INIT_IDT_EVAL"], "YES");
  EXPECT_EQ(record["INIT_IDT_SUCC"], "NO");
  EXPECT_EQ(record["INIT_IDT_VALIDTN_RSNC"], "00000000");
  EXPECT_EQ(record["INIT_SERVICE_CODE"], "00000002");
  EXPECT_EQ(record["INIT_SERVICE_RC"], "00000004");
  EXPECT_EQ(record["INIT_SERVICE_RSNC"], "00001F40");

  system_.now.nanoseconds += 301'000'000'000;
  Check(token);
  record = LastRecord();
  EXPECT_EQ(record["INIT_IDT_VALIDTN_RSNC"], "0000000F");
  EXPECT_EQ(record["INIT_IDT_SUCC"], "NO");
}

TEST_F(RacrouteTest, RecordsNothingOfATextThatIsNoToken) {
  Check("secret.secret.secret");
  const auto record = LastRecord();
  EXPECT_EQ(record["user"], "");
  EXPECT_EQ(record.dump().find("secret"), std::string::npos);
  EXPECT_EQ(record["INIT_IDT_VALIDTN_RSNC"], "00000A01");
}

TEST_F(RacrouteTest, AnswersNothingThatIsNotOnRecord) {
  Lines(kUser);
  const std::string token = MakeToken();
  AuditSettings settings = Settings();
  settings.file = folder_.path() / "nowhere" / "audit.jsonl";
  AuditLog nowhere(settings);
  system_.audit = &nowhere;
  Idta idta = ZowesIdta(token.size());
  RacrouteResult result = Racroute(system_, TokenAlone(), &idta, token);
  EXPECT_EQ(CodeOf(result), "8/6C/A0D");
  EXPECT_EQ(result.exit_status, 12);
  EXPECT_FALSE(result.validated || result.generated);
  EXPECT_EQ(result.user, "");
  EXPECT_EQ(idta, ZowesIdta(token.size()));

  idta = ZowesIdta();
  result = Racroute(system_, Password(), &idta, "");
  EXPECT_EQ(CodeOf(result), "8/6C/A0D");
  EXPECT_FALSE(result.generated);
}

TEST_F(RacrouteTest, DeleteAuthenticatesNobodyAndLeavesNoRecord) {
  RacrouteRequest request = Password();
  request.envir = Envir::kDelete;
  const RacrouteResult result = Racroute(system_, request, nullptr, "");
  EXPECT_EQ(CodeOf(result), "0/0/0");
  EXPECT_EQ(result.user, "");
  EXPECT_TRUE(Records().empty());
}

}  // namespace
}  // namespace sigtoken::testing
