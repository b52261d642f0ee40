#include <string>

#include "tests/tools/command_line.h"
#include "tests/tools/shell.h"

namespace sigtoken::testing {
namespace {

// CKA_CLASS, CKA_KEY_TYPE, CKA_TOKEN and CKA_VALUE_LEN of 32, big-endian, as
// the sample job prints them on z/OS.
constexpr const char* kAttributes =
    "\nAttribute struct:\n"
    " 00 04 00 00 00 00 00 04\n"
    " 00 00 00 04 00 00 01 00\n"
    " 00 04 00 00 00 10 00 00\n"
    " 00 01 00 01 01 00 00 01\n"
    " 61 00 04 00 00 00 20\n"
    "\nHandle:\n\n";

class ZweseckgTest : public CommandLineTest {
 protected:
  static std::string Failure(const std::string& return_code,
                             const std::string& reason_code,
                             const std::string& handle) {
    return "\nKey Generate failed:\n Return Code = " + return_code +
           "\n Reason Code = " + reason_code + "\n" + kAttributes + handle +
           "\n";
  }
};

TEST_F(ZweseckgTest, PrintsTheHandleOfTheKeyThatItMade) {
  WithToken();
  const Outcome outcome = programs_.Zweseckg({});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out, std::string(kAttributes) + kKeyHandle + "\n");
  const auto key = Json({"key", "show", kKey})["keys"].at(0);
  EXPECT_EQ(key["handle"], kKeyHandle);
  EXPECT_EQ(key["bytes"], 32);
  EXPECT_EQ(key["label"], "");
  EXPECT_EQ(key["attributes"]["CKA_SENSITIVE"], true);
  EXPECT_EQ(key["attributes"]["CKA_EXTRACTABLE"], false);
  EXPECT_EQ(Run({"sign", "--key", kKey, "--alg", "HS256"}).status, 0);
}

TEST_F(ZweseckgTest, TakesTheNameOfAnotherToken) {
  const std::string name = "A2345678901234567890123456789012";
  Text({"token", "create", name});
  EXPECT_EQ(programs_.Zweseckg({name}).out,
            std::string(kAttributes) + name + "00000001T   \n");
  EXPECT_EQ(programs_.Zweseckg({name}).out,
            std::string(kAttributes) + name + "00000002T   \n");
}

TEST_F(ZweseckgTest, AFailureHasItsCodesInDecimalAndTheHandleOfTheCall) {
  const std::string blanks(8, ' ');
  struct Row {
    std::string name;
    std::string reason_code;
    std::string printed;
    std::string message;
  };
  const std::string endless(33, 'A');
  for (const Row& row : std::vector<Row>{
           {"NONE", "3024", "NONE" + std::string(28, ' '),
            "there is no token NONE (ICSF 8/3024, X'BD0')"},
           {"none", "3001", "none" + std::string(28, ' '),
            "'none' is not a token name (ICSF 8/3001, X'BB9'). Names are upper "
            "case: write NONE"},
           {"", "3001", std::string(32, ' '), "'' is not a token name"},
           {"1A", "3001", "1A" + std::string(30, ' '),
            "'1A' is not a token name"},
           {endless, "3001", endless, "the handle has 45 characters, not 44"},
           {"A\x1b[2J", "3001", "A\\x1B[2J" + std::string(27, ' '),
            "'A\\x1B[2J' is not a token name"},
           {"A\n", "3001", "A\\x0A" + std::string(30, ' '),
            "'A\\x0A' is not a token name"},
       }) {
    SCOPED_TRACE(row.name);
    const Outcome outcome = programs_.Zweseckg({row.name});
    EXPECT_EQ(outcome.status, 8);
    EXPECT_EQ(outcome.out,
              Failure("0008", row.reason_code, row.printed + blanks + "T   "));
    EXPECT_THAT(outcome.err, ::testing::StartsWith("zweseckg: " + row.message));
  }
}

TEST_F(ZweseckgTest, TheDefaultTokenMustBeThere) {
  const Outcome outcome = programs_.Zweseckg({});
  EXPECT_EQ(outcome.status, 8);
  EXPECT_EQ(outcome.out,
            Failure("0008", "3024",
                    "IDTTKN.JWT.SECRET" + std::string(23, ' ') + "T   "));
}

TEST_F(ZweseckgTest, AModuleThatIsNotThereIsTwelve) {
  std::filesystem::create_directory(home_);
  std::filesystem::permissions(home_, std::filesystem::perms::owner_all);
  folder_.Write("home/sigtoken.toml",
                "[[token]]\nname = \"A\"\nuri = "
                "\"pkcs11:token=A?module-path=/nonexistent/module.so\"\n");
  const Outcome outcome = programs_.Zweseckg({"A"});
  EXPECT_EQ(outcome.status, 12);
  EXPECT_EQ(outcome.out,
            Failure("0012", "0000", "A" + std::string(39, ' ') + "T   "));
  EXPECT_THAT(outcome.err, ::testing::HasSubstr("/nonexistent/module.so"));
}

TEST_F(ZweseckgTest, ALostStoreIsSaidLoudlyAsKeyGenerateDoes) {
  WithKey();
  const auto lose_the_store = [&] {
    for (const char* file :
         {"sigtoken.db", "sigtoken.db-wal", "sigtoken.db-shm"}) {
      std::filesystem::remove(home_ / file);
    }
  };
  lose_the_store();
  const Outcome outcome = programs_.Zweseckg({});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, std::string(kAttributes) +
                             "IDTTKN.JWT.SECRET               00000002T   \n");
  lose_the_store();
  const std::string said =
      Run({"key", "generate", "--token", "IDTTKN.JWT.SECRET"}).err;
  ASSERT_THAT(said, ::testing::StartsWith(
                        "sigtoken: warning: THE STATE STORE HAD NO RECORD"));
  EXPECT_EQ(outcome.err, "zweseckg" + said.substr(said.find(':')));
}

