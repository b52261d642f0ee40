// A process that is killed while it checks tokens: what it has answered was
// counted and is on record, once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "tests/forked.h"
#include "tests/signer/idta/saf_test.h"

namespace sigtoken::testing {
namespace {

class KilledTest : public SafTest {
 protected:
  // Checks `token` again and again, and writes a byte after each answer.
  int CheckForever(const std::string& token, int answers) const {
    const auto database = Database::Open(folder_.path() / "racf.db");
    if (!database) return 1;
    StoredUsers users(**database);
    AuditLog audit(Settings());
    SafSystem system;
    SoftwareKey key(std::vector<std::uint8_t>(32, 0x5A));
    system.key.named = key.Source();
    system.users = &users;
    system.audit = &audit;
    for (;;) {
      Idta idta = ZowesIdta(token.size());
      if (Racroute(system, TokenAlone(), &idta, token).code !=
          kSignatureNotValid) {
        return 2;
      }
      if (write(answers, "", 1) != 1) return 3;
    }
  }
};

TEST_F(KilledTest, LosesNoCountAndNoRecordOfWhatItAnswered) {
  const std::string token = Flipped(MakeToken());
  std::mt19937 random(20261122);
  for (int round = 0; round < 30; ++round) {
    const std::string user = "USER01";
    static_cast<void>(Run("DELUSER USER01"));
    Lines("ADDUSER USER01 PASSWORD(X)");
    const std::size_t records = Records().size();
    int pipes[2];
    ASSERT_EQ(pipe(pipes), 0);
    const pid_t child = Fork([&] { return CheckForever(token, pipes[1]); });
    ASSERT_EQ(close(pipes[1]), 0);
    std::this_thread::sleep_for(std::chrono::microseconds(
        std::uniform_int_distribution(1'000, 60'000)(random)));
    ASSERT_EQ(kill(child, SIGKILL), 0);
    EXPECT_EQ(Wait(child), 128 + SIGKILL);
    int answers = 0;
    for (char byte = 0; read(pipes[0], &byte, 1) == 1;) ++answers;
    ASSERT_EQ(close(pipes[0]), 0);

    // One may have been counted, or be on record too, whose answer was not
    // given any more.
    const int counted = Must(users_.Find(user))->revoke_count;
    EXPECT_GE(counted, std::min(answers, 255));
    EXPECT_LE(counted, std::min(answers + 1, 255));
    const auto written = static_cast<int>(Records().size() - records);
    EXPECT_GE(written, answers);
    EXPECT_LE(written, answers + 1);
    // The record comes first: nothing is counted that is not on record.
    EXPECT_LE(counted, written);
  }
}

}  // namespace
}  // namespace sigtoken::testing
