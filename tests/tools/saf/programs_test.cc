// Programs in C, as others write them.

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/tools/command_line.h"
#include "tests/tools/saf/calls.h"

namespace sigtoken::testing {
namespace {

using ::testing::StartsWith;

class SafProgramsTest : public CommandLineTest {
 protected:
  SafProgramsTest() { MakeSystem(programs_); }

  Outcome RunC(const std::string& name, const Words& arguments = {}) const {
    return programs_.Run(SIGTOKEN_SAF_PROGRAMS "/" + name, arguments);
  }

  // Of the audit file and of the one before it.
  std::vector<int> Records() const {
    std::vector<int> records;
    for (const char* name : {"audit.jsonl", "audit.jsonl.1"}) {
      std::ifstream file(home_ / name);
      int lines = 0;
      for (std::string line; std::getline(file, line);) ++lines;
      records.push_back(lines);
    }
    return records;
  }

  // The key is in a module that is not there.
  void LoseTheModule() const {
    folder_.Write("home/sigtoken.toml",
                  "[[token]]\nname = \"IDTTKN.JWT.SECRET\"\nuri = "
                  "\"pkcs11:token=A?module-path=/nonexistent/module.so\"\n");
  }
};

// RACROUTE's codes are hexadecimal, initACEE's decimal.
TEST_F(SafProgramsTest, ZowesServerAuthenticatesAndVerifies) {
  const Outcome outcome = RunC("zowe_server");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out,
            "authenticate: 0/0/0, gen_rc = 0, prop_out = E000, token there, "
            "buffer written\n"
            "verify: 0/0/0, gen_rc = 0, prop_out = 0, token there, buffer "
            "written\n"
            "initACEE: 0/0/0, gen_rc = 0, prop_out = E000, token there, buffer "
            "written\n"
            "verify: 0/0/0, gen_rc = 0, prop_out = 0, token there, buffer "
            "written\n"
            "initACEE with a token: 8/12/6, gen_rc = 0, prop_out = 0, token "
            "there, buffer written\n"
            "authenticate into 1023: 8/70/1, gen_rc = 0, prop_out = 0, token "
            "of 1024, buffer untouched\n"
            "initACEE into 1023: 8/12/5, gen_rc = 0, prop_out = 0, token of "
            "1024, buffer untouched\n"
            "authenticate without RELEASE: 0/0/0, gen_rc = 0, prop_out = 0, "
            "token none, buffer untouched\n");
}

TEST_F(SafProgramsTest, WithTheModuleGoneTheGenerationCodeIsFour) {
  LoseTheModule();
  const Outcome outcome = RunC("zowe_server");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out,
            "authenticate: 0/0/0, gen_rc = 4, prop_out = 0, token none, buffer "
            "untouched\n"
            // No token came back, and no password is there.
            "verify: 8/8/0, gen_rc = 0, prop_out = 0, token none, buffer "
            "untouched\n"
            "initACEE: 8/16/4, gen_rc = 4, prop_out = 0, token none, buffer "
            "untouched\n"
            "verify: 8/8/0, gen_rc = 0, prop_out = 0, token none, buffer "
            "untouched\n"
            "initACEE with a token: 8/16/4, gen_rc = 4, prop_out = 0, token "
            "none, buffer untouched\n"
            "authenticate into 1023: 8/70/1, gen_rc = 0, prop_out = 0, token "
            "of 1024, buffer untouched\n"
            "initACEE into 1023: 8/12/5, gen_rc = 0, prop_out = 0, token of "
            "1024, buffer untouched\n"
            "authenticate without RELEASE: 0/0/0, gen_rc = 0, prop_out = 0, "
            "token none, buffer untouched\n");
}

TEST_F(SafProgramsTest, WithTheModuleGoneATokenIsNotDecided) {
  std::string token =
      Text({"idt", "generate", "--appl", "APPL01", "--user", "USER01"});
  token.pop_back();
  LoseTheModule();
  const Outcome outcome = RunC("zowe_server", {token});
  EXPECT_EQ(outcome.out,
            "verify: 8/6C/A0B, gen_rc = 0, prop_out = 0, token none, buffer "
            "written\n");
}

