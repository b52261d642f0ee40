#include "signer/racf/users/stored_users.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "signer/racf/schema.h"
#include "tests/embedded_home.h"
#include "tests/forked.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken::testing {
namespace {

using ::testing::ElementsAre;
using enum FailureCount;

// A change of one failure.
Result<FailureCount> CountOne(StoredUsers& users) {
  SIGTOKEN_ASSIGN(const auto change, users.Begin());
  SIGTOKEN_ASSIGN(const FailureCount count, change->CountFailure("USER01"));
  SIGTOKEN_TRY(change->Commit());
  return count;
}

class StoredUsersTest : public ::testing::Test {
 protected:
  StoredUsersTest() { EXPECT_THAT(MigrateRacf(*database_), IsOk()); }

  void Add(const User& user) { EXPECT_TRUE(Must(users_.Add(user))); }
  void RevokeAfter(std::optional<int> attempts) {
    EXPECT_THAT(users_.SetOptions({attempts}), IsOk());
  }
  FailureCount Fail() { return Must(CountOne(users_)); }
  void Renew(const std::string& id, Authenticator authenticator) {
    const auto change = Must(users_.Begin());
    EXPECT_THAT(change->Renew(id, authenticator), IsOk());
    EXPECT_THAT(change->Commit(), IsOk());
  }
  void ForgetFailures(const std::string& id) {
    const auto change = Must(users_.Begin());
    EXPECT_THAT(change->ForgetFailures(id), IsOk());
    EXPECT_THAT(change->Commit(), IsOk());
  }
  User Found() { return Must(users_.Find("USER01")).value_or(User{}); }
  int Count() { return Found().revoke_count; }

  TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "racf.db";
  std::unique_ptr<Database> database_ = Must(Database::Open(file_));
  StoredUsers users_{*database_};
};

const User kUser = {.id = "USER01", .has_password = true};

TEST_F(StoredUsersTest, KeepsAllOfAUser) {
  const User everything = {"USER01", "It's one", true, true, true,
                           true,     true,       true, true, 7};
  Add(everything);
  EXPECT_EQ(Found(), everything);
  // Each by itself, so that none stands in the place of another.
  for (bool User::*member :
       {&User::has_password, &User::has_phrase, &User::password_expired,
        &User::phrase_expired, &User::revoked, &User::special, &User::uaudit}) {
    User one = {.id = "USER01"};
    one.*member = true;
    ASSERT_THAT(users_.Put(one), IsOk());
    EXPECT_EQ(Found(), one);
  }
}

TEST_F(StoredUsersTest, WhoIsNotDefinedIsNotFound) {
  EXPECT_EQ(Must(users_.Find("USER01")), std::nullopt);
  EXPECT_FALSE(Must(users_.Delete("USER01")));
}

TEST_F(StoredUsersTest, AnIdIsAddedOnce) {
  Add(kUser);
  EXPECT_FALSE(Must(users_.Add({.id = "USER01", .special = true})));
  EXPECT_EQ(Found(), kUser);
  EXPECT_TRUE(Must(users_.Delete("USER01")));
  Add(kUser);
}

TEST_F(StoredUsersTest, AreVisitedInAsciiOrderUntilTheVisitorHasEnough) {
  for (const std::string id : {"B", "A", "@", "9", "A1"}) Add({.id = id});
  std::vector<std::string> ids;
  const auto visit = [&](std::size_t most) {
    ids.clear();
    EXPECT_THAT(users_.ForEach([&](const User& user) {
      ids.push_back(user.id);
      return ids.size() < most;
    }),
                IsOk());
  };
  visit(9);
  EXPECT_THAT(ids, ElementsAre("9", "@", "A", "A1", "B"));
  visit(2);
  EXPECT_THAT(ids, ElementsAre("9", "@"));
}

TEST_F(StoredUsersTest, KeepsTheOptions) {
  EXPECT_EQ(Must(users_.Options()), (UserOptions{std::nullopt, false, true}));
  for (const UserOptions& options :
       {UserOptions{5, false, true}, UserOptions{std::nullopt, true, true},
        UserOptions{254, false, false}}) {
    ASSERT_THAT(users_.SetOptions(options), IsOk());
    EXPECT_EQ(Must(users_.Options()), options);
  }
}

TEST_F(StoredUsersTest, WhoIsNotDefinedIsNotCounted) {
  EXPECT_EQ(Fail(), kNotCounted);
  EXPECT_EQ(Must(users_.Find("USER01")), std::nullopt);
}

// OA63462, "Defining Protected user IDs".
TEST_F(StoredUsersTest, AProtectedUserIsNeverCountedNorRevoked) {
  const User user = {.id = "USER01", .revoke_count = 3};
  Add(user);
  RevokeAfter(1);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Fail(), kNotCounted);
  EXPECT_EQ(Found(), user);
}

