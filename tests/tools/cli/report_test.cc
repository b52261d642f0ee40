#include "tools/cli/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sigtoken::cli {
namespace {

class ReportTest : public ::testing::Test {
 protected:
  // What Report() gives and prints.
  template <typename What>
  int Run(const What& what) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int status = Report(options_, what);
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return status;
  }

  static Answer No() {
    Answer answer;
    answer.status = kNo;
    answer.json = {{"ok", false}};
    answer.text = "no\n";
    answer.message = "it is not so";
    answer.warnings = {"mind this", "and that"};
    answer.details = {"a detail"};
    return answer;
  }

  GlobalOptions options_;
  std::string out_;
  std::string err_;
};

TEST_F(ReportTest, AnAnswerGoesToStdoutAndItsMessagesToStderr) {
  EXPECT_EQ(Run(No()), 4);
  EXPECT_EQ(out_, "no\n");
  EXPECT_EQ(err_,
            "sigtoken: warning: mind this\nsigtoken: warning: and that\n"
            "sigtoken: it is not so\n");
}

TEST_F(ReportTest, JsonTakesThePlaceOfTheText) {
  options_.json = true;
  EXPECT_EQ(Run(No()), 4);
  EXPECT_EQ(out_, "{\"ok\":false}\n");
}

TEST_F(ReportTest, AStreamTakesThePlaceOfBoth) {
  for (const bool json : {false, true}) {
    options_.json = json;
    Answer answer = No();
    answer.stream = [](std::ostream& out) { out << "much\n"; };
    EXPECT_EQ(Run(answer), 4);
    EXPECT_EQ(out_, "much\n");
  }
}

TEST_F(ReportTest, QuietLeavesTheMessage) {
  options_.quiet = true;
  Run(No());
  EXPECT_EQ(err_, "sigtoken: it is not so\n");
}

TEST_F(ReportTest, VerboseAddsTheDetails) {
  options_.verbose = true;
  Run(No());
  EXPECT_EQ(err_,
            "sigtoken: warning: mind this\nsigtoken: warning: and that\n"
            "sigtoken: a detail\nsigtoken: it is not so\n");
}

TEST_F(ReportTest, AnErrorHasItsCodesAndTheFunctionThatGaveIt) {
  const Error error{CKR_KEY_HANDLE_INVALID, "C_SignInit", "could not sign",
                    "look for it"};
  EXPECT_EQ(Run(error), 8);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_,
            "sigtoken: could not sign: C_SignInit answered "
            "CKR_KEY_HANDLE_INVALID (ICSF 8/3043, X'BE3'). Look for it\n");
  options_.json = true;
  EXPECT_EQ(Run(error), 8);
  EXPECT_EQ(out_,
            "{\"error\":{\"message\":\"could not sign. Look for it\",\"icsf\":{"
            "\"return_code\":8,\"reason_code\":3043,\"reason_hex\":\"BE3\"},"
            "\"cryptoki\":{\"function\":\"C_SignInit\",\"rv\":"
            "\"CKR_KEY_HANDLE_INVALID\"}}}\n");
}

TEST_F(ReportTest, ARefusalOfOursNamesNoFunction) {
  options_.json = true;
  EXPECT_EQ(Run(Unavailable("it is gone", "")), 12);
  EXPECT_EQ(out_,
            "{\"error\":{\"message\":\"it is gone\",\"icsf\":{\"return_code\":"
            "12,\"reason_code\":0,\"reason_hex\":\"0\"}}}\n");
  EXPECT_EQ(Run(Fault("it broke")), 16);
}

TEST(HexReasonTest, HasNoZerosInFront) {
  EXPECT_EQ(HexReason(0), "0");
  EXPECT_EQ(HexReason(8), "8");
  EXPECT_EQ(HexReason(3043), "BE3");
  EXPECT_EQ(HexReason(16000), "3E80");
}

TEST(DumpTest, IsOneLineOfAscii) {
  EXPECT_EQ(Dump(Json{{"a", "\n\x1b\xc3\xa4\xc2\x9b"}}),
            "{\"a\":\"\\n\\u001b\\u00e4\\u009b\"}\n");
  EXPECT_EQ(Dump(Json{{"a", "\xff"}}), "{\"a\":\"\\ufffd\"}\n");
  EXPECT_EQ(Dump(Json{{"b", 1}, {"a", nullptr}}), "{\"b\":1,\"a\":null}\n");
}

}  // namespace
}  // namespace sigtoken::cli
