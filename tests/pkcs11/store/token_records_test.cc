#include "pkcs11/store/token_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "pkcs11/store/object_records.h"
#include "pkcs11/store/schema.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::IsOk;
using testing::Must;
using testing::Name;

TokenRecord Record(const std::string& name) {
  return {Name(name),
          "maker",
          "model",
          "serial",
          0,
          Instant{1'000},
          {"/p11.so", "init", "label", "0011"}};
}

class TokenRecordsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = Must(Database::Open(folder_.path() / "db"));
    Must(MigrateRecords(*database_));
  }

  std::optional<TokenRecord> Find(const std::string& name) {
    return Must(FindTokenRecord(*database_, Name(name)));
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(TokenRecordsTest, ThereAreNoneAtFirst) { EXPECT_FALSE(Find("A")); }

TEST_F(TokenRecordsTest, ARecordIsReadAsItWasWritten) {
  TokenRecord record = Record("A");
  record.last_sequence = 0xFFFFFFFF;
  record.manufacturer = "'; DROP TABLE tokens; --";
  Must(PutTokenRecord(*database_, record));
  Must(PutTokenRecord(*database_, Record("B")));
  const auto found = Find("A");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, record.name);
  EXPECT_EQ(found->manufacturer, record.manufacturer);
  EXPECT_EQ(found->model, "model");
  EXPECT_EQ(found->serial, "serial");
  EXPECT_EQ(found->last_sequence, 0xFFFFFFFF);
  EXPECT_EQ(found->updated, Instant{1'000});
  EXPECT_EQ(found->identity, record.identity);
}

TEST_F(TokenRecordsTest, OpeningTheStoreAgainKeepsThem) {
  Must(PutTokenRecord(*database_, Record("A")));
  database_.reset();
  SetUp();
  EXPECT_TRUE(Find("A"));
}

TEST_F(TokenRecordsTest, TheLastNumberIsSetForOneTokenAlone) {
  Must(PutTokenRecord(*database_, Record("A")));
  Must(PutTokenRecord(*database_, Record("B")));
  Must(SetLastSequence(*database_, Name("A"), 7, Instant{2'000}));
  EXPECT_EQ(Find("A")->last_sequence, 7U);
  EXPECT_EQ(Find("A")->updated, Instant{2'000});
  EXPECT_EQ(Find("B")->last_sequence, 0U);
  EXPECT_EQ(Find("B")->updated, Instant{1'000});
  EXPECT_THAT(SetLastSequence(*database_, Name("C"), 7, Instant{}), IsOk());
  EXPECT_FALSE(Find("C"));
}

TEST_F(TokenRecordsTest, ARecordGoesWithItsObjectsRecords) {
  for (const char* name : {"A", "B"}) {
    Must(PutTokenRecord(*database_, Record(name)));
    Must(PutObjectRecord(*database_, Name(name),
                         {{1, 'T'}, CKO_SECRET_KEY, 64, "", {}, false, {}}));
  }
  Must(DeleteTokenRecord(*database_, Name("A")));
  EXPECT_FALSE(Find("A"));
  EXPECT_FALSE(Must(FindObjectRecord(*database_, Name("A"), {1, 'T'})));
  EXPECT_TRUE(Must(FindObjectRecord(*database_, Name("B"), {1, 'T'})));
  EXPECT_THAT(DeleteTokenRecord(*database_, Name("A")), IsOk());
}

TEST_F(TokenRecordsTest, ATokenOfTheSameNameStartsWithoutObjects) {
  Must(PutTokenRecord(*database_, Record("A")));
  Must(PutObjectRecord(*database_, Name("A"),
                       {{1, 'T'}, CKO_SECRET_KEY, 64, "", {}, true, {}}));
  TokenRecord other = Record("A");
  other.identity.serial = "0022";
  Must(PutTokenRecord(*database_, other));
  EXPECT_EQ(Find("A")->identity.serial, "0022");
  EXPECT_FALSE(Must(FindObjectRecord(*database_, Name("A"), {1, 'T'})));
}

}  // namespace
}  // namespace sigtoken
