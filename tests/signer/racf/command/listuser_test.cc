#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/signer/racf/racf_store.h"

namespace sigtoken::testing {
namespace {

using Texts = std::vector<std::string>;

class ListuserTest : public RacfStoreTest {
 protected:
  void ExpectRefused(const std::string& command, const std::string& message) {
    const auto refused = Run(command);
    EXPECT_THAT(refused, FailsWith(kParameterInvalid)) << command;
    EXPECT_EQ(MessageOf(refused), message) << command;
    EXPECT_NE(CureOf(refused), "") << command;
  }
};

// OA63462: "A protected user ID will have the PROTECTED attribute displayed".
TEST_F(ListuserTest, AProtectedUserIsShownAsSuch) {
  Lines("ADDUSER SERVER8");
  EXPECT_EQ(Lines("LISTUSER SERVER8"),
            (Texts{"USER=SERVER8  NAME=UNKNOWN", " ATTRIBUTES=PROTECTED",
                   " SIGTOKEN: PASSWORD EXPIRED=N/A  PHRASE EXPIRED=N/A  "
                   "REVOKE COUNT=0"}));
}

TEST_F(ListuserTest, AUserWithoutAttributesHasNone) {
  Lines("ADDUSER USER01 PASSWORD(A) NAME('User One')");
  EXPECT_EQ(Lines("LU USER01"),
            (Texts{"USER=USER01  NAME=User One", " ATTRIBUTES=NONE",
                   " SIGTOKEN: PASSWORD EXPIRED=YES  PHRASE EXPIRED=N/A  "
                   "REVOKE COUNT=0"}));
}

TEST_F(ListuserTest, EveryAttributeIsALine) {
  EXPECT_TRUE(Must(StoredUsers(*database_)
                       .Add({.id = "A",
                             .has_phrase = true,
                             .revoked = true,
                             .special = true,
                             .uaudit = true,
                             .revoke_count = 12})));
  EXPECT_EQ(Lines("LISTUSER A"),
            (Texts{"USER=A  NAME=UNKNOWN", " ATTRIBUTES=SPECIAL",
                   " ATTRIBUTES=UAUDIT", " ATTRIBUTES=REVOKED",
                   " SIGTOKEN: PASSWORD EXPIRED=N/A  PHRASE EXPIRED=NO  REVOKE "
                   "COUNT=12"}));
}

TEST_F(ListuserTest, SeveralUsersAndAllHaveABlankLineBetween) {
  Lines("ADDUSER (B A C) PASSWORD(X)");
  const auto names = [](const Texts& lines) {
    std::string text;
    for (const std::string& line : lines) {
      if (line.empty()) text += ',';
      if (line.starts_with("USER=")) text += line.substr(5, 1);
    }
    return text;
  };
  EXPECT_EQ(names(Lines("LISTUSER (C A)")), "C,A");
  EXPECT_EQ(names(Lines("LISTUSER *")), "A,B,C");
}

TEST_F(ListuserTest, WhatCannotBeListedIsNamed) {
  ExpectRefused("LISTUSER", "IKJ56701I MISSING USERID");
  ExpectRefused("LISTUSER *", "ICH30011I NO USERS LISTED.");
  Lines("ADDUSER USER01");
  ExpectRefused("LISTUSER (USER01 USER02)",
                "ICH30001I UNABLE TO LOCATE USER    ENTRY USER02");
  ExpectRefused("LISTUSER (*)", "IKJ56702I INVALID USERID");
  ExpectRefused("LISTUSER '*'", "IKJ56702I INVALID USERID");
  ExpectRefused("LISTUSER USER01 OMVS", "IKJ56712I INVALID KEYWORD");
  ExpectRefused("LISTUSER * NORACF", "IKJ56712I INVALID KEYWORD");
}

// Who only reads does not wait for who writes.
TEST_F(ListuserTest, ListsWhileAnotherProcessWrites) {
  Lines("ADDUSER USER01");
  const auto other = Must(Database::Open(folder_.path() / "racf.db"));
  const auto transaction = Must(other->Begin());
  EXPECT_EQ(Lines("LISTUSER *").size(), 3U);
}

}  // namespace
}  // namespace sigtoken::testing
