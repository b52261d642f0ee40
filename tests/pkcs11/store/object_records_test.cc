#include "pkcs11/store/object_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "pkcs11/store/schema.h"
#include "pkcs11/store/token_records.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::Must;
using testing::Name;

class ObjectRecordsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = Must(Database::Open(folder_.path() / "db"));
    Must(MigrateRecords(*database_));
    for (const char* name : {"A", "B"}) {
      Must(PutTokenRecord(*database_, {Name(name), "", "", "", 0, {}, {}}));
    }
  }

  std::optional<ObjectRecord> Find(const std::string& token, ObjectId id) {
    return Must(FindObjectRecord(*database_, Name(token), id));
  }
  void Put(const std::string& token, const ObjectRecord& record) {
    Must(PutObjectRecord(*database_, Name(token), record));
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(ObjectRecordsTest, ARecordIsReadAsItWasWritten) {
  std::vector<std::uint8_t> mac(32, 0);
  mac[31] = 0xFF;
  Put("A", {{0xFFFFFFFF, 'Y'},
            CKO_SECRET_KEY,
            256,
            "HS512",
            mac,
            true,
            Instant{-5}});
  const auto found = Find("A", {0xFFFFFFFF, 'Y'});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, (ObjectId{0xFFFFFFFF, 'Y'}));
  EXPECT_EQ(found->bytes, 256U);
  EXPECT_EQ(found->algorithm, "HS512");
  EXPECT_EQ(found->check_mac, mac);
  EXPECT_TRUE(found->disabled);
  EXPECT_EQ(found->created, Instant{-5});
}

TEST_F(ObjectRecordsTest, ACheckMacThatIsNotThereStaysSo) {
  Put("A", {{1, 'T'}, CKO_SECRET_KEY, 64, "", {}, false, {}});
  const auto found = Find("A", {1, 'T'});
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->check_mac);
  EXPECT_EQ(found->algorithm, "");
  EXPECT_FALSE(found->disabled);
}

TEST_F(ObjectRecordsTest, TokenNumberAndCategoryMustAllFit) {
  Put("A", {{1, 'T'}, CKO_SECRET_KEY, 64, "", {}, false, {}});
  EXPECT_TRUE(Find("A", {1, 'T'}));
  EXPECT_FALSE(Find("A", {1, 'Y'}));
  EXPECT_FALSE(Find("A", {2, 'T'}));
  EXPECT_FALSE(Find("B", {1, 'T'}));
}

TEST_F(ObjectRecordsTest, ANumberHasOneRecord) {
  Put("A", {{1, 'T'}, CKO_SECRET_KEY, 64, "", {}, false, {}});
  Put("A", {{1, 'Y'}, CKO_SECRET_KEY, 32, "", {}, false, {}});
  EXPECT_FALSE(Find("A", {1, 'T'}));
  EXPECT_EQ(Find("A", {1, 'Y'})->bytes, 32U);
}

TEST_F(ObjectRecordsTest, DisabledIsChangedForOneKeyAlone) {
  for (const std::uint32_t number : {1U, 2U}) {
    Put("A", {{number, 'T'}, CKO_SECRET_KEY, 64, "", {}, false, {}});
  }
  Put("B", {{1, 'T'}, CKO_SECRET_KEY, 64, "", {}, false, {}});
  Must(SetDisabled(*database_, Name("A"), {1, 'T'}, true));
  EXPECT_TRUE(Find("A", {1, 'T'})->disabled);
  EXPECT_FALSE(Find("A", {2, 'T'})->disabled);
  EXPECT_FALSE(Find("B", {1, 'T'})->disabled);
  Must(SetDisabled(*database_, Name("A"), {1, 'T'}, false));
  EXPECT_FALSE(Find("A", {1, 'T'})->disabled);
}

TEST_F(ObjectRecordsTest, ARecordIsDeletedAloneAndOnce) {
  for (const std::uint32_t number : {1U, 2U}) {
    Put("A", {{number, 'T'}, CKO_SECRET_KEY, 64, "", {}, false, {}});
  }
  Must(DeleteObjectRecord(*database_, Name("A"), {1, 'Y'}));
  EXPECT_TRUE(Find("A", {1, 'T'}));
  Must(DeleteObjectRecord(*database_, Name("A"), {1, 'T'}));
  EXPECT_FALSE(Find("A", {1, 'T'}));
  EXPECT_TRUE(Find("A", {2, 'T'}));
  EXPECT_THAT(DeleteObjectRecord(*database_, Name("A"), {1, 'T'}), IsOk());
}

TEST_F(ObjectRecordsTest, AnObjectOfNoTokenHasNoRecord) {
  EXPECT_THAT(
      PutObjectRecord(*database_, Name("C"),
                      {{1, 'T'}, CKO_SECRET_KEY, 64, "", {}, false, {}}),
      FailsWith(kNotAvailable));
}

}  // namespace
}  // namespace sigtoken
