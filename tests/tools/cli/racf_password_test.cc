// sigtoken racf, and where passwords come from.

#include <string>
#include <vector>

#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kRefused =
    "passwords are not taken from arguments, which everybody on this machine "
    "can read";

class RacfPasswordTest : public CommandLineTest {
 protected:
  // The lines of LISTUSER.
  json Listed(const std::string& id) const {
    return Json({"racf", "LISTUSER " + id})["messages"];
  }
  Outcome AtTerminal(const Words& words,
                     const std::vector<Programs::Dialogue>& dialogues) const {
    return programs_.RunAtTerminal(SIGTOKEN_BINARY, words, dialogues);
  }
};

// OA63462, "Defining Protected user IDs", as printed.
TEST_F(RacfPasswordTest, TheExamplesOfTheSeedWork) {
  EXPECT_EQ(Json({"racf", "ADDUSER SERVER8"})["messages"],
            json{"ICH01024I User SERVER8 is defined as PROTECTED."});
  EXPECT_EQ(Text({"racf"}, "ALTUSER SERVER8 PASSWORD(password)\n"), "");
  EXPECT_EQ(Listed("SERVER8")[1], " ATTRIBUTES=NONE");
  EXPECT_EQ(Text({"racf", "ALTUSER SERVER8 NOPASSWORD NOPHRASE"}), "");
  EXPECT_EQ(Listed("SERVER8")[1], " ATTRIBUTES=PROTECTED");
}

TEST_F(RacfPasswordTest, AFileMayHaveThem) {
  const std::string file =
      folder_.Write("users", "ADDUSER U1 PASSWORD(S3CRET)\n").string();
  EXPECT_EQ(Text({"racf", "--file", file}), "");
  EXPECT_EQ(Listed("U1")[1], " ATTRIBUTES=NONE");
}

TEST_F(RacfPasswordTest, ArgumentsMayNotAndAreNotRepeated) {
  Text({"racf", "ADDUSER U1"});
  for (const Words& command : std::vector<Words>{
           {"ALTUSER U1 PASSWORD(S3CRET)"},
           {"ALTUSER", "U1", "PASSWORD(S3CRET)"},
           {"ALTUSER U1 PASSWORD", "(S3CRET)"},
           {"alu u1 pass(s3cret)"},
           {"ALTUSER U1 PHRASE('S3CRET IS LONG')"},
           {"ADDUSER U2 PASSWORD(S3CRET)"},
           {"ADDUSER U2\nALTUSER U2 PASSWORD(S3CRET)"},
           {"(ALTUSER U1 PASSWORD(S3CRET"},
           {"ALTUSER (U1 PASSWORD(S3CRET))"},
           {"ALTUSER U1 PASSWORD=S3CRET"},
       }) {
    ExpectRefusal(Words{"racf"} + command, kParameterInvalid, kRefused);
    EXPECT_THAT(Run(Words{"racf"} + command).err, Not(HasSubstr("3CRET")));
  }
  EXPECT_EQ(Text({"racf", "--export"}).find("U2"), std::string::npos);
  EXPECT_EQ(Listed("U1")[1], " ATTRIBUTES=PROTECTED");
}

// Those that never reach the verb.
TEST_F(RacfPasswordTest, MisplacedArgumentsAreNotRepeatedEither) {
  for (const Words& words : std::vector<Words>{
           {"ALTUSER U1 PASSWORD(S3CRET)"},
           {"key", "ALTUSER U1 PASSWORD(S3CRET)"},
           {"racf", "ALTUSER", "U1", "-PASSWORD(S3CRET)"},
           {"racf", "ALTUSER", "U1", "--password=S3CRET"},
           {"racf", "--export", "ALTUSER U1 PASSWORD(S3CRET)"},
           {"racf", "ALTUSER U1 PASSWORD(S3CRET)", "--file", "x"},
           {"racf", "ALTUSER U1 PASSWORD(S3CRET) -"},
           {"racf", "ALTUSER U1 PASSWORD S3CRET"},
       }) {
    const Outcome outcome = Run(words);
    EXPECT_EQ(outcome.status, 8) << outcome.err;
    EXPECT_THAT(outcome.err + outcome.out, Not(HasSubstr("S3CRET")));
  }
}

