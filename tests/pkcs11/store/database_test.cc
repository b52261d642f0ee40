#include "pkcs11/store/database.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "tests/embedded_home.h"
#include "tests/forked.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;

constexpr std::array<std::string_view, 1> kFirst = {
    "CREATE TABLE numbers (number INTEGER)"};
constexpr std::array<std::string_view, 2> kBoth = {
    kFirst[0], "INSERT INTO numbers VALUES (7)"};

class DatabaseTest : public ::testing::Test {
 protected:
  std::unique_ptr<Database> Open() { return Must(Database::Open(file_)); }

  static Status Insert(Database& database, int number) {
    return database.Run("write", [&](SQLite::Database& connection) {
      connection.exec("INSERT INTO numbers VALUES (" + std::to_string(number) +
                      ")");
    });
  }
  static int Count(Database& database) {
    int count = -1;
    Must(database.Run("count", [&](SQLite::Database& connection) {
      count = connection.execAndGet("SELECT count(*) FROM numbers").getInt();
    }));
    return count;
  }

  testing::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "sigtoken.db";
};

TEST_F(DatabaseTest, ItsFilesAreForTheirOwnerAlone) {
  const auto database = Open();
  Must(database->Migrate("test", kFirst));
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(folder_.path())) {
    struct stat found {};
    ASSERT_EQ(::stat(entry.path().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0600U) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 5);  // With -wal, -shm and the two of the host lock.
}

TEST_F(DatabaseTest, WhatWasCommittedIsThereAfterwards) {
  {
    const auto database = Open();
    Must(database->Migrate("test", kFirst));
    auto transaction = Must(database->Begin());
    Must(Insert(*database, 1));
    ASSERT_THAT(transaction.Commit(), IsOk());
  }
  EXPECT_EQ(Count(*Open()), 1);
}

TEST_F(DatabaseTest, WhatWasNotCommittedIsNot) {
  const auto database = Open();
  Must(database->Migrate("test", kFirst));
  {
    const auto transaction = Must(database->Begin());
    Must(Insert(*database, 1));
  }
  EXPECT_EQ(Count(*database), 0);
}

TEST_F(DatabaseTest, AProcessThatDiesLeavesItAsItWas) {
  Must(Open()->Migrate("test", kFirst));
  EXPECT_EQ(testing::InChild([&] {
              const auto database = Database::Open(file_);
              if (!database) return 1;
              const auto transaction = (*database)->Begin();
              if (!transaction || !Insert(**database, 1)) return 2;
              return raise(SIGKILL);
            }),
            128 + SIGKILL);
  EXPECT_EQ(Count(*Open()), 0);
}

TEST_F(DatabaseTest, ATransactionKeepsOthersWaiting) {
  const auto database = Open();
  Must(database->Migrate("test", kFirst));
  const auto other = Open();
  std::future<Status> waiting;
  {
    auto transaction = Must(database->Begin());
    waiting = std::async(std::launch::async, [&]() -> Status {
      SIGTOKEN_ASSIGN(auto second, other->Begin());
      SIGTOKEN_TRY(Insert(*other, 2));
      return second.Commit();
    });
    EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds{100}),
              std::future_status::timeout);
    Must(Insert(*database, 1));
    Must(transaction.Commit());
  }
  EXPECT_THAT(waiting.get(), IsOk());
  EXPECT_EQ(Count(*database), 2);
}

TEST_F(DatabaseTest, MigrationsRunOnceEachAndInOrder) {
  Must(Open()->Migrate("test", kFirst));
  EXPECT_EQ(Count(*Open()), 0);
  Must(Open()->Migrate("test", kBoth));
  Must(Open()->Migrate("test", kBoth));
  EXPECT_EQ(Count(*Open()), 1);
}

