#include "signer/audit/audit_record.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/signer/audit/audit_records.h"

namespace sigtoken {
namespace {

using nlohmann::json;
using testing::FullInitAcee;
using testing::FullJobInit;

json LineOf(const AuditRecord& record) {
  return json::parse(ToJsonLine(record));
}

TEST(AuditRecordTest, ALineOfInitAceeHasAllThatThereIsToKnow) {
  EXPECT_EQ(
      ToJsonLine(FullInitAcee()),
      R"({"time":"2025-01-15T17:54:12Z","event":"INITACEE","event_code":67,)"
      R"("event_qualifier":"FAILIDT","event_qualifier_number":12,)"
      R"("saf_rc":8,"racf_rc":16,"racf_reason":4,"code":"8/16/4",)"
      R"("racf_audits":true,"user":"USER01","user_undefined":false,)"
      R"("appl":"APPL01","profile":"JWT.APPL01.*.SAF",)"
      R"("key":"IDTTKN.JWT.SECRET:0000000AT","returned":false,)"
      R"("signed":false,"idt_gen_rc":4,"amr":["saf-acee"],)"
      R"("icsf":{"return_code":12,"reason_code":0},"service":"CSFPHMG",)"
      R"("message":"ICH408I USER(USER01  ) GROUP(        ) )"
      R"(NAME(JANE DOE            ) INITACEE - IDENTITY TOKEN NOT GENERATED )"
      R"~(8/16/4, ICSF NOT AVAILABLE, CSFPHMG 12/0 (sigtoken's wording)",)~"
      R"("INTA_USER_NAME":"JANE DOE","INTA_CERT_FGRPRNT":"",)"
      R"("INTA_IDT_USER":"USER01","INTA_APPL":"APPL01",)"
      R"("INTA_IDT_BUILD_RSNC":"00000004","INTA_SERVICE_CODE":"00000001",)"
      R"("INTA_SERVICE_RC":"0000000C","INTA_SERVICE_RSNC":"00000000"})");
}

TEST(AuditRecordTest, ALineOfJobInitHasAllThatThereIsToKnow) {
  EXPECT_EQ(
      ToJsonLine(FullJobInit()),
      R"({"time":"2025-01-15T17:54:12Z","event":"JOBINIT","event_code":1,)"
      R"("event_qualifier":"SUCCESSI","event_qualifier_number":0,)"
      R"("saf_rc":0,"racf_rc":0,"racf_reason":0,"code":"0/0/0",)"
      R"("racf_audits":false,"user":"USER01","user_undefined":false,)"
      R"("appl":"APPL01","profile":"JWT.APPL01.USER01.SAF",)"
      R"("key":"IDTTKN.JWT.SECRET:00000001T","returned":true,)"
      R"("signed":true,"idt_gen_rc":0,"amr":["mfa-comp","saf-pwd"],)"
      R"("icsf":null,"service":null,"message":null,"idta":"used",)"
      R"("INIT_ACEE_VLF":"NO","INIT_MFA_USER":"YES","INIT_MFA_FALLBACK":"NO",)"
      R"("INIT_MFA_UNAVAIL":"NO","INIT_MFA_PWD_EXPIRED":"NO",)"
      R"("INIT_MFA_NPWD_INV":"NO","INIT_MFA_PART_SUCC":"NO",)"
      R"("INIT_RELO443_EXTENDED":"YES","INIT_PASSWORD_EVAL":"YES",)"
      R"("INIT_PASSWORD_SUCC":"YES","INIT_PHRASE_EVAL":"NO",)"
      R"("INIT_PHRASE_SUCC":"NO","INIT_PASSTICKET_EVAL":"NO",)"
      R"("INIT_PASSTICKET_SUCC":"NO","INIT_MFA_SUCC":"YES",)"
      R"("INIT_MFA_FAIL":"NO","INIT_AUTH_RSN1":"00000000",)"
      R"("INIT_AUTH_RSN2":"00000000","INIT_AUTH_RSN3":"00000000",)"
      R"("INIT_AUTH_RSN4":"00000000","INIT_PWD_PHR_EXPIRED":"NO",)"
      R"("INIT_NPWD_NPHR_NONVAL":"NO","INIT_IDT_EVAL":"NO",)"
      R"("INIT_IDT_SUCC":"NO","INIT_MFA_REAUTHENT":"NO","INIT_LPT_EVAL":"NO",)"
      R"("INIT_LPT_SUCC":"NO","INIT_EPT_UPPER_EVAL":"NO",)"
      R"("INIT_EPT_UPPER_SUCC":"NO","INIT_EPT_MIXED_EVAL":"NO",)"
      R"("INIT_EPT_MIXED_SUCC":"NO","INIT_IDT_FROM_SEC_ENV":"NO",)"
      R"("INIT_RESERVED_08":"NO","INIT_RESERVED_09":"NO",)"
      R"("INIT_RESERVED_10":"NO","INIT_RESERVED_11":"NO",)"
      R"("INIT_DERIVED_APPL_NAM":"APPL01","INIT_IDT_VALIDTN_RSNC":"00000000",)"
      R"("INIT_IDT_BUILD_RSNC":"00000000","INIT_SERVICE_CODE":"00000000",)"
      R"("INIT_SERVICE_RC":"00000000","INIT_SERVICE_RSNC":"00000000"})");
}

