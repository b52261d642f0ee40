#include <string>

#include "tests/tools/command_line.h"
#include "tests/tools/shell.h"

namespace sigtoken::testing {
namespace {

using ::testing::HasSubstr;

class ApplicationTest : public CommandLineTest {};

constexpr const char* kUnwritten =
    "sigtoken: the result could not be written to standard output\n";
constexpr const char* kDoneUnwritten =
    "sigtoken: the result could not be written to standard output, but the "
    "command was carried out (ICSF 12/0, X'0'). Look at what it did before it "
    "is run again\n";

TEST_F(ApplicationTest, PrintsItsVersion) {
  const Outcome outcome = Run({"--version"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "sigtoken 0.1.0\n");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(Json({"--version", "--json"}),
            nlohmann::json({{"version", "0.1.0"}}));
}

TEST_F(ApplicationTest, EveryNounAndVerbHasHelpWithAnExample) {
  for (const Words& words : std::vector<Words>{
           {},
           {"token"},
           {"token", "create"},
           {"token", "list"},
           {"token", "show"},
           {"token", "delete"},
           {"key"},
           {"key", "generate"},
           {"key", "import"},
           {"key", "export"},
           {"key", "adopt"},
           {"key", "list"},
           {"key", "show"},
           {"key", "delete"},
           {"key", "disable"},
           {"key", "enable"},
           {"sign"},
           {"verify"},
           {"idt"},
           {"idt", "generate"},
           {"idt", "validate"},
           {"idt", "inspect"},
           {"store"},
           {"store", "backup"},
           {"store", "restore"},
           {"config"},
           {"config", "check"},
           {"hsm"},
           {"hsm", "test"},
           {"explain"},
       }) {
    SCOPED_TRACE(::testing::PrintToString(words));
    const Outcome outcome = Run(words + Words{"--help"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.out, HasSubstr("\nExample:\n  "));
    EXPECT_THAT(outcome.out, HasSubstr("sigtoken "));
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(Run(words + Words{"-h"}).out, outcome.out);
    EXPECT_EQ(Json(words + Words{"--help", "--json"}),
              nlohmann::json({{"help", outcome.out}}));
  }
  EXPECT_FALSE(std::filesystem::exists(home_));
}

TEST_F(ApplicationTest, TheExamplesOfItsHelpWorkAsTheyStand) {
  const Outcome outcome = RunShell(home_, R"(
    mkdir bin && ln -s "$SIGTOKEN" bin/sigtoken && PATH=$PWD/bin:$PATH
    example() { "$SIGTOKEN" "$@" --help | sed -n '/^Example:/,$s/^  //p'; }
    failed=0
    run() {
      line=$(example "$@"); line=${line//MAC/$mac}
      out=$(bash -c "$line") || { echo "$*: $line"; failed=1; }
    }
    run token create; run token list; run token show
    run key generate; run key list; run key show
    run sign; mac=$out; run verify
    run racf; run profile match
    run idt generate; echo "$out" >token.jwt; run idt validate; run idt inspect
    run config check; run explain
    run key disable; run key enable; run key delete; run token delete
    exit $failed)");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "");
}

TEST_F(ApplicationTest, GlobalOptionsStandBeforeTheNounAndBehindTheVerb) {
  const auto elsewhere = folder_.path() / "elsewhere";
  const auto file =
      folder_.Write("sigtoken.toml", "default_appl = \"APPL01\"\n");
  const Words globals = {"--home", elsewhere, "--config", file,
                         "--json", "--quiet", "--verbose"};
  for (const Words& words : {globals + Words{"config", "check"},
                             Words{"config"} + globals + Words{"check"},
                             Words{"config", "check"} + globals}) {
    const Outcome outcome = Run(words);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.json()["home"], elsewhere.string());
    EXPECT_EQ(outcome.json()["file"], file.string());
    EXPECT_EQ(outcome.json()["default_appl"], "APPL01");
  }
}

TEST_F(ApplicationTest, QuietLeavesWarningsOutAndNoErrors) {
  WithToken();
  const Words generate = {"key", "generate", "--token", "IDTTKN.JWT.SECRET",
                          "--exportable"};
  EXPECT_EQ(Run(generate).err,
            "sigtoken: warning: THIS KEY IS EXPORTABLE: whoever has the "
            "token's PIN can read its value and sign elsewhere\n");
  EXPECT_EQ(Run(generate + Words{"--quiet"}).err, "");
  EXPECT_EQ(Run({"token", "show", "NONE", "--quiet"}).err,
            Run({"token", "show", "NONE"}).err);
}

struct Mistake {
  Words words;
  std::string message;
};

TEST_F(ApplicationTest, AMistakeIsNamed) {
  for (const Mistake& mistake : std::vector<Mistake>{
           {{},
            "sigtoken needs one of: token, key, sign, verify, idt, racf, "
            "profile, store, audit, config, hsm, explain"},
           {{"frobnicate"},
            "'frobnicate' is none of: token, key, sign, verify, idt, racf, "
            "profile, store, audit, config, hsm, explain"},
           {{"Token", "list"},
            "'Token' is none of: token, key, sign, verify, idt, racf, profile, "
            "store, audit, config, hsm, explain"},
           {{"token"}, "token needs one of: create, list, show, delete"},
           {{"token", "make", "A"},
            "'make' is none of: create, list, show, delete"},
           {{"key", "make"},
            "'make' is none of: generate, import, adopt, export, list, show, "
            "delete, disable, enable"},
           {{"idt"}, "idt needs one of: generate, validate, inspect"},
           {{"config"}, "config needs one of: check"},
           {{"token", "create"}, "NAME is required"},
           {{"token", "create", "A", "B"},
            "The following argument was not expected: B"},
           {{"token", "list", "A"},
            "The following argument was not expected: A"},
           {{"token", "list", "--token", "A"},
            "The following arguments were not expected: A --token"},
           {{"key", "generate"}, "--token is required"},
           {{"key", "generate", "--token"}, "--token needs a value"},
           {{"key", "generate", "--token", "A", "--token", "B"},
            "--token is given more than once"},
           {{"key", "show"}, "HANDLE is required"},
           {{"key", "delete", "A:1T", "A:2T"},
            "The following argument was not expected: A:2T"},
           {{"sign", "--alg", "HS256"}, "--key is required"},
           {{"sign", "--key", kKey}, "--alg is required"},
           {{"sign", "--key", kKey, "--alg", "HS256", "a", "b"},
            "The following argument was not expected: b"},
           {{"sign", "--key", kKey, "--key", kKey, "--alg", "HS256"},
            "--key is given more than once"},
           {{"verify", "--key", kKey, "--alg", "HS256"}, "--mac is required"},
           {{"verify", "--key", kKey, "--alg", "HS256", "--mac"},
            "--mac needs a value"},
           {{"explain"}, "CODE is required"},
           {{"explain", "8/3043", "--hex"},
            "The following argument was not expected: --hex"},
           {{"--home"}, "--home needs a value"},
           {{"token", "list", "--config"}, "--config needs a value"},
       }) {
    ExpectRefusal(mistake.words, kParameterInvalid, mistake.message);
  }
  EXPECT_FALSE(std::filesystem::exists(home_));
}

TEST_F(ApplicationTest, RefusesAnOptionThatIsEmpty) {
  WithKey();
  const Words sign = {"sign", "--key", kKey, "--alg", "HS256"};
  for (const Mistake& mistake : std::vector<Mistake>{
           {{"--home", "", "token", "list"}, "--home is empty"},
           {{"--home=", "token", "list"}, "--home is empty"},
           {{"token", "list", "--config", ""}, "--config is empty"},
           {{"token", "create", ""}, "NAME is empty"},
           {{"key", "list", "--token", ""}, "--token is empty"},
           {{"key", "list", "--token="}, "--token is empty"},
           {{"key", "generate", "--token", "IDTTKN.JWT.SECRET", "--alg", ""},
            "--alg is empty"},
           {{"key", "generate", "--token", "IDTTKN.JWT.SECRET", "--bytes", ""},
            "--bytes is empty"},
           {{"key", "show", ""}, "HANDLE is empty"},
           {{"sign", "--key", "", "--alg", "HS256"}, "--key is empty"},
           {{"sign", "--key=", "--alg", "HS256"}, "--key is empty"},
           {sign + Words{""}, "FILE is empty"},
           {{"explain", ""}, "CODE is empty"},
           {{"idt", "inspect", ""}, "FILE is empty"},
       }) {
    ExpectRefusal(mistake.words, kParameterInvalid, mistake.message);
  }
  EXPECT_EQ(Json({"key", "list"})["keys"].size(), 1U);
}

TEST_F(ApplicationTest, NothingThatIsTypedSteersTheTerminal) {
  WithKey();
  const std::string bad =
      "\x1b[31mRED\x07\r\n\x7f\xc2\x9b"
      "1m\xff";
  for (const Words& words : std::vector<Words>{
           {bad},
           {"token", bad},
           {"token", "list", bad},
           {"token", "list", "--" + bad},
           {"token", "create", bad},
           {"token", "create", "A", "--manufacturer", bad},
           {"token", "show", bad},
           {"token", "delete", bad},
           {"key", "list", "--token", bad},
           {"key", "show", bad},
           {"key", "show", bad + ":1T"},
           {"key", "show", "pkcs11:token=" + bad},
           {"key", "generate", "--token", bad},
           {"key", "generate", "--token", "IDTTKN.JWT.SECRET", "--label", bad},
           {"key", "generate", "--token", "IDTTKN.JWT.SECRET", "--alg", bad},
           {"key", "generate", "--token", "IDTTKN.JWT.SECRET", "--bytes", bad},
           {"key", "generate", "--token", "IDTTKN.JWT.SECRET", "--category",
            bad},
           {"key", "delete", bad},
           {"sign", "--key", bad, "--alg", "HS256"},
           {"sign", "--key", kKey, "--alg", bad},
           {"sign", "--key", kKey, "--alg", "HS256", bad},
           {"verify", "--key", kKey, "--alg", "HS256", "--mac", bad},
           {"idt", "generate", "--appl", bad, "--user", "U"},
           {"idt", "generate", "--appl", "A", "--user", bad},
           {"idt", "generate", "--appl", "A", "--user", "U", "--service", bad},
           {"idt", "generate", "--appl", "A", "--user", "U", "--service",
            "racroute", "--amr", bad},
           {"idt", "generate", "--appl", "A", "--user", "U", "--input-idt",
            bad},
           {"idt", "validate", "--appl", bad},
           {"idt", "validate", "--at", bad},
           {"idt", "validate", bad},
           {"idt", "inspect", bad},
           {"explain", bad},
           {"config", "check", "--config", bad},
           {"config", "check", "--home", bad},
           {"hsm", "test", bad},
           {"hsm", "test", "--uri", bad},
           {"hsm", "test", "--uri", "pkcs11:token=" + bad},
           {"hsm", "test", "--token", bad},
       }) {
    for (const Words& more : std::vector<Words>{{}, {"--json"}}) {
      SCOPED_TRACE(::testing::PrintToString(words + more));
      const Outcome outcome = Run(words + more);
      EXPECT_NE(outcome.status, 0);
      EXPECT_LT(outcome.status, 16);
      EXPECT_NE(outcome.err, "");
      EXPECT_TRUE(IsPlain(outcome.err)) << outcome.err;
      EXPECT_TRUE(IsPlain(outcome.out)) << outcome.out;
    }
  }
}

TEST_F(ApplicationTest, AVeryLongTextMakesNoLongMessage) {
  const std::string endless(100'000, 'A');
  for (const Words& words : std::vector<Words>{
           {endless},
           {"token", "create", endless},
           {"key", "show", endless},
           {"key", "show", endless + ":1T"},
           {"key", "show", "pkcs11:token=" + endless},
           {"sign", "--key", "A:1T", "--alg", endless},
           {"sign", "--key", "A:" + endless + "T", "--alg", "HS256"},
           {"verify", "--key", "A:1T", "--alg", "HS256", "--mac", endless},
           {"idt", "generate", "--appl", endless, "--user", "U"},
           {"idt", "validate", "--at", endless},
           {"idt", "inspect", endless},
           {"hsm", "test", "--uri", endless},
           {"hsm", "test", "--token", endless},
           {"explain", endless},
       }) {
    const Outcome outcome = Run(words);
    EXPECT_NE(outcome.status, 0);
    EXPECT_LT(outcome.status, 16);
    EXPECT_LT(outcome.err.size(), 500U) << outcome.err;
  }
}

TEST_F(ApplicationTest, AResultThatCannotBeWrittenIsNotDone) {
  struct Row {
    const char* command;
    const char* complaint;
  };
  for (const Row& row : std::vector<Row>{
           {"--help", kUnwritten},
           {"token create --help", kUnwritten},
           {"--version", kUnwritten},
           {"token show NONE --json", kUnwritten},
           {"config check", kDoneUnwritten},
           {"explain 0", kDoneUnwritten},
           {"token list --json", kDoneUnwritten},
       }) {
    for (const char* output : {">/dev/full", ">&-"}) {
      SCOPED_TRACE(std::string(row.command) + " " + output);
      const Outcome outcome = RunShell(
          home_, std::string("\"$SIGTOKEN\" ") + row.command + " " + output);
      EXPECT_EQ(outcome.status, 12);
      EXPECT_THAT(outcome.err, ::testing::EndsWith(row.complaint));
    }
  }
}

TEST_F(ApplicationTest, AReaderThatWentAwayIsNoSignal) {
  const Outcome outcome = RunShell(home_, R"(
    mkfifo pipe; (sleep 0.2; : <pipe) & exec 3>pipe; wait
    "$SIGTOKEN" token list --json >&3)");
  EXPECT_EQ(outcome.status, 12);
  EXPECT_EQ(outcome.err, kDoneUnwritten);
}

TEST_F(ApplicationTest, AnAnswerNeedsNoStandardError) {
  const Outcome outcome =
      RunShell(home_, R"("$SIGTOKEN" token show NONE --json 2>&-)");
  EXPECT_EQ(outcome.status, 8);
  EXPECT_EQ(outcome.json()["error"]["icsf"]["reason_code"], 3024);
}

}  // namespace
}  // namespace sigtoken::testing
