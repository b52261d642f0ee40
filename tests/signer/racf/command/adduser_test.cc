// ADDUSER and ALTUSER.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "pkcs11/base/printable.h"
#include "tests/signer/racf/racf_store.h"

namespace sigtoken::testing {
namespace {

using Texts = std::vector<std::string>;
using ::testing::HasSubstr;
using ::testing::Not;

class AdduserTest : public RacfStoreTest {
 protected:
  User Found(const std::string& id = "USER01") {
    return Must(users_.Find(id)).value_or(User{});
  }
  void ExpectRefused(const std::string& command, const std::string& message) {
    const std::string before = Export();
    const auto refused = Run(command);
    EXPECT_THAT(refused, FailsWith(kParameterInvalid)) << command;
    EXPECT_EQ(MessageOf(refused), message) << command;
    EXPECT_NE(CureOf(refused), "") << command;
    EXPECT_EQ(Export(), before) << command;
  }

  StoredUsers users_{*database_};
};

// OA63462, "Defining Protected user IDs", as printed.
TEST_F(AdduserTest, TheExamplesOfTheSeedWork) {
  Lines("ADDUSER SERVER8 PASSWORD(secret) PHRASE('a long secret')");
  EXPECT_FALSE(Found("SERVER8").is_protected());
  EXPECT_EQ(Lines("ALTUSER SERVER8 NOPASSWORD NOPHRASE"), Texts{});
  EXPECT_TRUE(Found("SERVER8").is_protected());
  EXPECT_EQ(Lines("ALTUSER SERVER8 PASSWORD(password)"), Texts{});
  EXPECT_EQ(
      Found("SERVER8"),
      (User{.id = "SERVER8", .has_password = true, .password_expired = true}));
}

TEST_F(AdduserTest, WhoGetsNoPasswordIsProtected) {
  for (const std::string operands :
       {"", "NOPASSWORD", "NOPHRASE", "NOPASSWORD NOPHRASE NOOIDCARD"}) {
    EXPECT_EQ(Lines("ADDUSER USER01 " + operands),
              Texts{"ICH01024I User USER01 is defined as PROTECTED."});
    EXPECT_EQ(Found(), User{.id = "USER01"}) << operands;
    Lines("DELUSER USER01");
  }
}

TEST_F(AdduserTest, AnAdministratorsPasswordHasExpired) {
  EXPECT_EQ(Lines("ADDUSER USER01 PASSWORD(A) PHRASE('123456789')"), Texts{});
  EXPECT_EQ(Found(), (User{"USER01", "", true, true, true, true}));
}

TEST_F(AdduserTest, AltuserSaysWhetherItHas) {
  Lines("ADDUSER USER01");
  struct Row {
    std::string operands;
    bool password_expired;
    bool phrase_expired;
  };
  for (const Row& row : std::vector<Row>{
           {"PASSWORD(A) PHRASE('123456789') NOEXPIRED", false, false},
           {"PASSWORD(B)", true, false},
           {"PHRASE('123456789') EXPIRED", true, true},
           {"NOEXPIRED PASSWORD(C)", false, true},
           {"PHRASE('123456789') NOEXPIRED", false, false},
       }) {
    Lines("ALTUSER USER01 " + row.operands);
    EXPECT_EQ(Found().password_expired, row.password_expired) << row.operands;
    EXPECT_EQ(Found().phrase_expired, row.phrase_expired) << row.operands;
  }
}

TEST_F(AdduserTest, WhatIsTakenAwayHasNotExpired) {
  Lines("ADDUSER USER01 PASSWORD(A) PHRASE('123456789')");
  Lines("ALTUSER USER01 NOPASSWORD");
  EXPECT_EQ(Found(),
            (User{.id = "USER01", .has_phrase = true, .phrase_expired = true}));
  Lines("ALTUSER USER01 NOPHRASE");
  EXPECT_EQ(Found(), User{.id = "USER01"});
}

TEST_F(AdduserTest, ChangesWhatItSaysAndNothingElse) {
  Lines("AU USER01 NAME('One') SPECIAL");
  User user = {.id = "USER01", .name = "One", .special = true};
  EXPECT_EQ(Found(), user);
  const auto expect = [&](const std::string& operands) {
    EXPECT_EQ(Lines("ALU USER01 " + operands), Texts{});
    EXPECT_EQ(Found(), user) << operands;
  };
  expect("");
  user.uaudit = true;
  expect("UAUDIT");
  user.special = false;
  expect("NOSPECIAL");
  user.revoked = true;
  expect("REVOKE");
  user.name = "It's two";
  expect("NAME('It''s two')");
  user.uaudit = false;
  expect("NOUAUDIT");
  user.special = true;
  expect("SPECIAL");
  user.name = "";
  expect("NAME('')");
  user.revoked = false;
  expect("RESUME");
}

// OA63462: a protected user can be revoked by command, and resumed.
TEST_F(AdduserTest, AProtectedUserIsRevokedByCommand) {
  Lines("ADDUSER USER01\nALTUSER USER01 REVOKE");
  EXPECT_TRUE(Found().revoked);
  EXPECT_TRUE(Found().is_protected());
  Lines("ALTUSER USER01 RESUME");
  EXPECT_FALSE(Found().revoked);
}

TEST_F(AdduserTest, ANewPasswordAndResumeForgetFailures) {
  struct Row {
    std::string operands;
    int count;
  };
  for (const Row& row : std::vector<Row>{{"PASSWORD(A)", 0},
                                         {"PHRASE('123456789')", 0},
                                         {"RESUME", 0},
                                         {"REVOKE", 3},
                                         {"NOPHRASE", 3},
                                         {"NOPASSWORD", 3},
                                         {"NAME(X)", 3}}) {
    Must(users_.Put({.id = "USER01", .has_password = true, .revoke_count = 3}));
    Lines("ALTUSER USER01 " + row.operands);
    EXPECT_EQ(Found().revoke_count, row.count) << row.operands;
  }
}

TEST_F(AdduserTest, OperandsMayBeShortenedWhileTheyAreNotAmbiguous) {
  Lines("au user01 nam(x) pa(a) ph('123456789') sp");
  EXPECT_EQ(Found(),
            (User{"USER01", "X", true, true, true, true, false, true}));
  Lines("alu user01 pass(a) noex uau rev");
  EXPECT_EQ(Found(),
            (User{"USER01", "X", true, true, false, true, true, true, true}));
  ExpectRefused("ALU USER01 P(A)",
                "a keyword is ambiguous: it may stand for PASSWORD, PHRASE, "
                "PROXY, PWCLEAN, PWCONVERT");
}

TEST_F(AdduserTest, SeveralUsersAreAddedAtOnceOrNone) {
  Lines("ADDUSER (USER01 USER02) NAME(X)");
  EXPECT_EQ(Found("USER02").name, "X");
  ExpectRefused("ADDUSER (USER03 USER02)", "ICH01010I USER02 NOT ADDED");
  Lines("ALTUSER (USER01,USER02) NAME(Y)");
  EXPECT_EQ(Found("USER01").name + Found("USER02").name, "YY");
  ExpectRefused("ALTUSER (USER01 USER03) NAME(Z)",
                "ICH21009I UNABLE TO LOCATE USER03");
}

TEST_F(AdduserTest, PasswordsAndPhrasesHaveTheirLengths) {
  const auto phrase = [](std::size_t length) {
    return "ALTUSER USER01 PHRASE('" + std::string(length, 'x') + "')";
  };
  Lines("ADDUSER USER01");
  Lines("ALTUSER USER01 PASSWORD(12345678)");
  Lines("ALTUSER USER01 PASSWORD('it''s (*)')");
  Lines(phrase(9));
  Lines(phrase(100));
  ExpectRefused("ALTUSER USER01 PASSWORD(123456789)",
                "IKJ56702I INVALID PASSWORD");
  ExpectRefused("ALTUSER USER01 PASSWORD('')", "IKJ56702I INVALID PASSWORD");
  ExpectRefused(phrase(0), "IKJ56702I INVALID PHRASE");
  ExpectRefused(phrase(8), "IKJ56702I INVALID PHRASE");
  ExpectRefused(phrase(101), "IKJ56702I INVALID PHRASE");
  ExpectRefused("ALTUSER USER01 PHRASE(UNQUOTED1)", "IKJ56702I INVALID PHRASE");
}

TEST_F(AdduserTest, CommandsThatAreNoneAreRefused) {
  Lines("ADDUSER USER01");
  struct Row {
    std::string command;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {"ADDUSER", "IKJ56701I MISSING USERID"},
           {"ALTUSER ()", "IKJ56701I MISSING USERID"},
           {"ADDUSER USER01", "ICH01010I USER01 NOT ADDED"},
           {"ALTUSER USER02", "ICH21009I UNABLE TO LOCATE USER02"},
           {"ADDUSER TOOLONGID", "IKJ56702I INVALID USERID"},
           {"ADDUSER USER.1", "IKJ56702I INVALID USERID"},
           {"ADDUSER 'USER02'", "IKJ56702I INVALID USERID"},
           {"ADDUSER USER02(X)", "IKJ56702I INVALID USERID"},
           {"ADDUSER (USER02(X))", "IKJ56702I INVALID USERID"},
           {"ADDUSER USER02 USER03", "IKJ56712I INVALID KEYWORD"},
           {"ADDUSER USER02 UAUDIT", "IKJ56712I INVALID KEYWORD"},
           {"ADDUSER USER02 REVOKE", "IKJ56712I INVALID KEYWORD"},
           {"ADDUSER USER02 EXPIRED", "IKJ56712I INVALID KEYWORD"},
           {"ADDUSER USER02 'SPECIAL'", "IKJ56712I INVALID KEYWORD"},
           {"ADDUSER USER02 OWNER(X)", "RACF's keyword OWNER is not kept here"},
           {"ALTUSER USER01 OMVS(UID(0))",
            "RACF's keyword OMVS is not kept here"},
           {"ALTUSER USER01 OIDCARD",
            "RACF's keyword OIDCARD is not kept here"},
           {"ALTUSER USER01 REVOKE(12/31/30)",
            "the dates of REVOKE and RESUME are not kept here"},
           {"ALTUSER USER01 RESUME()",
            "the dates of REVOKE and RESUME are not kept here"},
           {"ALTUSER USER01 NOREVOKE",
            "RACF's keyword NOREVOKE is not kept here"},
           {"ALTUSER USER01 REVOKE RESUME",
            "REVOKE and RESUME contradict each other"},
           {"ALTUSER USER01 NOPASSWORD PASSWORD(X)",
            "NOPASSWORD and PASSWORD contradict each other"},
           {"ALTUSER USER01 PHRASE('123456789') NOPHRASE",
            "PHRASE and NOPHRASE contradict each other"},
           {"ALTUSER USER01 UAUDIT NOUAUDIT",
            "UAUDIT and NOUAUDIT contradict each other"},
           {"ADDUSER USER02 SPECIAL NOSPECIAL",
            "SPECIAL and NOSPECIAL contradict each other"},
           {"ALTUSER USER01 PASSWORD(A) EXPIRED NOEXPIRED",
            "EXPIRED and NOEXPIRED contradict each other"},
           {"ALTUSER USER01 NAME(A) NAME(B)", "NAME stands there twice"},
           {"ALTUSER USER01 EXPIRED",
            "EXPIRED and NOEXPIRED are about a new password or phrase"},
           {"ALTUSER USER01 NOEXPIRED NOPASSWORD",
            "EXPIRED and NOEXPIRED are about a new password or phrase"},
           {"ALTUSER USER01 NOPASSWORD(X)", "NOPASSWORD takes no value"},
           {"ALTUSER USER01 SPECIAL()", "SPECIAL takes no value"},
           {"ALTUSER USER01 NAME", "IKJ56701I MISSING NAME VALUE"},
           {"ALTUSER USER01 NAME(A B)", "NAME takes one value"},
           {"ALTUSER USER01 NAME('123456789012345678901')",
            "IKJ56702I INVALID NAME"},
           {"ALTUSER USER01 NAME('A\tB')", "IKJ56702I INVALID NAME"},
           {"ALTUSER USER01 NAME('\xC3\xA4')", "IKJ56702I INVALID NAME"},
           {"ALTUSER USER01 PASSWORD", "PASSWORD has no value"},
           {"ADDUSER USER02 PHRASE NOPASSWORD", "PHRASE has no value"},
           {"ALTUSER USER01 PASSWORD()", "IKJ56701I MISSING PASSWORD VALUE"},
           {"ALTUSER USER01 PASSWORD(A B)", "PASSWORD takes one value"},
       }) {
    ExpectRefused(row.command, row.message);
  }
  Lines("ALTUSER USER01 NAME('12345678901234567890')");
}

TEST_F(AdduserTest, APasswordWithoutAValueSaysThatNoneIsKept) {
  Lines("ADDUSER USER01");
  EXPECT_EQ(CureOf(Run("ALTUSER USER01 PASSWORD")),
            "write PASSWORD(value) to standard input or into a file for "
            "--file: that there is one is kept, the value itself is not");
}

// However it is written.
TEST_F(AdduserTest, NoMessageRepeatsAPassword) {
  Lines("ADDUSER USER01");
  for (const std::string command : {
           "ALTUSER USER01 PASSWORD(S3CRET99X)",
           "ALTUSER USER01 PASSWORD(S3CRET X)",
           "ALTUSER USER01 PASSWORD(S3CRET(X))",
           "ALTUSER USER01 PASSWORD((S3CRET))",
           "ALTUSER USER01 PASSWORD(S3CRET",
           "ALTUSER USER01 PASSWORD('S3CRET)",
           "ALTUSER USER01 PASSWORD S3CRET",
           "ALTUSER USER01 PASSWORD 'S3CRET'",
           "ALTUSER USER01 PASSWORD'S3CRET'",
           "ALTUSER USER01 PASSWORD=S3CRET",
           "ALTUSER USER01 PASSWORDS3CRET",
           "ALTUSER USER01 PASSWRD(S3CRET)",
           "ALTUSER USER01 PASSWRD S3CRET",
           "ALTUSER USER01 'PASSWORD'(S3CRET)",
           "ALTUSER USER01 S3CRET PASSWORD",
           "ALTUSER USER01 (S3CRET)",
           "ALTUSER USER01 (PASSWORD(S3CRET))",
           "ALTUSER USER01 NAME('X PASSWORD(S3CRET) AND MORE')",
           "ALTUSER USER01 NAME(X PASSWORD(S3CRET))",
           "ALTUSER USER01 REVOKE(PASSWORD(S3CRET))",
           "ALTUSER USER01 PHRASE(S3CRET IS LONG)",
           "ALTUSER USER01 PHRASE('S3CRET')",
           "ALTUSER USER01 PHRASE('S3CRET IS LONG') PASSWORD",
           "ALTUSER USER01 PHRASE 'S3CRET IS LONG'",
           "ALTUSER USER01 PHRASE S3CRET",
           "ALTUSER USER01 PASSWORD(S3CRET) NOPASSWORD",
           "ALTUSER USER01 PASSWORD(S3CRET) PASSWORD(S3CRET)",
           "ALTUSER USER01 PASSWORD(S3CRET) OWNER(S3CRET)",
           "ALTUSER NOBODY PASSWORD(S3CRET)",
           "ALTUSER PASSWORD(S3CRET)",
           "ALTUSER 'S3CRET'",
           "ALTUSER (USER01 PASSWORD(S3CRET))",
           "ALTUSER (USER01 PASSWORD S3CRET)",
           "ALTUSER (USER01 PASSWORD(S3CRET)",
           "ALTUSER USER01PASSWORD(S3CRET)",
           "ALTUSER USER01 PASSWORD(S3CRET))",
           "ALTUSER USER01 NAME(A) + PASSWORD(S3CRET)",
           "ALTUSER USER01\nPASSWORD(S3CRET)",
           "ALTUSER USER01 PASSWORD\nS3CRET",
           "ALTUSER USER01 PASSWORD(\nS3CRET)",
           "ALTUSER USER01 PASSWORD(S3CRET) -",
           "ALTUSER USER01 PASSWORD(S3CRET) /*",
           "ALTUSER=USER01=PASSWORD=S3CRET",
           "ALTUSER(USER01) PASSWORD(S3CRET X)",
           "(ALTUSER USER01 PASSWORD(S3CRET))",
           "ALTUSERS USER01 PASSWORD(S3CRET)",
           "ADDUSER USER01 PASSWORD(S3CRET)",
           "ADDUSER USER02 PASSWORD(S3CRET) EXPIRED",
           "DELUSER USER01 PASSWORD(S3CRET)",
           "DELUSER USER01 S3CRET",
           "LISTUSER USER01 PASSWORD(S3CRET)",
           "LISTUSER USER01 S3CRET",
           "SETROPTS PASSWORD(S3CRET)",
       }) {
    const auto refused = Run(command);
    ASSERT_FALSE(refused.has_value()) << command;
    EXPECT_THAT(UpperCase(ToText(refused.error())), Not(HasSubstr("S3CRET")))
        << command;
  }
}

TEST_F(AdduserTest, APasswordIsInNoOutputAndInNoFile) {
  const auto lines = Lines(
      "ADDUSER USER01 PASSWORD(S3CRET) PHRASE('S3CRET IS LONG')\n"
      "ALTUSER USER01 PASSWORD(S3CRET) NOEXPIRED\nLISTUSER *");
  EXPECT_THAT(lines, Not(::testing::Contains(HasSubstr("S3CRET"))));
  EXPECT_THAT(Export(), Not(HasSubstr("S3CRET")));
  database_.reset();
  for (const auto& entry :
       std::filesystem::directory_iterator(folder_.path())) {
    std::ostringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    EXPECT_THAT(bytes.str(), Not(HasSubstr("S3CRET"))) << entry.path();
  }
}

}  // namespace
}  // namespace sigtoken::testing
