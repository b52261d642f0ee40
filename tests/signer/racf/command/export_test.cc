// The export of users; of profiles: rlist_test.cc.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/signer/racf/racf_store.h"

namespace sigtoken::testing {
namespace {

constexpr const char* kComment =
    "/* passwords are not kept: CHANGEME and 'CHANGE ME' stand for all of "
    "them, and are to be replaced before RACF itself sees them; revoke counts "
    "begin at 0 */\n";

class ExportTest : public RacfStoreTest {
 protected:
  StoredUsers users_{*database_};
};

TEST_F(ExportTest, UsersAreWrittenAsCommands) {
  Lines(
      "ADDUSER A\n"
      "ADDUSER B PASSWORD(X) NAME('It''s B') SPECIAL\n"
      "ADDUSER C PASSWORD(X) PHRASE('123456789')\n"
      "ALTUSER C PHRASE('123456789') NOEXPIRED UAUDIT REVOKE");
  EXPECT_EQ(Export(),
            std::string(kComment) +
                "ADDUSER A\n"
                "ADDUSER B NAME('It''s B') PASSWORD(CHANGEME) SPECIAL\n"
                "ADDUSER C PASSWORD(CHANGEME) PHRASE('CHANGE ME')\n"
                "ALTUSER C PHRASE('CHANGE ME') NOEXPIRED UAUDIT REVOKE\n");
}

TEST_F(ExportTest, OptionsAreWrittenWhereTheyAreNotTheDefault) {
  EXPECT_EQ(Export(), "/* nothing is defined */\n");
  Lines("SETROPTS PASSWORD(REVOKE(3)) AUDIT(USER) NOSAUDIT");
  EXPECT_EQ(Export(),
            "SETROPTS PASSWORD(REVOKE(3))\nSETROPTS AUDIT(USER)\n"
            "SETROPTS NOSAUDIT\n");
}

// Every user that there can be, but for the count.
TEST_F(ExportTest, MakesTheSameUsersInAnotherStore) {
  std::vector<User> all;
  constexpr std::array<bool User::*, 7> kMembers = {
      &User::has_password,   &User::has_phrase, &User::password_expired,
      &User::phrase_expired, &User::revoked,    &User::special,
      &User::uaudit};
  for (unsigned bits = 0; bits < 1U << kMembers.size(); ++bits) {
    User user = {.id = "U" + std::to_string(1000 + bits), .name = "/* -"};
    for (std::size_t i = 0; i < kMembers.size(); ++i) {
      user.*kMembers[i] = ((bits >> i) & 1U) != 0;
    }
    // What is not there cannot have expired.
    if (user.password_expired && !user.has_password) continue;
    if (user.phrase_expired && !user.has_phrase) continue;
    all.push_back(user);
    user.revoke_count = 9;
    ASSERT_TRUE(Must(users_.Add(user)));
  }
  Lines("SETROPTS PASSWORD(REVOKE(254)) AUDIT(USER) NOSAUDIT");
  const std::string text = Export();
  const auto other = Must(Database::Open(folder_.path() / "other.db"));
  ASSERT_THAT(MigrateRacf(*other), IsOk());
  ASSERT_THAT(RunCommands(*other, Must(SplitCommands(text))), IsOk());
  EXPECT_EQ(Must(ExportCommands(*other)), text);
  StoredUsers made(*other);
  EXPECT_EQ(Must(made.Options()), Must(users_.Options()));
  std::vector<User> again;
  ASSERT_THAT(made.ForEach([&](const User& user) {
    again.push_back(user);
    return true;
  }),
              IsOk());
  EXPECT_EQ(again, all);
}

}  // namespace
}  // namespace sigtoken::testing