// As sigtoken itself: who runs it once more would make another key.
TEST_F(ZweseckgTest, AResultThatCannotBeWrittenIsNotDone) {
  WithToken();
  const std::string unwritten =
      "the result could not be written to standard output";
  const Outcome made = RunShell(home_, "\"$ZWESECKG\" > /dev/full");
  EXPECT_EQ(made.status, 12);
  EXPECT_EQ(made.err,
            "zweseckg: " + unwritten +
                ", but the command was carried out (ICSF 12/0, "
                "X'0'). Look at what it did before it is run again\n");
  EXPECT_EQ(Json({"key", "list"})["keys"].size(), 1U);
  const Outcome closed = RunShell(home_, "\"$ZWESECKG\" >&-");
  EXPECT_EQ(closed.status, 12);
  EXPECT_EQ(closed.err, made.err);
  const Outcome failed = RunShell(home_, "\"$ZWESECKG\" NONE > /dev/full");
  EXPECT_EQ(failed.status, 12);
  EXPECT_THAT(failed.err, ::testing::StartsWith("zweseckg: there is no token"));
  EXPECT_THAT(failed.err,
              ::testing::EndsWith("\nzweseckg: " + unwritten + "\n"));
  const Outcome help = RunShell(home_, "\"$ZWESECKG\" --help > /dev/full");
  EXPECT_EQ(help.status, 12);
  EXPECT_EQ(help.err, "zweseckg: " + unwritten + "\n");
}

TEST_F(ZweseckgTest, HelpHasAnExample) {
  const Outcome outcome = programs_.Zweseckg({"--help"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, ::testing::HasSubstr("\n  sigtoken token create "
                                                "IDTTKN.JWT.SECRET\n"));
  EXPECT_EQ(programs_.Zweseckg({"A", "--help"}).out, outcome.out);
}

TEST_F(ZweseckgTest, RefusesOptionsAndASecondName) {
  WithToken();
  const std::string usage = programs_.Zweseckg({"--help"}).out;
  struct Row {
    Words words;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {{"--version"}, "'--version' is not an option"},
           {{"--json"}, "'--json' is not an option"},
           {{"-x"}, "'-x' is not an option"},
           {{"-"}, "'-' is not an option"},
           {{"-\x1b[2J"}, "'-\\x1B[2J' is not an option"},
           {{"IDTTKN.JWT.SECRET", "--json"}, "'--json' is not an option"},
           {{"IDTTKN.JWT.SECRET", "B"}, "'B' is one argument too many"},
           {{"A", "", "C"}, "'' is one argument too many"},
       }) {
    SCOPED_TRACE(::testing::PrintToString(row.words));
    const Outcome outcome = programs_.Zweseckg(row.words);
    EXPECT_EQ(outcome.status, 8);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "zweseckg: " + row.message +
                               " (ICSF 8/3002, X'BBA'). Give the name of one "
                               "token, or nothing\n" +
                               usage);
  }
  EXPECT_EQ(Json({"key", "list"})["keys"].size(), 0U);
}

}  // namespace
}  // namespace sigtoken::testing
