// The state store and fork(): a child gets no connection of its parent's.

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "pkcs11/store/database.h"
#include "tests/embedded_home.h"
#include "tests/forked.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Fork;
using testing::InChild;
using testing::IsOk;
using testing::Must;
using testing::Wait;

constexpr std::array<std::string_view, 1> kTables = {
    "CREATE TABLE numbers (number INTEGER)"};

// One way: the reader waits until the other end is closed.
class Gate {
 public:
  Gate() { EXPECT_EQ(pipe(ends_.data()), 0); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate() {
    close(ends_[0]);
    if (ends_[1] >= 0) close(ends_[1]);
  }
  void Open() {
    close(ends_[1]);
    ends_[1] = -1;
  }
  void WaitUntilOpen() {
    Open();
    char byte = 0;
    while (read(ends_[0], &byte, 1) > 0) {
    }
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

Status Insert(Database& database, int number) {
  SIGTOKEN_ASSIGN(auto transaction, database.Begin());
  SIGTOKEN_TRY(database.Run("write", [&](SQLite::Database& connection) {
    connection.exec("INSERT INTO numbers VALUES (" + std::to_string(number) +
                    ")");
  }));
  return transaction.Commit();
}

int Count(Database& database) {
  int count = -1;
  const auto done = database.Run("count", [&](SQLite::Database& connection) {
    count = connection.execAndGet("SELECT count(*) FROM numbers").getInt();
  });
  return done ? count : -2;
}

// Codes that a child says with its exit status.
int CodeOf(const Status& status) {
  if (status) return 0;
  return ToIcsf(status.error()) == kNotAvailable ? 12 : 99;
}

class DatabaseForkTest : public ::testing::Test {
 protected:
  DatabaseForkTest() : database_(Must(Database::Open(file_))) {
    Must(database_->Migrate("test", kTables));
  }

  // As another program would see it.
  int CountElsewhere() {
    const int count = InChild([&] {
      const auto opened = Database::Open(file_);
      return opened ? Count(**opened) : 99;
    });
    return count;
  }

  testing::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "sigtoken.db";
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseForkTest, WhatIsInheritedIsNotAvailableInTheChild) {
  Must(Insert(*database_, 1));
  const std::string expected =
      "this process is a child of the one that opened the state store '" +
      file_.string() + "'";
  EXPECT_EQ(InChild([&] {
              const auto run = database_->Run("x", [](SQLite::Database&) {});
              if (CodeOf(run) != 12) return 1;
              if (run.error().message != expected) return 2;
              const auto begun = database_->Begin();
              if (begun || begun.error().message != expected) return 3;
              if (CodeOf(database_->Migrate("other", kTables)) != 12) return 4;
              if (CodeOf(Insert(*database_, 2)) != 12) return 5;
              database_.reset();
              return 0;
            }),
            0);
  EXPECT_EQ(Count(*database_), 1);
  EXPECT_THAT(Insert(*database_, 2), IsOk());
}

TEST_F(DatabaseForkTest, AChildThatOpensItForItselfReadsAndWrites) {
  Must(Insert(*database_, 1));
  EXPECT_EQ(InChild([&] {
              const auto mine = Database::Open(file_);
              if (!mine || Count(**mine) != 1) return 1;
              return CodeOf(Insert(**mine, 2));
            }),
            0);
  EXPECT_EQ(Count(*database_), 2);
}

// The child's connection must hold locks of its own: whoever closes the file
// as its last user removes the WAL, with what is in it.
TEST_F(DatabaseForkTest, NobodyElseTakesTheWalAwayUnderTheChild) {
  Gate opened;
  Gate others_are_gone;
  const pid_t child = Fork([&] {
    const auto mine = Database::Open(file_);
    if (!mine || Count(**mine) != 0) return 1;
    opened.Open();
    others_are_gone.WaitUntilOpen();
    if (!std::filesystem::exists(file_.native() + "-wal")) return 2;
    if (CodeOf(Insert(**mine, 1)) != 0) return 3;
    // It is seen by others while the child is still there.
    return CountElsewhere() == 1 ? 0 : 4;
  });
  opened.WaitUntilOpen();
  database_.reset();
  // A third one comes and goes.
  EXPECT_EQ(CountElsewhere(), 0);
  others_are_gone.Open();
  EXPECT_EQ(Wait(child), 0);
  database_ = Must(Database::Open(file_));
  EXPECT_EQ(Count(*database_), 1);
}

TEST_F(DatabaseForkTest, AChildsTransactionKeepsItsParentWaiting) {
  Gate begun;
  const pid_t child = Fork([&] {
    const auto mine = Database::Open(file_);
    if (!mine) return 1;
    auto transaction = (*mine)->Begin();
    if (!transaction) return 2;
    begun.Open();
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
    if (Count(**mine) != 0) return 3;
    return CodeOf(transaction->Commit());
  });
  begun.WaitUntilOpen();
  EXPECT_THAT(Insert(*database_, 1), IsOk());
  EXPECT_EQ(Wait(child), 0);
  EXPECT_EQ(Count(*database_), 1);
}

TEST_F(DatabaseForkTest, TheParentsLocksOutliveTheChild) {
  Gate child_is_gone;
  const pid_t other = Fork([&] {
    child_is_gone.WaitUntilOpen();
    try {
      SQLite::Database store(file_.string(), SQLite::OPEN_READWRITE);
      store.exec("BEGIN IMMEDIATE");
    } catch (const SQLite::Exception& exception) {
      return exception.getErrorCode();
    }
    return 0;
  });
  std::optional<Database::Transaction> transaction;
  transaction.emplace(Must(database_->Begin()));
  EXPECT_EQ(InChild([&] {
              transaction.reset();
              database_.reset();
              return 0;
            }),
            0);
  child_is_gone.Open();
  EXPECT_EQ(Wait(other), 5);  // SQLITE_BUSY: it is still the parent's turn.
  EXPECT_THAT(transaction->Commit(), IsOk());
}

TEST_F(DatabaseForkTest, AForkInTheMiddleOfAChangeLeavesItToTheParent) {
  auto transaction = Must(database_->Begin());
  Must(database_->Run("write", [](SQLite::Database& connection) {
    connection.exec("INSERT INTO numbers VALUES (1)");
  }));
  EXPECT_EQ(InChild([&] {
              if (CodeOf(transaction.Commit()) != 12) return 1;
              { const auto ended = std::move(transaction); }
              if (CodeOf(Insert(*database_, 2)) != 12) return 2;
              database_.reset();
              const auto mine = Database::Open(file_);
              if (mine) return 3;
              if (mine.error().message !=
                  "the state store '" + file_.string() +
                      "' cannot be used in this process: it was forked in the "
                      "middle of a change of its parent's") {
                return 4;
              }
              const auto other = Database::Open(folder_.path() / "other.db");
              return other ? 0 : 5;
            }),
            0);
  Must(database_->Run("write", [](SQLite::Database& connection) {
    connection.exec("INSERT INTO numbers VALUES (3)");
  }));
  EXPECT_THAT(transaction.Commit(), IsOk());
  EXPECT_EQ(Count(*database_), 2);
}

TEST_F(DatabaseForkTest, AForkWaitsForTheChangesOfOtherThreads) {
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0;
  std::thread writer([&] {
    while (!stop) {
      if (Insert(*database_, 1)) ++written;
    }
  });
  std::thread opener([&] {
    while (!stop) EXPECT_THAT(Database::Open(file_), IsOk());
  });
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(InChild([&] {
                const auto mine = Database::Open(file_);
                if (!mine) return 1;
                return CodeOf(Insert(**mine, 2));
              }),
              0);
  }
  stop = true;
  writer.join();
  opener.join();
  EXPECT_EQ(Count(*database_), written + 20);
}

TEST_F(DatabaseForkTest, AGrandchildOpensItToo) {
  EXPECT_EQ(InChild([&] {
              const auto mine = Database::Open(file_);
              if (!mine) return 1;
              return InChild([&] {
                if (Count(**mine) != -2) return 2;
                const auto its_own = Database::Open(file_);
                return its_own ? CodeOf(Insert(**its_own, 1)) : 3;
              });
            }),
            0);
  EXPECT_EQ(Count(*database_), 1);
}

// To open and close a file ends all locks of the process on it (POSIX).
TEST_F(DatabaseForkTest, ASecondConnectionLeavesTheFirstItsLocks) {
  { const auto second = Must(Database::Open(file_)); }
  Must(Insert(*database_, 1));
  EXPECT_EQ(CountElsewhere(), 1);
  EXPECT_TRUE(std::filesystem::exists(file_.native() + "-wal"));
  EXPECT_EQ(Count(*database_), 1);
}

}  // namespace
}  // namespace sigtoken
