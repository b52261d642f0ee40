// Requests that the command line refuses before a service sees them are on
// record as those are that a service refuses.

#include <gmock/gmock.h>

#include <filesystem>
#include <string>

#include "tests/signer/audit/audit_records.h"
#include "tests/tools/command_line.h"
#include "tests/tools/identity_token.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const Words kGenerate = {"idt",    "generate", "--appl",
                         "APPL01", "--user",   "USER01"};
const Words kRacroute = {"--service", "racroute"};

class IdtRefusedTest : public CommandLineTest {
 protected:
  IdtRefusedTest() { WithKey(); }
};

struct Refusal {
  Words words;
  std::string event;
  std::string code;
};

TEST_F(IdtRefusedTest, ARequestForATokenIsOnRecord) {
  const Refusal initacee = {{}, "INITACEE", "8/8/4"};
  const Refusal racroute = {kRacroute, "JOBINIT", "8/70/A01"};
  for (const Refusal& service : {initacee, racroute}) {
    for (const Words& mistake :
         {Words{"--amr", "bogus"}, Words{"--idta", "00"},
          Words{"--end-user", "--trusted-caller"}, Words{"--key", kKey},
          Words{"--input-idt", "/nonexistent"},
          Words{"--simulate", "nothing"}}) {
      SCOPED_TRACE(::testing::PrintToString(service.words + mistake));
      std::filesystem::remove(home_ / "audit.jsonl");
      EXPECT_EQ(Run(kGenerate + service.words + mistake).status, 8);
      const auto lines = LinesOf(home_ / "audit.jsonl");
      ASSERT_EQ(lines.size(), 1U);
      const json record = json::parse(lines[0]);
      EXPECT_EQ(record["event"], service.event);
      EXPECT_EQ(record["code"], service.code);
      EXPECT_EQ(record["user"], "USER01");
      EXPECT_EQ(record["appl"], "APPL01");
    }
  }
}

TEST_F(IdtRefusedTest, ACommandLineThatCannotBeReadIsNoRequest) {
  EXPECT_EQ(Run(kGenerate + Words{"--nonsense"}).status, 8);
  EXPECT_EQ(Run(kGenerate + Words{"--key"}).status, 8);
  EXPECT_EQ(Run({"idt", "validate", "--amr", "saf-pwd"}).status, 8);
  EXPECT_EQ(Run({"idt", "validate", "a", "b"}).status, 8);
  EXPECT_FALSE(std::filesystem::exists(home_ / "audit.jsonl"));
}

TEST_F(IdtRefusedTest, ARefusalThatCannotBeRecordedIsAnotherOne) {
  const std::string path = home_ / "nowhere" / "audit.jsonl";
  const auto configure = [&](const std::string& more) {
    folder_.Write("home/sigtoken.toml",
                  "embedded = true\n[audit]\npath = '" + path + "'\n" + more);
  };
  const Words words = kGenerate + Words{"--amr", "bogus"};
  configure("");
  const Outcome initacee = Run(words + Words{"--json"});
  EXPECT_EQ(initacee.status, 12);
  EXPECT_EQ(initacee.json()["code"], "8/8/8");
  const Outcome racroute = Run(words + kRacroute + Words{"--json"});
  EXPECT_EQ(racroute.status, 12);
  EXPECT_EQ(racroute.json()["code"], "8/6C/A0D");
  configure("on_failure = 'continue'\n");
  for (const Words& service : {Words{}, kRacroute}) {
    const Outcome outcome = Run(words + service);
    EXPECT_EQ(outcome.status, 8);
    EXPECT_THAT(outcome.err, HasSubstr("warning: NOT RECORDED: "));
  }
}

TEST_F(IdtRefusedTest, ARequestThatHandsATokenInIsOnRecord) {
  for (const Words& mistake :
       {Words{"--appl", "appl01"}, Words{"--idta", "00"},
        Words{"--at", "yesterday"}, Words{"--racroute", "PASSCHK=MAYBE"},
        Words{"--key", kKey}, Words{"/nonexistent"}}) {
    SCOPED_TRACE(::testing::PrintToString(mistake));
    std::filesystem::remove(home_ / "audit.jsonl");
    EXPECT_EQ(
        Run(Words{"idt", "validate", "--user", "RACFU01"} + mistake).status, 8);
    const auto lines = LinesOf(home_ / "audit.jsonl");
    ASSERT_EQ(lines.size(), 1U);
    const json record = json::parse(lines[0]);
    EXPECT_EQ(record["event"], "JOBINIT");
    EXPECT_EQ(record["code"], "8/70/A01");
    EXPECT_EQ(record["user"], "RACFU01");
  }
}

}  // namespace
}  // namespace sigtoken::testing
