// What SETROPTS says of users; of classes: rlist_test.cc.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/signer/racf/racf_store.h"

namespace sigtoken::testing {
namespace {

using Texts = std::vector<std::string>;

class SetroptsTest : public RacfStoreTest {
 protected:
  UserOptions Options() { return Must(StoredUsers(*database_).Options()); }
  void ExpectRefused(const std::string& command, const std::string& message) {
    const UserOptions before = Options();
    const auto refused = Run(command);
    EXPECT_THAT(refused, FailsWith(kParameterInvalid)) << command;
    EXPECT_EQ(MessageOf(refused), message) << command;
    EXPECT_NE(CureOf(refused), "") << command;
    EXPECT_EQ(Options(), before) << command;
  }
};

TEST_F(SetroptsTest, NobodyIsRevokedUnlessItAsksForIt) {
  EXPECT_EQ(Options(), (UserOptions{std::nullopt, false, true}));
  Lines("SETROPTS PASSWORD(REVOKE(3))");
  EXPECT_EQ(Options(), (UserOptions{3, false, true}));
  Lines("setr pass(norev)");
  EXPECT_EQ(Options(), (UserOptions{std::nullopt, false, true}));
}

TEST_F(SetroptsTest, FromOneTo254AttemptsMayFail) {
  for (const int attempts : {1, 254}) {
    Lines("SETROPTS PASSWORD(REVOKE(" + std::to_string(attempts) + "))");
    EXPECT_EQ(Options().revoke_after, attempts);
  }
  for (const std::string value :
       {"0", "255", "-1", "X", "3X", "99999999999", "''", "+3", "3.0"}) {
    const std::string word = value == "''" ? "" : value;
    ExpectRefused("SETROPTS PASSWORD(REVOKE(" + value + "))",
                  "IKJ56702I INVALID REVOKE, " + word);
  }
}

TEST_F(SetroptsTest, SaysWhatIsAudited) {
  Lines("SETROPTS AUDIT(USER) NOSAUDIT");
  EXPECT_EQ(Options(), (UserOptions{std::nullopt, true, false}));
  Lines("SETROPTS NOAUDIT(USER)");
  EXPECT_EQ(Options(), (UserOptions{std::nullopt, false, false}));
  Lines("SETROPTS SAUDIT");
  EXPECT_EQ(Options(), (UserOptions{std::nullopt, false, true}));
}

TEST_F(SetroptsTest, ListsTheOptionsOfUsersAsRacfDoes) {
  EXPECT_EQ(
      Lines("SETROPTS NOSAUDIT AUDIT(USER) PASSWORD(REVOKE(5)) LIST"),
      (Texts{"ATTRIBUTES = NOSAUDIT", "AUDIT CLASSES = USER",
             "ACTIVE CLASSES = NONE", "GENERIC PROFILE CLASSES = NONE",
             "GENERIC COMMAND CLASSES = NONE", "SETR RACLIST CLASSES = NONE",
             "PASSWORD PROCESSING OPTIONS:",
             "  AFTER   5 CONSECUTIVE UNSUCCESSFUL PASSWORD ATTEMPTS, A "
             "USERID WILL BE REVOKED."}));
  Lines("SETROPTS PASSWORD(REVOKE(254))");
  EXPECT_EQ(Lines("SETROPTS LIST").back(),
            "  AFTER 254 CONSECUTIVE UNSUCCESSFUL PASSWORD ATTEMPTS, A USERID "
            "WILL BE REVOKED.");
}

TEST_F(SetroptsTest, WhatIsNotKeptIsRefusedByName) {
  struct Row {
    std::string operand;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {"PASSWORD", "IKJ56701I MISSING PASSWORD VALUE"},
           {"PASSWORD()", "IKJ56701I MISSING PASSWORD VALUE"},
           {"PASSWORD(INTERVAL(90))",
            "RACF's keyword INTERVAL is not kept here"},
           {"PASSWORD(HISTORY(8))", "RACF's keyword HISTORY is not kept here"},
           {"PASSWORD(MIXEDCASE)", "RACF's keyword MIXEDCASE is not kept here"},
           {"PASSWORD(FIRE)", "IKJ56712I INVALID KEYWORD"},
           {"PASSWORD(REVOKE)", "IKJ56701I MISSING REVOKE VALUE"},
           {"PASSWORD(REVOKE(3 4))", "REVOKE takes one value"},
           {"PASSWORD(NOREVOKE(3))", "NOREVOKE takes no value"},
           {"PASSWORD(REVOKE(3) NOREVOKE)",
            "REVOKE or NOREVOKE stands there twice"},
           {"PASSWORD(REVOKE(3) REVOKE(4))",
            "REVOKE or NOREVOKE stands there twice"},
           {"AUDIT", "IKJ56701I MISSING AUDIT VALUE"},
           {"AUDIT(DATASET)", "the class 'DATASET' is not audited here"},
           {"AUDIT(*)", "the class '*' is not audited here"},
           {"AUDIT(USER GROUP)", "AUDIT takes one value"},
           {"NOAUDIT(GROUP)", "the class 'GROUP' is not audited here"},
           {"AUDIT(USER) NOAUDIT(USER)",
            "AUDIT and NOAUDIT contradict each other"},
           {"SAUDIT NOSAUDIT", "SAUDIT and NOSAUDIT contradict each other"},
           {"SAUDIT(USER)", "SAUDIT takes no value"},
           {"NOSAUDIT()", "NOSAUDIT takes no value"},
           {"OPERAUDIT", "RACF's keyword OPERAUDIT is not kept here"},
       }) {
    ExpectRefused("SETROPTS " + row.operand, row.message);
  }
}

}  // namespace
}  // namespace sigtoken::testing
