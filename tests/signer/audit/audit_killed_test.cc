// Writers that are killed, at any moment of a write or a rotation.

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <csignal>
#include <map>
#include <random>
#include <set>

#include "signer/audit/audit_log.h"
#include "tests/forked.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"
#include "tests/signer/audit/audit_records.h"

namespace sigtoken {
namespace {

using testing::IsOk;
using testing::LinesOf;
using testing::NumberedRecord;

constexpr int kRounds = 60;
constexpr int kChildren = 4;

TEST(AuditKilledTest, NoRecordThatWasAcknowledgedIsLostOrTwiceThere) {
  const testing::TemporaryFolder folder;
  // Two records a file.
  AuditLog log({folder.path() / "a", 5'000, 100'000, AuditFailure::kRefuse});
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  std::mt19937 random(20'250'115);
  std::uniform_int_distribution<useconds_t> microseconds(0, 4'000);
  std::set<std::string> acknowledged;
  std::string unread;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<pid_t> children;
    for (int child = 0; child < kChildren; ++child) {
      const std::string name =
          std::to_string(round) + "-" + std::to_string(child) + "-";
      children.push_back(testing::Fork([&] {
        for (int i = 0;; ++i) {
          const std::string number = name + std::to_string(i);
          if (!log.Write(NumberedRecord(number))) return 1;
          const std::string line = number + "\n";
          // Less than PIPE_BUF: whole or not at all.
          if (write(pipe_ends[1], line.data(), line.size()) < 0) return 2;
        }
      }));
    }
    for (const pid_t child : children) {
      usleep(microseconds(random));
      kill(child, SIGKILL);
      EXPECT_EQ(testing::Wait(child), 128 + SIGKILL);
    }
    pollfd readable{pipe_ends[0], POLLIN, 0};
    while (poll(&readable, 1, 0) == 1) {
      std::array<char, 4096> piece;
      const ssize_t got = read(pipe_ends[0], piece.data(), piece.size());
      ASSERT_GT(got, 0);
      unread.append(piece.data(), static_cast<std::size_t>(got));
    }
  }
  for (std::size_t end = 0; (end = unread.find('\n')) != std::string::npos;) {
    acknowledged.insert(unread.substr(0, end));
    unread.erase(0, end + 1);
  }
  ASSERT_GT(acknowledged.size(), std::size_t{kRounds});
  // Takes away what the last one may have left.
  ASSERT_THAT(log.Write(NumberedRecord("last")), IsOk());

  std::map<std::string, int> found;
  for (const auto& file : log.Files()) {
    for (const std::string& line : LinesOf(file)) {
      ASSERT_EQ(line.back(), '\n') << file;
      ++found[line];
    }
  }
  for (const auto& [line, times] : found) EXPECT_EQ(times, 1) << line;
  for (const std::string& number : acknowledged) {
    EXPECT_EQ(found.count(ToJsonLine(NumberedRecord(number)) + "\n"), 1U)
        << number;
  }
}

}  // namespace
}  // namespace sigtoken
