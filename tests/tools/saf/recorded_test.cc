// What a C program's requests leave in the audit file.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/tools/command_line.h"
#include "tests/tools/saf/calls.h"

namespace sigtoken::testing {
namespace {

class RecordedTest : public CommandLineTest {
 protected:
  RecordedTest() { MakeSystem(programs_); }

  Outcome RunC(const std::string& what) const {
    return programs_.Run(SIGTOKEN_SAF_PROGRAMS "/recorded", {what});
  }
  std::vector<nlohmann::json> Records() const {
    std::vector<nlohmann::json> records;
    std::ifstream file(home_ / "audit.jsonl");
    for (std::string line; std::getline(file, line);) {
      records.push_back(nlohmann::json::parse(line));
    }
    return records;
  }
};

TEST_F(RecordedTest, WhatIsRefusedBeforeTheServiceIsOnRecordToo) {
  const Outcome outcome = RunC("refused");
  EXPECT_EQ(outcome.out, "8/8/4\n8/8/4\n8/70/A01\n");
  const auto records = Records();
  // Function X'01' makes no token.
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0]["event"], "INITACEE");
  EXPECT_EQ(records[0]["code"], "8/8/4");
  EXPECT_EQ(records[0]["INTA_IDT_USER"], "USER01");
  EXPECT_EQ(records[0]["INTA_APPL"], "APPL01");
  EXPECT_EQ(records[1]["event"], "JOBINIT");
  EXPECT_EQ(records[1]["code"], "8/70/A01");
  EXPECT_EQ(records[1]["user"], "USER01");
  EXPECT_EQ(records[1]["appl"], "APPL01");
}

TEST_F(RecordedTest, AChildDoesNotFulfilItsParentsWishForRotation) {
  const Outcome outcome = RunC("forked");
  EXPECT_EQ(outcome.out, "0/0/0\n0/0/0\n0/0/0\n0/0/0\n");
  EXPECT_EQ(Records().size(), 4U);
  EXPECT_FALSE(std::filesystem::exists(home_ / "audit.jsonl.1"));
}

TEST_F(RecordedTest, ALimitOnTheSizeOfFilesDoesNotEndTheProgram) {
  const Outcome outcome = RunC("limited");
  EXPECT_EQ(outcome.status, 0);
  const auto records = Records();
  std::size_t done = 0;
  for (std::size_t at = 0;
       (at = outcome.out.find("0/0/0\n", at)) != std::string::npos; ++at) {
    ++done;
  }
  EXPECT_EQ(records.size(), done);
  EXPECT_LT(done, 5U);
  EXPECT_NE(outcome.out.find("8/6C/A0D\n"), std::string::npos);
}

TEST_F(RecordedTest, WhoGoesOnWithoutRecordsSaysSoOnce) {
  const auto path = home_ / "nowhere" / "audit.jsonl";
  folder_.Write("home/sigtoken.toml", "[audit]\npath = \"" + path.string() +
                                          "\"\non_failure = \"continue\"\n");
  const Outcome outcome = RunC("twice");
  EXPECT_EQ(outcome.out, "0/0/0\n0/0/0\n");
  EXPECT_EQ(outcome.err,
            "racroute_verify: NOT RECORDED: cannot look at '" +
                path.parent_path().string() +
                "': No such file or directory (ICSF 12/0, X'0'). Check the "
                "path, and that uid " +
                std::to_string(getuid()) + " may use it\n");
}

TEST_F(RecordedTest, AStoreThatCannotBeOpenedIsOnRecord) {
  const auto store = home_ / "no.db";
  std::filesystem::create_directory(store);
  folder_.Write("home/sigtoken.toml",
                "default_appl = \"MYAPPL\"\n[store]\npath = \"" +
                    store.string() + "\"\n");
  EXPECT_EQ(RunC("twice").out, "8/6C/A0B\n8/6C/A0B\n");
  const auto records = Records();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0]["code"], "8/6C/A0B");
  EXPECT_EQ(records[0]["user_undefined"], false);
  EXPECT_EQ(records[0]["service"], nullptr);
}

}  // namespace
}  // namespace sigtoken::testing
