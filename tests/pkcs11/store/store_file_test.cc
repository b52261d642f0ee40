#include "pkcs11/store/store_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "pkcs11/store/database.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;

class StoreFileTest : public ::testing::Test {
 protected:
  testing::TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "db";
};

TEST_F(StoreFileTest, IsMadeEmptyAndForItsOwnerAlone) {
  ASSERT_THAT(CheckStoreFile(file_), IsOk());
  EXPECT_FALSE(std::filesystem::exists(file_));
  ASSERT_THAT(MakeStoreFile(file_), IsOk());
  EXPECT_EQ(std::filesystem::file_size(file_), 0U);
  EXPECT_EQ(
      std::filesystem::status(file_).permissions(),
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_THAT(MakeStoreFile(file_), IsOk());
  EXPECT_THAT(CheckStoreFile(file_), IsOk());
}

TEST_F(StoreFileTest, ThatOfADatabaseIsGood) {
  Must(Database::Open(file_));
  EXPECT_THAT(CheckStoreFile(file_), IsOk());
  EXPECT_FALSE(std::filesystem::exists(file_.string() + "-wal"));
}

TEST_F(StoreFileTest, WhatOpeningRefusesTheCheckRefusesInTheSameWords) {
  struct Row {
    const char* name;
    std::function<void()> make;
  };
  const std::string magic("SQLite format 3\0", 16);
  for (const Row& row : std::vector<Row>{
           {"folder", [&] { std::filesystem::create_directory(file_); }},
           {"link",
            [&] { std::filesystem::create_symlink(folder_.path(), file_); }},
           {"pipe", [&] { ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0); }},
           {"wide", [&] { folder_.Write("db", "", 0604); }},
           {"text", [&] { folder_.Write("db", std::string(5000, 'x')); }},
           {"version 2",
            [&] {
              folder_.Write("db", "SQLite format 2" + std::string(5000, '\0'));
            }},
           {"-shm wide", [&] {
              folder_.Write("db", "");
              folder_.Write("db-shm", "", 0660);
            }}}) {
    SCOPED_TRACE(row.name);
    for (const char* name : {"db", "db-shm"}) {
      std::filesystem::remove_all(folder_.path() / name);
    }
    row.make();
    const auto checked = CheckStoreFile(file_);
    EXPECT_THAT(checked, FailsWith(kNotAvailable));
    EXPECT_EQ(MessageOf(checked), MessageOf(Database::Open(file_)));
  }
  // The start alone is looked at: the rest SQLite knows better.
  std::filesystem::remove_all(folder_.path() / "db-shm");
  folder_.Write("db", magic + std::string(5000, 'x'));
  EXPECT_THAT(CheckStoreFile(file_), IsOk());
}

TEST_F(StoreFileTest, AFileShorterThanItsMagicIsNoDatabase) {
  folder_.Write("db", "SQLite");
  EXPECT_EQ(MessageOf(CheckStoreFile(file_)),
            "the state store '" + file_.string() +
                "' could not be opened: file is not a database");
}

}  // namespace
}  // namespace sigtoken