TEST_F(SafProgramsTest, AMessageIsOneLineForWhoAsksForIt) {
  LoseTheModule();
  programs_.SetEnvironment("SIGTOKEN_SAF_MESSAGES", "0");
  EXPECT_EQ(RunC("zowe_server").err, "");
  programs_.SetEnvironment("SIGTOKEN_SAF_MESSAGES", "1");
  const Outcome outcome = RunC("zowe_server");
  std::vector<std::string> lines;
  int consoles = 0;
  std::istringstream stream(outcome.err);
  for (std::string line; std::getline(stream, line);) {
    const bool console = line.find(": ICH408I ") != std::string::npos;
    consoles += console ? 1 : 0;
    if (!console) lines.push_back(line);
  }
  ASSERT_EQ(lines.size(), 8U) << outcome.err;
  EXPECT_EQ(consoles, 7);
  EXPECT_THAT(lines[0], StartsWith("racroute_verify: "));
  EXPECT_THAT(lines[0], ::testing::HasSubstr("/nonexistent/module.so"));
  EXPECT_THAT(lines[0], ::testing::EndsWith("[RACROUTE REQUEST=VERIFY 0/0/0, "
                                            "IDTA_IDT_Gen_RC 4]"));
  EXPECT_EQ(lines[1],
            "racroute_verify: nothing came with the request that would "
            "authenticate the user; nothing was counted [RACROUTE "
            "REQUEST=VERIFY 8/8/0]");
  EXPECT_THAT(lines[2], StartsWith("IRRSIA00: "));
  EXPECT_THAT(lines[2], ::testing::EndsWith("[initACEE function 7 8/16/4, "
                                            "IDTA_IDT_Gen_RC 4]"));
  EXPECT_EQ(lines[5],
            "racroute_verify: IDTA_IDT_Buffer_Len is below 1,024 (ICSF 8/3002, "
            "X'BBA'). Give a buffer of the length that IDTA_IDT_Len says now, "
            "and reset that [RACROUTE REQUEST=VERIFY 8/70/1]");
  EXPECT_EQ(lines[7],
            "racroute_verify: the IDTA was not looked at: RELEASE=1.6 is below "
            "PLV0001 [RACROUTE REQUEST=VERIFY 0/0/0]");
}

TEST_F(SafProgramsTest, ProgramsEndWithTheirOwnStatus) {
  for (const char* way :
       {"return", "thread", "child", "idle child", "parent"}) {
    const Outcome outcome = RunC("saf_endings", {way});
    EXPECT_EQ(outcome.status, 7) << way << ": " << outcome.err;
    EXPECT_EQ(outcome.err, "") << way;
  }
}

TEST_F(SafProgramsTest, ASignalHandlerRotatesTheAuditFileBeforeTheNextRecord) {
  EXPECT_EQ(RunC("rotating_server", {"call", "call", "hup"}).status, 7);
  EXPECT_EQ(Records(), (std::vector{2, 0}));
  EXPECT_EQ(RunC("rotating_server", {"call", "hup", "call"}).status, 7);
  EXPECT_EQ(Records(), (std::vector{1, 3}));
}

TEST_F(SafProgramsTest, ARotationBeforeTheFirstCallIsKeptForIt) {
  EXPECT_EQ(RunC("rotating_server", {"call", "call"}).status, 7);
  EXPECT_EQ(RunC("rotating_server", {"hup", "hup", "call"}).status, 7);
  EXPECT_EQ(Records(), (std::vector{1, 2}));
}

TEST_F(SafProgramsTest, OneSignalToAllWorkersRotatesOnce) {
  EXPECT_EQ(RunC("rotating_server", {"call", "call", "workers"}).status, 7);
  EXPECT_EQ(Records(), (std::vector{12, 2}));
}

TEST_F(SafProgramsTest, OneProgramMayUseBothLibraries) {
  const Outcome outcome = RunC("both_libraries");
  EXPECT_EQ(outcome.status, 7) << outcome.out;
  EXPECT_EQ(outcome.err, "");
}

}  // namespace
}  // namespace sigtoken::testing
