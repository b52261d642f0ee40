#include "signer/audit/audit_fields.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/signer/audit/audit_records.h"

namespace sigtoken {
namespace {

// The fields that are YES.
std::set<std::string> Yes(const AuditRecord& record) {
  std::set<std::string> names;
  for (const AuditField& field : AuditFieldsOf(record.event)) {
    if (field.value(record) == "YES") names.emplace(field.name);
  }
  names.erase("INIT_RELO443_EXTENDED");
  return names;
}

std::set<std::string> YesOf(std::vector<std::string> amr) {
  AuditRecord record;
  record.amr = std::move(amr);
  record.authenticated = true;
  return Yes(record);
}

TEST(AuditFieldsTest, JobInitGoesFrom4540To4788) {
  const auto fields = AuditFieldsOf(AuditEvent::kJobInit);
  EXPECT_EQ(fields.size(), 42U);
  EXPECT_EQ(fields.front().start, 4540U);
  EXPECT_EQ(fields.back().end, 4788U);
}

TEST(AuditFieldsTest, InitAceeGoesFrom282To4613) {
  const auto fields = AuditFieldsOf(AuditEvent::kInitAcee);
  EXPECT_EQ(fields.size(), 8U);
  EXPECT_EQ(fields.front().start, 282U);
  EXPECT_EQ(fields.back().end, 4613U);
}

// OA63462, 3.5.3: where only one field is changed or in the middle of
// misprints.
TEST(AuditFieldsTest, TheColumnsAreThoseOfTheSource) {
  std::map<std::string_view, std::pair<std::size_t, std::size_t>> columns;
  for (const AuditField& field : AuditFieldsOf(AuditEvent::kJobInit)) {
    columns[field.name] = {field.start, field.end};
  }
  using Columns = std::pair<std::size_t, std::size_t>;
  EXPECT_EQ(columns.at("INIT_RELO443_EXTENDED"), Columns(4575, 4578));
  EXPECT_EQ(columns.at("INIT_AUTH_RSN1"), Columns(4620, 4627));
  EXPECT_EQ(columns.at("INIT_IDT_EVAL"), Columns(4666, 4669));
  EXPECT_EQ(columns.at("INIT_IDT_SUCC"), Columns(4671, 4674));
  EXPECT_EQ(columns.at("INIT_IDT_FROM_SEC_ENV"), Columns(4711, 4714));
  EXPECT_EQ(columns.at("INIT_DERIVED_APPL_NAM"), Columns(4736, 4743));
  EXPECT_EQ(columns.at("INIT_IDT_VALIDTN_RSNC"), Columns(4745, 4752));
}

TEST(AuditFieldsTest, EachWayToBeAuthenticatedHasItsFields) {
  using Set = std::set<std::string>;
  EXPECT_EQ(YesOf({}), Set{});
  EXPECT_EQ(YesOf({"saf-pwd"}),
            (Set{"INIT_PASSWORD_EVAL", "INIT_PASSWORD_SUCC"}));
  EXPECT_EQ(YesOf({"saf-phr"}), (Set{"INIT_PHRASE_EVAL", "INIT_PHRASE_SUCC"}));
  EXPECT_EQ(YesOf({"saf-ptkt"}),
            (Set{"INIT_PASSTICKET_EVAL", "INIT_PASSTICKET_SUCC"}));
  EXPECT_EQ(YesOf({"mfa-only"}), (Set{"INIT_MFA_USER", "INIT_MFA_SUCC"}));
  EXPECT_EQ(YesOf({"mfa-ptkt"}), (Set{"INIT_MFA_USER", "INIT_PASSTICKET_EVAL",
                                      "INIT_PASSTICKET_SUCC"}));
  EXPECT_EQ(YesOf({"mfa-comp", "saf-phr"}),
            (Set{"INIT_MFA_USER", "INIT_MFA_SUCC", "INIT_PHRASE_EVAL",
                 "INIT_PHRASE_SUCC"}));
  EXPECT_EQ(YesOf({"mfa-pwfb", "saf-pwd"}),
            (Set{"INIT_MFA_USER", "INIT_MFA_FALLBACK", "INIT_MFA_UNAVAIL",
                 "INIT_PASSWORD_EVAL", "INIT_PASSWORD_SUCC"}));
  EXPECT_EQ(YesOf({"mfa-bypass", "saf-pwd"}),
            (Set{"INIT_MFA_USER", "INIT_PASSWORD_EVAL", "INIT_PASSWORD_SUCC"}));
  EXPECT_EQ(YesOf({"mfa-exp"}), (Set{"INIT_MFA_USER", "INIT_MFA_PWD_EXPIRED"}));
  EXPECT_EQ(YesOf({"mfa-newinv"}), (Set{"INIT_MFA_USER", "INIT_MFA_NPWD_INV"}));
  EXPECT_EQ(YesOf({"mfa-nmi"}), (Set{"INIT_MFA_USER", "INIT_MFA_PART_SUCC"}));
}

TEST(AuditFieldsTest, NothingSucceedsForWhoIsNotAuthenticated) {
  AuditRecord record;
  record.amr = {"mfa-comp", "saf-pwd", "saf-phr", "saf-ptkt"};
  EXPECT_EQ(Yes(record), (std::set<std::string>{
                             "INIT_MFA_USER", "INIT_PASSWORD_EVAL",
                             "INIT_PHRASE_EVAL", "INIT_PASSTICKET_EVAL"}));
}

TEST(AuditFieldsTest, AnIdentityTokenStandsInThePlaceOfAPassword) {
  AuditRecord record;
  record.idt_amr = {"mfa-pwfb", "saf-pwd"};
  record.authenticated = true;
  record.idt_evaluated = true;
  record.idt_successful = true;
  EXPECT_EQ(Yes(record),
            (std::set<std::string>{"INIT_MFA_USER", "INIT_MFA_FALLBACK",
                                   "INIT_IDT_EVAL", "INIT_IDT_SUCC"}));
  record.idt_amr = {"saf-acee"};
  EXPECT_EQ(Yes(record),
            (std::set<std::string>{"INIT_IDT_EVAL", "INIT_IDT_SUCC",
                                   "INIT_IDT_FROM_SEC_ENV"}));
}

TEST(AuditFieldsTest, WhatAuthenticatesBesideATokenWasEvaluated) {
  AuditRecord record;
  record.idt_amr = {"mfa-nmi"};
  record.amr = {"mfa-comp", "saf-pwd"};
  record.authenticated = true;
  record.idt_evaluated = true;
  record.idt_successful = true;
  EXPECT_EQ(Yes(record),
            (std::set<std::string>{"INIT_MFA_USER", "INIT_MFA_SUCC",
                                   "INIT_PASSWORD_EVAL", "INIT_PASSWORD_SUCC",
                                   "INIT_IDT_EVAL", "INIT_IDT_SUCC"}));
  record.idt_amr = {"mfa-pwfb", "saf-phr"};
  record.amr = {"saf-pwd"};
  EXPECT_EQ(Yes(record),
            (std::set<std::string>{"INIT_MFA_USER", "INIT_MFA_FALLBACK",
                                   "INIT_PASSWORD_EVAL", "INIT_PASSWORD_SUCC",
                                   "INIT_IDT_EVAL", "INIT_IDT_SUCC"}));
}

TEST(AuditFieldsTest, ExpiredAndNewPasswordsHaveTheirFields) {
  AuditRecord record;
  record.expired = true;
  EXPECT_EQ(Yes(record), (std::set<std::string>{"INIT_PWD_PHR_EXPIRED"}));
  record.expired = false;
  record.new_not_valid = true;
  EXPECT_EQ(Yes(record), (std::set<std::string>{"INIT_NPWD_NPHR_NONVAL"}));
}

TEST(AuditFieldsTest, ReasonsAreEightDigits) {
  AuditRecord record;
  record.validation_reason = 0xA0B;
  record.build_reason = 5;
  record.service = FailingService::kCsfphmv;
  record.icsf = {8, 3043};
  std::map<std::string, std::string> values;
  for (const AuditField& field : AuditFieldsOf(record.event)) {
    if (field.start >= 4745) values.emplace(field.name, field.value(record));
  }
  EXPECT_EQ(values, (std::map<std::string, std::string>{
                        {"INIT_IDT_VALIDTN_RSNC", "00000A0B"},
                        {"INIT_IDT_BUILD_RSNC", "00000005"},
                        {"INIT_SERVICE_CODE", "00000002"},
                        {"INIT_SERVICE_RC", "00000008"},
                        {"INIT_SERVICE_RSNC", "00000BE3"}}));
}

TEST(AuditFieldsTest, EveryValueIsOneOfItsField) {
  for (const AuditRecord& record :
       {testing::FullInitAcee(), testing::FullJobInit(), AuditRecord()}) {
    for (const AuditField& field : AuditFieldsOf(record.event)) {
      EXPECT_TRUE(IsValueOf(field, field.value(record))) << field.name;
    }
  }
}

TEST(AuditFieldsTest, OtherValuesAreNone) {
  const AuditField yes_no{"F", 1, 4, AuditFieldKind::kYesNo, nullptr};
  for (const char* text : {"", "yes", "YES ", "Y", "TRUE", "N"}) {
    EXPECT_FALSE(IsValueOf(yes_no, text)) << text;
  }
  const AuditField digits{"F", 1, 8, AuditFieldKind::kHexadecimal, nullptr};
  for (const char* text :
       {"", "0", "0000000", "000000000", "0000000a", "+0000000", "0000000 "}) {
    EXPECT_FALSE(IsValueOf(digits, text)) << text;
  }
  const AuditField name{"F", 1, 8, AuditFieldKind::kText, nullptr};
  for (const char* text : {"", "A", "12345678"}) {
    EXPECT_TRUE(IsValueOf(name, text)) << text;
  }
  for (const char* text : {"123456789", "A\n", "A\t", "\xC3\xA9", "\x7f"}) {
    EXPECT_FALSE(IsValueOf(name, text)) << text;
  }
}

}  // namespace
}  // namespace sigtoken
