#include "signer/idta/initacee.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/signer/idta/saf_test.h"

namespace sigtoken::testing {
namespace {

using InitAceeTest = SafTest;

TEST_F(InitAceeTest, LeavesLengthAndPropertiesOfTheToken) {
  Idta idta = ZowesIdta();
  const GenerateResult result = InitAcee(system_, {"APPL01", "USER01"}, idta);
  ASSERT_TRUE(result.returned);
  Idta expected = ZowesIdta(result.token.size());
  expected.prop_out = kSafIdtReturn | kIdtAuthDone | kIdtSigned;
  EXPECT_EQ(idta, expected);
  EXPECT_EQ(result.console, "");
}

// As an IDTA comes back that a program uses again.
TEST_F(InitAceeTest, NoOutputOfAnEarlierRequestIsLeft) {
  Idta stale = ZowesIdta();
  stale.gen_rc = 5;
  stale.prop_out = 0xE000;
  const auto expect_cleared = [&](const char* appl, Idta idta, const char* code,
                                  std::uint32_t idt_len) {
    Idta expected = idta;
    expected.gen_rc = expected.prop_out = 0;
    expected.idt_len = idt_len;
    EXPECT_EQ(CodeOf(InitAcee(system_, {appl, "USER01"}, idta)), code);
    EXPECT_EQ(idta, expected) << code;
  };
  expect_cleared("appl01", stale, "8/8/4", 0);
  Idta small = stale;
  small.buffer_len = 1023;
  expect_cleared("APPL01", small, "8/12/5", 1024);
  Idta again = stale;
  again.idt_len = 300;
  expect_cleared("APPL01", again, "8/12/6", 300);
  Idta other = stale;
  other.idt_type = 2;
  expect_cleared("APPL01", other, "8/12/7", 0);

  // What is no IDTA is not written to.
  Idta none = stale;
  none.length = 40;
  const Idta before = none;
  EXPECT_EQ(CodeOf(InitAcee(system_, {"APPL01", "USER01"}, none)), "8/12/3");
  EXPECT_EQ(none, before);
}

TEST_F(InitAceeTest, RecordsATokenAsRacfWouldUnderItsOptions) {
  struct Row {
    const char* commands;
    bool racf_audits;
  };
  for (const Row& row :
       {Row{"ADDUSER USER01 NAME('JANE DOE')", false},
        Row{"SETROPTS AUDIT(USER)", true}, Row{"SETROPTS NOAUDIT(USER)", false},
        Row{"ALTUSER USER01 UAUDIT", true},
        Row{"ALTUSER USER01 NOUAUDIT SPECIAL", true},
        Row{"SETROPTS NOSAUDIT", false}, Row{"SETROPTS SAUDIT", true},
        Row{"ALTUSER USER01 NOSPECIAL", false}}) {
    SCOPED_TRACE(row.commands);
    Lines(row.commands);
    Idta idta = ZowesIdta();
    ASSERT_TRUE(InitAcee(system_, {"APPL01", "USER01"}, idta).returned);
    const auto record = LastRecord();
    EXPECT_EQ(record["racf_audits"], row.racf_audits);
    EXPECT_EQ(record["event"], "INITACEE");
    EXPECT_EQ(record["event_qualifier"], "SUCCSIDT");
    EXPECT_EQ(record["INTA_IDT_USER"], "USER01");
    EXPECT_EQ(record["INTA_USER_NAME"], "JANE DOE");
    EXPECT_EQ(record["INTA_APPL"], "APPL01");
  }
}

TEST_F(InitAceeTest, RecordsEachRefusal) {
  struct Row {
    const char* appl;
    void (*spoil)(Idta& idta);
    Error error;
    const char* code;
    bool racf_audits;
    const char* build_reason;
    const char* service;
    const char* service_code;
  };
  const Error none;
  const std::vector<Row> rows = {
      {"appl01", [](Idta&) {}, none, "8/8/4", false, "00000000", "00000000",
       "00000000"},
      {"APPL01", [](Idta& i) { i.version = 2; }, none, "8/12/2", false,
       "00000000", "00000000", "00000000"},
      {"APPL01", [](Idta&) {}, Unavailable("gone", ""), "8/16/4", true,
       "00000004", "00000001", "0000000C"},
      {"APPL01", [](Idta&) {},
       Refusal(kObjectNotFound, CKR_OBJECT_HANDLE_INVALID, "no key", ""),
       "8/16/5", true, "00000005", "00000001", "00000008"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.code);
    key_.lookup_error =
        row.error.message.empty() ? std::nullopt : std::optional(row.error);
    Idta idta = ZowesIdta();
    row.spoil(idta);
    const GenerateResult result = InitAcee(system_, {row.appl, "USER01"}, idta);
    EXPECT_EQ(CodeOf(result), row.code);
    const auto record = LastRecord();
    EXPECT_EQ(record["event_qualifier"], "FAILIDT");
    EXPECT_EQ(record["racf_audits"], row.racf_audits);
    EXPECT_EQ(record["code"], row.code);
    EXPECT_EQ(record["INTA_IDT_BUILD_RSNC"], row.build_reason);
    EXPECT_EQ(record["INTA_SERVICE_CODE"], row.service);
    EXPECT_EQ(record["INTA_SERVICE_RC"], row.service_code);
    EXPECT_NE(result.console, "");
    EXPECT_EQ(record["message"], result.console);
  }
  EXPECT_EQ(Records().size(), rows.size());
}

TEST_F(InitAceeTest, GivesNothingThatIsNotOnRecord) {
  AuditSettings settings = Settings();
  settings.file = folder_.path() / "nowhere" / "audit.jsonl";
  AuditLog nowhere(settings);
  system_.audit = &nowhere;
  Idta idta = ZowesIdta();
  const GenerateResult result = InitAcee(system_, {"APPL01", "USER01"}, idta);
  EXPECT_EQ(CodeOf(result), "8/8/8");
  EXPECT_THAT(result.console, ::testing::HasSubstr(" 8/8/8"));
  EXPECT_EQ(result.exit_status, 12);
  EXPECT_EQ(result.token, "");
  EXPECT_EQ(idta, ZowesIdta());
}

TEST_F(InitAceeTest, GoesOnWithoutARecordWhereItIsToldTo) {
  AuditSettings settings = Settings();
  settings.file = folder_.path() / "nowhere" / "audit.jsonl";
  settings.on_failure = AuditFailure::kContinue;
  AuditLog nowhere(settings);
  system_.audit = &nowhere;
  Idta idta = ZowesIdta();
  const GenerateResult result = InitAcee(system_, {"APPL01", "USER01"}, idta);
  EXPECT_TRUE(result.returned);
  ASSERT_EQ(result.warnings.size(), 1U);
  EXPECT_THAT(result.warnings[0], ::testing::StartsWith("NOT RECORDED: "));
}

TEST_F(InitAceeTest, NoRecordHasTheToken) {
  Idta idta = ZowesIdta();
  const std::string token = InitAcee(system_, {"APPL01", "USER01"}, idta).token;
  const std::string signature = token.substr(token.rfind('.') + 1);
  for (const auto& record : Records()) {
    EXPECT_EQ(record.dump().find(signature), std::string::npos);
    EXPECT_EQ(record.dump().find(token.substr(0, 40)), std::string::npos);
  }
}

}  // namespace
}  // namespace sigtoken::testing