TEST_F(RacfPasswordTest, TheRulesOfPasswordsAreNoPassword) {
  const json messages =
      Json({"racf", "SETROPTS PASSWORD(REVOKE(3)) LIST"})["messages"];
  EXPECT_EQ(messages.back(),
            "  AFTER   3 CONSECUTIVE UNSUCCESSFUL PASSWORD ATTEMPTS, A USERID "
            "WILL BE REVOKED.");
}

TEST_F(RacfPasswordTest, WithoutATerminalAMissingOneIsRefused) {
  Text({"racf", "ADDUSER U1"});
  ExpectRefusal({"racf", "ALTUSER U1 PASSWORD NOEXPIRED"}, kParameterInvalid,
                "PASSWORD has no value");
}

TEST_F(RacfPasswordTest, AtATerminalAMissingOneIsAskedForAndNotShown) {
  Text({"racf", "ADDUSER U1"});
  const Outcome outcome =
      AtTerminal({"racf", "ALTUSER U1 PASSWORD PHRASE NOEXPIRED"},
                 {{"New password: ", "S3CRET\n"},
                  {"New password phrase: ", "it's S3CRET\n"}});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "New password: \r\nNew password phrase: \r\n");
  EXPECT_EQ(Listed("U1")[2],
            " SIGTOKEN: PASSWORD EXPIRED=NO  PHRASE EXPIRED=NO  REVOKE "
            "COUNT=0");
}

TEST_F(RacfPasswordTest, AtATerminalOneOfTheWrongLengthIsRefused) {
  Text({"racf", "ADDUSER U1"});
  struct Row {
    std::string keyword;
    std::string question;
    std::string typed;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {"PASSWORD", "New password: ", "",
            "no password of 1 to 8 characters was typed"},
           {"PASSWORD", "New password: ", "S3CRET123",
            "no password of 1 to 8 characters was typed"},
           {"PHRASE", "New password phrase: ", std::string(101, 'x'),
            "no password phrase of 9 to 100 characters was typed"},
           {"PHRASE", "New password phrase: ", "S3CRET12",
            "IKJ56702I INVALID PHRASE"},
       }) {
    const Outcome outcome = AtTerminal({"racf", "ALTUSER U1 " + row.keyword},
                                       {{row.question, row.typed + "\n"}});
    EXPECT_EQ(outcome.status, 8);
    EXPECT_THAT(outcome.out, HasSubstr("sigtoken: " + row.message + " (ICSF"));
    EXPECT_THAT(outcome.out, Not(HasSubstr("S3CRET")));
  }
  EXPECT_EQ(Listed("U1")[1], " ATTRIBUTES=PROTECTED");
}

TEST_F(RacfPasswordTest, ABackupHoldsUsersAndTheRestoreBringsThemBack) {
  Text({"racf"},
       "ADDUSER U1 PASSWORD(X)\nSETROPTS PASSWORD(REVOKE(3)) AUDIT(USER)\n");
  const std::string before = Text({"racf", "--export"});
  const std::string file = (folder_.path() / "backup.db").string();
  Text({"store", "backup", file});
  Text({"racf", "DELUSER U1"});
  Text({"racf", "SETROPTS PASSWORD(NOREVOKE)"});
  Text({"store", "restore", file});
  EXPECT_EQ(Text({"racf", "--export"}), before);
}

TEST_F(RacfPasswordTest, TheHelpNamesTheCommandsForUsers) {
  EXPECT_THAT(Text({"racf", "--help"}),
              HasSubstr("ADDUSER, ALTUSER, LISTUSER, DELUSER"));
}

}  // namespace
}  // namespace sigtoken::testing
