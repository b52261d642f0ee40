#include <sys/stat.h>

#include "signer/audit/audit_log.h"
#include "signer/audit/audit_unload.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/signer/audit/audit_records.h"
#include "tests/tools/command_line.h"
#include "tests/tools/shell.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

class AuditTest : public CommandLineTest {
 protected:
  AuditTest() {
    std::filesystem::create_directory(home_);
    EXPECT_EQ(chmod(home_.c_str(), 0700), 0);
  }

  // One file a record, the last one unrotated.
  void Record(const std::vector<AuditRecord>& records) {
    AuditLog log({file_, 1, 8, AuditFailure::kRefuse});
    for (const AuditRecord& record : records) {
      ASSERT_THAT(log.Write(record), IsOk());
    }
  }
  static std::string Unloaded(const AuditRecord& record) {
    return *UnloadAuditRecord(ToJsonLine(record));
  }

  const std::filesystem::path file_ = home_ / "audit.jsonl";
  const AuditRecord one_ = NumberedRecord("1");
  const AuditRecord two_ = FullInitAcee();
  const AuditRecord three_ = NumberedRecord("3");
};

TEST_F(AuditTest, UnloadsAllFilesTheOldestFirst) {
  Record({one_, two_, three_});
  EXPECT_EQ(Text({"audit", "unload"}), Unloaded(one_) + "\n" + Unloaded(two_) +
                                           "\n" + Unloaded(three_) + "\n");
  EXPECT_EQ(
      Json({"audit", "unload"}),
      (json{{"records", {Unloaded(one_), Unloaded(two_), Unloaded(three_)}}}));
}

TEST_F(AuditTest, UnloadsTheFileThatItIsGiven) {
  Record({one_, two_});
  EXPECT_EQ(Text({"audit", "unload", file_}), Unloaded(two_) + "\n");
  EXPECT_EQ(Text({"audit", "unload", "-"}, ToJsonLine(one_) + "\n"),
            Unloaded(one_) + "\n");
}

TEST_F(AuditTest, UnloadsTheFileThatIsConfigured) {
  Record({one_});
  const auto elsewhere = folder_.path() / "elsewhere";
  std::filesystem::rename(file_, elsewhere);
  const std::string configuration = folder_.Write(
      "sigtoken.toml", "[audit]\npath = '" + elsewhere.string() + "'\n");
  EXPECT_EQ(Text({"audit", "unload", "--config", configuration}),
            Unloaded(one_) + "\n");
}

TEST_F(AuditTest, ManyRecordsComeAsTheyAre) {
  std::string lines;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    const AuditRecord record = NumberedRecord(std::to_string(i));
    lines += ToJsonLine(record) + "\n";
    expected += Unloaded(record) + "\n";
  }
  EXPECT_EQ(Text({"audit", "unload", "-"}, lines), expected);
}

TEST_F(AuditTest, SaysWhereNothingIsRecorded) {
  const std::string message =
      "sigtoken: nothing is recorded yet in '" + file_.string() + "'\n";
  const Outcome unload = Run({"audit", "unload"});
  EXPECT_EQ(unload.status, 4);
  EXPECT_EQ(unload.out, "");
  EXPECT_EQ(unload.err, message);
  EXPECT_EQ(Run({"audit", "unload", "--json"}).json(),
            (json{{"records", json::array()}}));
  const Outcome rotate = Run({"audit", "rotate"});
  EXPECT_EQ(rotate.status, 4);
  EXPECT_EQ(rotate.err, message);
  EXPECT_EQ(Run({"audit", "rotate", "--json"}).json(),
            (json{{"rotated", false}, {"file", file_.string()}}));
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(AuditTest, ABadLineIsNamedAndNothingIsPrinted) {
  const std::string good = ToJsonLine(one_) + "\n";
  const std::string file =
      folder_.Write("bad", good + "{\"event\":\"x\"}\n" + good);
  const std::string message =
      ":2: the line is not an audit record: event is neither JOBINIT nor "
      "INITACEE (ICSF 8/3002, X'BBA'). Unload the file as sigtoken wrote it";
  for (const auto& [name, input, place] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {file, "", "'" + file + "'"},
           {"-", good + "{\"event\":\"x\"}\n", "'standard input'"}}) {
    const Outcome outcome = Run({"audit", "unload", name}, input);
    EXPECT_EQ(outcome.status, 8);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "sigtoken: " + place + message + "\n");
  }
}