TEST(AuditRecordTest, WhatIsNotThereIsNull) {
  const json line = LineOf({});
  for (const char* name :
       {"profile", "key", "icsf", "service", "message", "idta"}) {
    EXPECT_EQ(line.at(name), nullptr) << name;
  }
  EXPECT_EQ(line.at("user"), "");
  EXPECT_EQ(line.at("amr"), json::array());
}

TEST(AuditRecordTest, TheCodeIsSpelledAsItsServiceDoes) {
  AuditRecord record;
  record.code = {8, 0x6C, 0x1A};
  EXPECT_EQ(LineOf(record).at("code"), "8/6C/1A");
  EXPECT_EQ(LineOf(record).at("racf_rc"), 0x6C);
  record.event = AuditEvent::kInitAcee;
  record.code = kInitAceeClassNotActive;
  EXPECT_EQ(LineOf(record).at("code"), "8/8/16");
}

// Nobody forges lines, or fills a disk, by what they send.
TEST(AuditRecordTest, TextsFromOutsideAreOneLineAndBounded) {
  AuditRecord record = FullInitAcee();
  record.service = FailingService::kCsfphmv;
  record.user = "A\n{\"\xff\x1b" + std::string(100'000, '\x01');
  record.user_name = std::string(100'000, '\n');
  record.appl = std::string(100'000, '\x02');
  record.profile = std::string(100'000, '\x03');
  record.key = std::string(100'000, '\x04');
  record.amr = std::vector<std::string>(1000, std::string(1000, '\\'));
  record.idt_amr = record.amr;
  record.idta = std::string(100'000, '"');
  record.message = AdministratorMessage(record) + std::string(100'000, '"');
  for (const AuditEvent event : {AuditEvent::kInitAcee, AuditEvent::kJobInit}) {
    record.event = event;
    const std::string line = ToJsonLine(record);
    EXPECT_LT(line.size(), kMaxAuditLineBytes);
    for (const char c : line) ASSERT_TRUE(c >= ' ' && c <= '~');
    const json parsed = json::parse(line);
    EXPECT_EQ(parsed.at("user").get<std::string>().substr(0, 13),
              "A\\x0A{\"\\xFF\\x");
    EXPECT_EQ(parsed.at("amr").size(), 13U);
    EXPECT_EQ(parsed.at("amr").back(), "...");
    EXPECT_EQ(parsed.at("idt_amr"), parsed.at("amr"));
  }
  EXPECT_EQ(LineOf(record).at("INIT_DERIVED_APPL_NAM"), "????????");
  record.event = AuditEvent::kInitAcee;
  EXPECT_EQ(LineOf(record).at("INTA_IDT_USER"), "A?{\"????");
}

TEST(AdministratorMessageTest, SaysNothingAfterSuccess) {
  EXPECT_EQ(AdministratorMessage(FullJobInit()), "");
  AuditRecord record;
  record.event = AuditEvent::kInitAcee;
  EXPECT_EQ(AdministratorMessage(record), "");
}

TEST(AdministratorMessageTest, HasTheFormOfIch408iAndOurMark) {
  struct Row {
    AuditEvent event;
    RacfCode code;
    bool idt_evaluated;
    int build_reason;
    FailingService service;
    const char* text;
  };
  constexpr auto kJob = AuditEvent::kJobInit;
  constexpr auto kAcee = AuditEvent::kInitAcee;
  constexpr auto kNone = FailingService::kNone;
  for (const Row& row : {
           Row{kJob, kSignatureNotValid, true, 0, kNone,
               "LOGON/JOB INITIATION - INVALID PASSWORD 8/8/0"},
           Row{kJob, kPasswordExpired, true, 0, kNone,
               "LOGON/JOB INITIATION - EXPIRED PASSWORD 8/C/0"},
           Row{kJob, kNewPasswordNotValid, false, 0, kNone,
               "LOGON/JOB INITIATION - INVALID NEW PASSWORD 8/10/0"},
           Row{kJob, kUserRevoked, false, 0, kNone,
               "LOGON/JOB INITIATION - REVOKED USER ACCESS ATTEMPT 8/1C/0"},
           Row{kJob, kUserNotDefined, false, 0, kNone,
               "LOGON/JOB INITIATION - USER AT TERMINAL          NOT "
               "RACF-DEFINED 4/4/0"},
           Row{kJob, kTokenExpired, true, 0, kNone,
               "LOGON/JOB INITIATION - IDENTITY TOKEN NOT ACCEPTED 8/6C/F"},
           Row{kJob, kModuleNotAvailable, true, 0, FailingService::kCsfphmv,
               "LOGON/JOB INITIATION - IDENTITY TOKEN NOT ACCEPTED 8/6C/A0B, "
               "CSFPHMV 8/3043"},
           Row{kJob, kBufferTooSmall, false, 0, kNone,
               "LOGON/JOB INITIATION - NOT DONE 8/70/1"},
           Row{kJob, kRacfDone, false, kGenRcUnsigned, kNone,
               "LOGON/JOB INITIATION - IDENTITY TOKEN NOT GENERATED 0/0/0, NO "
               "SIGNATURE KEY"},
           Row{kJob, kRacfDone, false, kGenRcIcsfError,
               FailingService::kCsfphmg,
               "LOGON/JOB INITIATION - IDENTITY TOKEN NOT GENERATED 0/0/0, "
               "ICSF ERROR, CSFPHMG 8/3043"},
           Row{kAcee, kInitAceeClassNotActive, false, 0, kNone,
               "INITACEE - IDENTITY TOKEN NOT GENERATED 8/8/16"},
           Row{kAcee, kInitAceeAlgorithm, false, kGenRcAlgorithm, kNone,
               "INITACEE - IDENTITY TOKEN NOT GENERATED 8/16/7, SIGNATURE "
               "ALGORITHM NOT VALID"},
       }) {
    AuditRecord record;
    record.event = row.event;
    record.code = row.code;
    record.user = "USER01";
    record.user_name = "JANE DOE";
    record.idt_evaluated = row.idt_evaluated;
    record.build_reason = row.build_reason;
    record.service = row.service;
    record.icsf = {8, 3043};
    EXPECT_EQ(AdministratorMessage(record),
              "ICH408I USER(USER01  ) GROUP(        ) NAME(JANE DOE            "
              ") " +
                  std::string(row.text) + " (sigtoken's wording)");
  }
}

TEST(AdministratorMessageTest, NamesTheOneAttemptThatRevoked) {
  AuditRecord record;
  record.code = kSignatureNotValid;
  record.qualifier = audit_qualifier::kAutomaticallyRevoked;
  EXPECT_EQ(AdministratorMessage(record),
            "ICH408I USER(        ) GROUP(        ) NAME(                    ) "
            "LOGON/JOB INITIATION - EXCESSIVE PASSWORDS OR INACTIVE USER 8/8/0 "
            "(sigtoken's wording)");
}

TEST(AdministratorMessageTest, AUserWhoIsNotDefinedHasNoName) {
  AuditRecord record;
  record.code = kUserNotDefined;
  record.user = "NOBODY\nX-AND-MORE";
  record.user_undefined = true;
  EXPECT_EQ(AdministratorMessage(record),
            "ICH408I USER(NOBODY?X) GROUP(        ) NAME(???                 ) "
            "LOGON/JOB INITIATION - USER AT TERMINAL          NOT RACF-DEFINED "
            "4/4/0 (sigtoken's wording)");
}

}  // namespace
}  // namespace sigtoken