TEST_F(StoredUsersTest, WithNoRevokeAttemptsAreCountedAndNobodyIsRevoked) {
  Add(kUser);
  for (int i = 1; i <= 20; ++i) {
    EXPECT_EQ(Fail(), kCounted);
    EXPECT_EQ(Count(), i);
  }
  EXPECT_FALSE(Found().revoked);
}

// As many may fail; the next one revokes.
TEST_F(StoredUsersTest, TheAttemptAfterTheLastThatIsAllowedRevokes) {
  Add({.id = "USER01", .has_phrase = true});
  RevokeAfter(2);
  EXPECT_EQ(Fail(), kCounted);
  EXPECT_EQ(Fail(), kCounted);
  EXPECT_FALSE(Found().revoked);
  EXPECT_EQ(Fail(), kCountedRevoked);
  EXPECT_TRUE(Found().revoked);
  EXPECT_EQ(Count(), 3);
}

TEST_F(StoredUsersTest, WhoIsRevokedAlreadyIsStillCounted) {
  Add({.id = "USER01", .has_password = true, .revoked = true});
  RevokeAfter(1);
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(Fail(), kCounted);
    EXPECT_EQ(Count(), i);
  }
}

TEST_F(StoredUsersTest, WhoHadMoreFailuresThanANewLimitIsRevokedByTheNext) {
  Add(kUser);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Fail(), kCounted);
  RevokeAfter(3);
  EXPECT_FALSE(Found().revoked);
  EXPECT_EQ(Fail(), kCountedRevoked);
}

TEST_F(StoredUsersTest, TheCountStaysInOneByte) {
  Add({.id = "USER01", .has_password = true, .revoke_count = 254});
  RevokeAfter(254);
  EXPECT_EQ(Fail(), kCountedRevoked);
  EXPECT_EQ(Count(), 255);
  EXPECT_EQ(Fail(), kCounted);
  EXPECT_EQ(Count(), 255);
}

// Another program may have written it.
TEST_F(StoredUsersTest, ACountThatNobodyCanReachDoesNotOverflow) {
  Add({.id = "USER01",
       .has_password = true,
       .revoke_count = std::numeric_limits<int>::max()});
  EXPECT_EQ(Fail(), kCounted);
  EXPECT_EQ(Count(), 255);
}

TEST_F(StoredUsersTest, OneUsersFailuresAreNotAnothers) {
  Add(kUser);
  Add({.id = "USER02", .has_password = true});
  EXPECT_EQ(Fail(), kCounted);
  EXPECT_EQ(Must(users_.Find("USER02"))->revoke_count, 0);
}

TEST_F(StoredUsersTest, FailuresAreForgottenAndNothingElse) {
  User user = {"USER01", "One", true, true, true, true, true, true, true, 7};
  Add(user);
  ForgetFailures("USER01");
  ForgetFailures("NOBODY");
  user.revoke_count = 0;
  EXPECT_EQ(Found(), user);
}

TEST_F(StoredUsersTest, NothingOfAChangeIsKeptThatIsNotCommitted) {
  Add({"USER01", "", true, true, true, true});
  const User before = Found();
  {
    const auto change = Must(users_.Begin());
    EXPECT_EQ(Must(change->CountFailure("USER01")), kCounted);
    EXPECT_THAT(change->Renew("USER01", Authenticator::kPassword), IsOk());
    // Its own thread sees it, others do not.
    EXPECT_EQ(Found(), (User{"USER01", "", true, true, false, true, false,
                             false, false, 1}));
    const auto other = Must(Database::Open(file_));
    EXPECT_EQ(Must(StoredUsers(*other).Find("USER01")), before);
  }
  EXPECT_EQ(Found(), before);
}

TEST_F(StoredUsersTest, WhatIsRenewedHasNotExpired) {
  Add({"USER01", "", true, true, true, true});
  Renew("USER01", Authenticator::kPassword);
  EXPECT_EQ(Found(), (User{"USER01", "", true, true, false, true}));
  Renew("USER01", Authenticator::kPhrase);
  EXPECT_EQ(Found(), (User{"USER01", "", true, true, false, false}));
  Renew("NOBODY", Authenticator::kPhrase);
}

