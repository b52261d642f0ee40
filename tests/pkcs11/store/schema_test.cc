#include "pkcs11/store/schema.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkcs11/store/object_records.h"
#include "pkcs11/store/refused_pins.h"
#include "pkcs11/store/token_records.h"
#include "tests/embedded_home.h"
#include "tests/forked.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/store/first_schema.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;

class SchemaTest : public ::testing::Test {
 protected:
  std::unique_ptr<Database> Open() { return Must(Database::Open(file_)); }

  static int Version(Database& database) {
    int version = -1;
    Must(database.Run("read", [&](SQLite::Database& connection) {
      version = connection
                    .execAndGet(
                        "SELECT version FROM schema_versions WHERE "
                        "layer = 'pkcs11'")
                    .getInt();
    }));
    return version;
  }
  static void Exec(Database& database, const std::string& sql) {
    Must(database.Run(
        "work", [&](SQLite::Database& connection) { connection.exec(sql); }));
  }

  testing::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "sigtoken.db";
};

TEST_F(SchemaTest, ANewStoreHasAllTables) {
  const auto database = Open();
  ASSERT_THAT(MigrateRecords(*database), IsOk());
  EXPECT_EQ(Version(*database), 4);
  EXPECT_EQ(Must(FindTokenRecord(*database, Name("A"))), std::nullopt);
  EXPECT_EQ(Must(FindObjectRecord(*database, Name("A"), {1, 'T'})),
            std::nullopt);
  EXPECT_EQ(Must(FindRefusedPin(*database, {}, {})), std::nullopt);
}

TEST_F(SchemaTest, AStoreOfTheFirstVersionIsBroughtUpToDateWithItsRows) {
  testing::MakeFirstStore(file_);
  const auto database = Open();
  ASSERT_THAT(MigrateRecords(*database), IsOk());
  EXPECT_EQ(Version(*database), 4);

  const auto token = Must(FindTokenRecord(*database, Name("A")));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->manufacturer, "ACME");
  EXPECT_EQ(token->model, "M1");
  EXPECT_EQ(token->serial, "S1");
  EXPECT_EQ(token->last_sequence, 7U);
  EXPECT_EQ(token->updated, Instant{11});
  EXPECT_EQ(token->identity, (TokenIdentity{"/p11.so", "", "hsm", "0011"}));

  const auto key = Must(FindObjectRecord(*database, Name("A"), {3, 'T'}));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->bytes, 32U);
  EXPECT_EQ(key->algorithm, "HS256");
  EXPECT_EQ(key->check_mac, std::vector<std::uint8_t>(32, 0));
  EXPECT_TRUE(key->disabled);
  EXPECT_EQ(key->created, Instant{12});
  EXPECT_EQ(key->foreign, std::nullopt);
  EXPECT_FALSE(key->adopted);
  // Nobody had written it down.
  EXPECT_TRUE(key->exportable);
  EXPECT_THAT(key->not_kept, ::testing::IsEmpty());
  EXPECT_TRUE(Must(AdoptedRecords(*database, Name("A"))).empty());
}

TEST_F(SchemaTest, WhatWasBroughtUpToDateTakesNewRows) {
  testing::MakeFirstStore(file_);
  const auto database = Open();
  Must(MigrateRecords(*database));
  ObjectRecord record;
  record.id = {8, 'Y'};
  record.foreign = ForeignAddress{{1, 2}, "theirs"};
  record.adopted = true;
  ASSERT_THAT(PutObjectRecord(*database, Name("A"), record), IsOk());
  const auto adopted = Must(AdoptedRecords(*database, Name("A")));
  ASSERT_EQ(adopted.size(), 1U);
  EXPECT_EQ(adopted[0].id, (ObjectId{8, 'Y'}));
  EXPECT_EQ(adopted[0].foreign, record.foreign);
}

TEST_F(SchemaTest, AStoreOfANewerVersionIsRefusedAndLeftAlone) {
  const auto database = Open();
  Must(MigrateRecords(*database));
  Exec(*database, "UPDATE schema_versions SET version = 5");
  const auto migrated = MigrateRecords(*Open());
  EXPECT_THAT(migrated, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(migrated),
            "the state store '" + file_.string() +
                "' could not be used: it was written by a newer sigtoken "
                "(pkcs11 version 5, this one knows 4)");
  EXPECT_EQ(Version(*database), 5);
}

// With a write lock it would wait for half a minute, and fail then.
TEST_F(SchemaTest, AStoreThatIsUpToDateIsOpenedWhileAnotherProcessWrites) {
  const auto writer = Open();
  Must(MigrateRecords(*writer));
  const auto transaction = Must(writer->Begin());
  Exec(*writer, "DELETE FROM tokens");
  const auto before = std::chrono::steady_clock::now();
  const auto reader = Open();
  EXPECT_THAT(MigrateRecords(*reader), IsOk());
  EXPECT_THAT(FindTokenRecord(*reader, Name("A")), IsOk());
  EXPECT_LT(std::chrono::steady_clock::now() - before,
            std::chrono::seconds{15});
}

TEST_F(SchemaTest, ProcessesThatBringItUpToDateTogetherDoItOnce) {
  testing::MakeFirstStore(file_);
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(testing::Fork([&] {
      const auto database = Database::Open(file_);
      return database && MigrateRecords(**database) ? 0 : 1;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(testing::Wait(child), 0);
  const auto database = Open();
  EXPECT_EQ(Version(*database), 4);
  EXPECT_TRUE(Must(FindObjectRecord(*database, Name("A"), {3, 'T'})));
}

}  // namespace
}  // namespace sigtoken