TEST_F(DatabaseTest, AMigrationThatFailsLeavesTheOldVersion) {
  Must(Open()->Migrate("test", kFirst));
  constexpr std::array<std::string_view, 3> kBad = {kBoth[0], kBoth[1],
                                                    "nonsense"};
  const auto database = Open();
  const auto migrated = database->Migrate("test", kBad);
  EXPECT_THAT(migrated, FailsWith(kNotAvailable));
  EXPECT_THAT(MessageOf(migrated), HasSubstr("near \"nonsense\""));
  EXPECT_EQ(Count(*database), 0);
  EXPECT_THAT(database->Migrate("test", kBoth), IsOk());
}

TEST_F(DatabaseTest, LayersHaveVersionsOfTheirOwn) {
  const auto database = Open();
  Must(database->Migrate("test", kBoth));
  constexpr std::array<std::string_view, 1> kOther = {
      "CREATE TABLE other (number INTEGER)"};
  EXPECT_THAT(database->Migrate("other", kOther), IsOk());
}

TEST_F(DatabaseTest, AFileOfANewerSigtokenIsRefusedAndLeftAlone) {
  Must(Open()->Migrate("test", kBoth));
  const auto database = Open();
  const auto migrated = database->Migrate("test", kFirst);
  EXPECT_THAT(migrated, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(migrated),
            "the state store '" + file_.string() +
                "' could not be used: it was written by a newer sigtoken (test "
                "version 2, this one knows 1)");
  EXPECT_EQ(Count(*database), 1);
}

TEST_F(DatabaseTest, WhatIsNoDatabaseIsNotAvailable) {
  const auto text = folder_.Write("text", std::string(4096, 'x'));
  const auto link = folder_.path() / "link";
  std::filesystem::create_symlink(file_, link);
  struct Row {
    std::filesystem::path file;
    std::string why;
  };
  for (const Row& row :
       {Row{text, "file is not a database"},
        Row{folder_.path(), "Is a directory"},
        Row{folder_.path() / "none" / "db", "No such file or directory"},
        Row{link, "Too many levels of symbolic links"}}) {
    const auto database = Database::Open(row.file);
    EXPECT_THAT(database, FailsWith(kNotAvailable));
    EXPECT_EQ(MessageOf(database), "the state store '" + row.file.string() +
                                       "' could not be opened: " + row.why);
  }
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(DatabaseTest, AnSqlErrorIsNotAvailableAndSaysWhatWasBeingDone) {
  const auto database = Open();
  const auto done = database->Run("count its sheep", [](SQLite::Database& it) {
    it.exec("SELECT * FROM sheep");
  });
  EXPECT_THAT(done, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(done), "the state store '" + file_.string() +
                                 "' could not count its sheep: no such table: "
                                 "sheep");
}

TEST_F(DatabaseTest, OneInMemoryEndsWithItsObject) {
  {
    const auto first = Must(Database::OpenInMemory());
    const auto second = Must(Database::OpenInMemory());
    Must(first->Migrate("test", kBoth));
    Must(second->Migrate("test", kFirst));
    {
      auto transaction = Must(first->Begin());
      Must(Insert(*first, 8));
      Must(transaction.Commit());
    }
    EXPECT_EQ(Count(*first), 2);
    EXPECT_EQ(Count(*second), 0);
  }
  const auto third = Must(Database::OpenInMemory());
  Must(third->Migrate("test", kFirst));
  EXPECT_EQ(Count(*third), 0);
  EXPECT_FALSE(std::filesystem::exists(":memory:"));
}

TEST_F(DatabaseTest, OneInMemoryIsNotItsChilds) {
  const auto database = Must(Database::OpenInMemory());
  Must(database->Migrate("test", kFirst));
  EXPECT_EQ(testing::InChild(
                [&] { return Insert(*database, 1).has_value() ? 1 : 0; }),
            0);
  Must(Insert(*database, 2));
  EXPECT_EQ(Count(*database), 1);
}

}  // namespace
}  // namespace sigtoken