TEST_F(AuditTest, ALineThatIsLongerThanAnyRecordIsABadOne) {
  ExpectRefusal({"audit", "unload", "-"}, kParameterInvalid,
                "'standard input':1: the line is not an audit record: it is "
                "not a strict JSON object: it is too long",
                std::string(100'000, 'x'));
}

TEST_F(AuditTest, WhatAWriterLeftThatDiedIsLeftOut) {
  const std::string good = ToJsonLine(one_) + "\n";
  folder_.Write("home/audit.jsonl", good + good.substr(0, 50));
  const Outcome outcome = Run({"audit", "unload"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, Unloaded(one_) + "\n");
  EXPECT_EQ(outcome.err,
            "sigtoken: warning: '" + file_.string() +
                "':2: the line is not whole and left out: its writer died, and "
                "its request was never answered\n");
  // The whole record, without its newline, is one.
  EXPECT_EQ(Text({"audit", "unload", "-"}, ToJsonLine(two_)),
            Unloaded(two_) + "\n");
}

TEST_F(AuditTest, AFileThatCannotBeReadIsTheRequestsFault) {
  const std::string none = folder_.path() / "none";
  const Outcome outcome = Run({"audit", "unload", none});
  EXPECT_EQ(outcome.status, 8);
  EXPECT_EQ(outcome.err, "sigtoken: cannot open '" + none +
                             "': No such file or directory (ICSF 8/3002, "
                             "X'BBA'). Check the path, and that uid " +
                             std::to_string(geteuid()) + " may use it\n");
}

TEST_F(AuditTest, AFileThatOthersMayUseIsNotTrusted) {
  folder_.Write("home/audit.jsonl", ToJsonLine(one_) + "\n", 0644);
  for (const char* verb : {"unload", "rotate"}) {
    const Outcome outcome = Run({"audit", verb});
    EXPECT_EQ(outcome.status, 12);
    EXPECT_EQ(outcome.err,
              "sigtoken: '" + file_.string() +
                  "' has mode 0644: others than its owner may use it (ICSF "
                  "12/0, X'0'). Run: chmod 600 '" +
                  file_.string() + "'\n");
  }
}

TEST_F(AuditTest, RotateBeginsANewFile) {
  Record({one_});
  EXPECT_EQ(Json({"audit", "rotate"}),
            (json{{"rotated", true}, {"file", file_.string()}}));
  EXPECT_EQ(LinesOf(file_.string() + ".1"),
            std::vector<std::string>{ToJsonLine(one_) + "\n"});
  EXPECT_FALSE(std::filesystem::exists(file_));
  Record({two_});
  EXPECT_EQ(Text({"audit", "rotate"}), "rotated: '" + file_.string() + "'\n");
  EXPECT_EQ(Text({"audit", "unload"}),
            Unloaded(one_) + "\n" + Unloaded(two_) + "\n");
}

TEST_F(AuditTest, SaysWhenItsResultCannotBeWritten) {
  Record({one_});
  const Outcome outcome =
      RunShell(home_, "\"$SIGTOKEN\" audit unload > /dev/full");
  EXPECT_EQ(outcome.status, 12);
  EXPECT_THAT(outcome.err,
              ::testing::StartsWith("sigtoken: the result could not be written "
                                    "to standard output"));
}

}  // namespace
}  // namespace sigtoken::testing