TEST_F(StoredUsersTest, AProtectedUserStaysSoWhenARequestBringsAPassword) {
  Add({.id = "USER01"});
  Renew("USER01", Authenticator::kPassword);
  EXPECT_TRUE(Found().is_protected());
}

TEST_F(StoredUsersTest, WithoutATableNothingIsAvailable) {
  ASSERT_THAT(database_->Run("break",
                             [](SQLite::Database& connection) {
                               connection.exec("DROP TABLE racf_users");
                               connection.exec("DROP TABLE racf_user_options");
                             }),
              IsOk());
  EXPECT_THAT(users_.Options(), FailsWith(kNotAvailable));
  EXPECT_THAT(users_.SetOptions({}), FailsWith(kNotAvailable));
  EXPECT_THAT(users_.Find("USER01"), FailsWith(kNotAvailable));
  {
    const auto change = Must(users_.Begin());
    EXPECT_THAT(change->CountFailure("USER01"), FailsWith(kNotAvailable));
    EXPECT_THAT(change->ForgetFailures("USER01"), FailsWith(kNotAvailable));
    EXPECT_THAT(change->Renew("USER01", Authenticator::kPhrase),
                FailsWith(kNotAvailable));
  }
  EXPECT_THAT(users_.Add(kUser), FailsWith(kNotAvailable));
  EXPECT_THAT(users_.Put(kUser), FailsWith(kNotAvailable));
  EXPECT_THAT(users_.Delete("USER01"), FailsWith(kNotAvailable));
  EXPECT_THAT(users_.ForEach([](const User&) { return true; }),
              FailsWith(kNotAvailable));
}

// Nothing of a count stays where the options cannot be read.
TEST_F(StoredUsersTest, WhatFailsIsNotCounted) {
  Add(kUser);
  ASSERT_THAT(database_->Run("break",
                             [](SQLite::Database& connection) {
                               connection.exec("DROP TABLE racf_user_options");
                             }),
              IsOk());
  EXPECT_THAT(CountOne(users_), FailsWith(kNotAvailable));
  EXPECT_EQ(Found(), kUser);
}

TEST_F(StoredUsersTest, AHundredThreadsCountExactlyAndOneRevokes) {
  Add(kUser);
  RevokeAfter(150);
  std::atomic<int> counted = 0;
  std::atomic<int> revoked = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 2; ++j) {
        const auto count = CountOne(users_);
        if (count && *count == kCounted) ++counted;
        if (count && *count == kCountedRevoked) ++revoked;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counted, 199);
  EXPECT_EQ(revoked, 1);
  EXPECT_EQ(Count(), 200);
}

TEST_F(StoredUsersTest, ProcessesCountExactly) {
  Add(kUser);
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    children.push_back(Fork([this] {
      const auto mine = Database::Open(file_);
      if (!mine) return 1;
      StoredUsers users(**mine);
      for (int j = 0; j < 25; ++j) {
        const auto count = CountOne(users);
        if (!count || *count != kCounted) return 2;
      }
      return 0;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(Wait(child), 0);
  EXPECT_EQ(Count(), 200);
}

// What was answered is kept, and no more than the one attempt that was under
// way beside it.
TEST_F(StoredUsersTest, AKilledProcessHasCountedWhatItHasAnsweredOrOneMore) {
  int killed_at_work = 0;
  for (int round = 0; round < 40; ++round) {
    ASSERT_THAT(users_.Put(kUser), IsOk());
    std::array<int, 2> answers{};
    ASSERT_EQ(pipe(answers.data()), 0);
    const pid_t child = Fork([&] {
      const auto mine = Database::Open(file_);
      if (!mine) return 1;
      StoredUsers users(**mine);
      // Below the most that is counted.
      for (int i = 0; i < 250; ++i) {
        if (!CountOne(users)) return 2;
        if (write(answers[1], "x", 1) != 1) return 3;
      }
      return 0;
    });
    close(answers[1]);
    // Not before it has begun; then after a while that is another one each
    // time.
    char byte = 0;
    ASSERT_EQ(read(answers[0], &byte, 1), 1);
    std::this_thread::sleep_for(std::chrono::microseconds(173 * round));
    kill(child, SIGKILL);
    const int status = Wait(child);
    int answered = 1;
    while (read(answers[0], &byte, 1) == 1) ++answered;
    close(answers[0]);
    if (status == 128 + SIGKILL) ++killed_at_work;
    EXPECT_GE(Count(), answered);
    EXPECT_LE(Count(), answered + 1);
  }
  EXPECT_GT(killed_at_work, 20);
}

}  // namespace
}  // namespace sigtoken::testing
