#include "signer/audit/audit_unload.h"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "signer/audit/audit_fields.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/signer/audit/audit_records.h"

namespace sigtoken {
namespace {

using nlohmann::ordered_json;
using testing::FailsWith;
using testing::FullInitAcee;
using testing::FullJobInit;
using testing::IsOk;
using testing::MessageOf;

std::string Blanks(std::size_t count) { return std::string(count, ' '); }

TEST(AuditUnloadTest, AnInitAceeRecordIsInItsColumns) {
  const auto line = UnloadAuditRecord(ToJsonLine(FullInitAcee()));
  ASSERT_THAT(line, IsOk());
  EXPECT_EQ(*line, "INITACEE FAILIDT  17:54:12 2025-01-15" + Blanks(21) +
                       "USER01  " + Blanks(215) + "JANE DOE" + Blanks(4271) +
                       "USER01   APPL01   00000004 00000001 0000000C 00000000");
  EXPECT_EQ(line->size(), 4613U);
}

TEST(AuditUnloadTest, AJobInitRecordIsInItsColumns) {
  const auto line = UnloadAuditRecord(ToJsonLine(FullJobInit()));
  ASSERT_THAT(line, IsOk());
  EXPECT_EQ(*line,
            "JOBINIT  SUCCESSI 17:54:12 2025-01-15" + Blanks(21) + "USER01  " +
                Blanks(4473) +
                "NO   YES  NO   NO   NO   NO   NO   YES  YES  YES  NO   NO   "
                "NO   NO   YES  NO   00000000 00000000 00000000 00000000 NO   "
                "NO   NO   NO   NO   NO   NO   NO   NO   NO   NO   NO   NO   "
                "NO   NO   NO   APPL01   00000000 00000000 00000000 00000000 "
                "00000000");
  EXPECT_EQ(line->size(), 4788U);
}

// What anybody may have sent: each line that is written can be unloaded.
TEST(AuditUnloadTest, AUserWhoIsNoUserIdIsCutToTheColumns) {
  AuditRecord record = FullJobInit();
  record.user = "no\nuser and much more of it";
  record.amr.assign(100, std::string(100, '\xff'));
  const auto line = UnloadAuditRecord(ToJsonLine(record));
  ASSERT_THAT(line, IsOk());
  EXPECT_EQ(line->substr(58, 9), "no\\x0Aus ");
}

// The lines with one member changed by `change`.
std::string Changed(const std::function<void(ordered_json&)>& change,
                    const AuditRecord& record = FullJobInit()) {
  ordered_json line = ordered_json::parse(ToJsonLine(record));
  change(line);
  return line.dump();
}

void ExpectRefused(const std::string& line, const std::string& why) {
  SCOPED_TRACE(line.substr(0, 100));
  const auto refused = UnloadAuditRecord(line);
  EXPECT_THAT(refused, FailsWith(kParameterInvalid));
  EXPECT_EQ(MessageOf(refused), "the line is not an audit record: " + why);
}

TEST(AuditUnloadTest, RefusesWhatIsNoLineOfJson) {
  for (const char* text : {"", "{", "{}x", "\xff", "{\"a\":1,}"}) {
    ExpectRefused(text,
                  "it is not a strict JSON object: it is not well formed");
  }
  ExpectRefused("[]",
                "it is not a strict JSON object: it is another JSON value");
  ExpectRefused("{\"a\":1,\"a\":1}",
                "it is not a strict JSON object: a member occurs twice");
  ExpectRefused(std::string(kMaxAuditLineBytes + 1, ' '),
                "it is not a strict JSON object: it is too long");
}

TEST(AuditUnloadTest, EveryFieldMustBeThere) {
  for (const AuditRecord& record : {FullJobInit(), FullInitAcee()}) {
    std::vector<std::string> names = {"time", "event", "event_qualifier",
                                      "user"};
    for (const AuditField& field : AuditFieldsOf(record.event)) {
      names.emplace_back(field.name);
    }
    for (const std::string& name : names) {
      ExpectRefused(
          Changed([&](ordered_json& line) { line.erase(name); }, record),
          name + " is missing");
      ExpectRefused(
          Changed([&](ordered_json& line) { line[name] = 1; }, record),
          name + " is no string");
    }
  }
}

TEST(AuditUnloadTest, EveryFieldMustHaveAValueOfItsKind) {
  for (const AuditRecord& record : {FullJobInit(), FullInitAcee()}) {
    for (const AuditField& field : AuditFieldsOf(record.event)) {
      const std::string name(field.name);
      const std::string value(field.width() + 1, '0');
      ExpectRefused(
          Changed([&](ordered_json& line) { line[name] = value; }, record),
          name + " has no value of that field");
    }
  }
}

TEST(AuditUnloadTest, TheHeaderMustBeRight) {
  struct Row {
    const char* name;
    ordered_json value;
    const char* why;
  };
  for (const Row& row : {
           Row{"event", "JOB", "event is neither JOBINIT nor INITACEE"},
           Row{"event", "", "event is neither JOBINIT nor INITACEE"},
           Row{"event", "INITACEE", "event_code is not that of the event"},
           Row{"event_code", 67, "event_code is not that of the event"},
           Row{"event_code", "1", "event_code is not that of the event"},
           Row{"event_code", nullptr, "event_code is not that of the event"},
           Row{"event_qualifier", "",
               "event_qualifier does not fit its columns"},
           Row{"event_qualifier", "SUCCESSIV",
               "event_qualifier does not fit its columns"},
           Row{"event_qualifier", "A\nB",
               "event_qualifier does not fit its columns"},
           Row{"time", "", "time is not one in UTC"},
           Row{"time", "1736963652", "time is not one in UTC"},
           Row{"time", "2025-02-31T17:54:12Z", "time is not one in UTC"},
           Row{"time", "2025-01-15 17:54:12Z", "time is not one in UTC"},
           Row{"time", "2025-01-15T17:54:12+01:00", "time is not one in UTC"},
       }) {
    ExpectRefused(
        Changed([&](ordered_json& line) { line[row.name] = row.value; }),
        row.why);
  }
}

}  // namespace
}  // namespace sigtoken
