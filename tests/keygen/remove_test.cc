#include "keygen/remove.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "pkcs11/store/object_records.h"
#include "pkcs11/store/token_records.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::ImportKey;
using testing::IsOk;
using testing::KeyToImport;
using testing::MessageOf;
using testing::Must;

class RemoveTest : public testing::TokenTest {
 protected:
  std::optional<ObjectRecord> RecordOf(ObjectId id) {
    return Must(FindObjectRecord(token_->database(), token_->name(), id));
  }
  std::uint32_t LastSequence() {
    const auto record =
        Must(FindTokenRecord(token_->database(), token_->name()));
    return record ? record->last_sequence : 0;
  }
  void LoseTheStore() {
    token_.reset();
    directory_.reset();
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(home_.configuration().store_path.string() + end);
    }
    Reopen();
  }
};

TEST_F(RemoveTest, ADeletedKeyIsGoneFromTokenAndStore) {
  Generate();
  Generate();
  ASSERT_THAT(DeleteKey(*token_, {1, 'T'}, false), IsOk());
  EXPECT_EQ(testing::CountObjects(*token_), 1U);
  EXPECT_FALSE(RecordOf({1, 'T'}));
  EXPECT_TRUE(RecordOf({2, 'T'}));
  EXPECT_EQ(LastSequence(), 2U);
  EXPECT_THAT(FindKey(2).Sign(Hs256(), {}), IsOk());
}

TEST_F(RemoveTest, WhatIsNotThereIsNotDeleted) {
  Generate();
  for (const bool force : {false, true}) {
    for (const ObjectId id :
         {ObjectId{2, 'T'}, ObjectId{1, 'Y'}, ObjectId{1, 'S'}}) {
      const auto deleted = DeleteKey(*token_, id, force);
      EXPECT_THAT(deleted, FailsWith(kObjectNotFound));
      EXPECT_EQ(MessageOf(deleted),
                "there is no key " + Handle(token_->name(), id).FormatShort());
    }
  }
  EXPECT_EQ(testing::CountObjects(*token_), 1U);
}

TEST_F(RemoveTest, AKeyThatIsNotWhatItWasIsDeletedByForceAlone) {
  const FoundKey made = Generate();
  testing::Destroy(*token_, made.object);
  ImportKey(*token_, {1, 'T'}, testing::Bytes("another"));
  const auto refused = DeleteKey(*token_, {1, 'T'}, false);
  EXPECT_THAT(refused, FailsWith(kObjectNotFound));
  EXPECT_EQ(CureOf(refused), "delete it all the same with --force");
  EXPECT_EQ(testing::CountObjects(*token_), 1U);
  ASSERT_THAT(DeleteKey(*token_, {1, 'T'}, true), IsOk());
  EXPECT_EQ(testing::CountObjects(*token_), 0U);
  EXPECT_EQ(Generate().handle->object()->sequence, 2U);
}

TEST_F(RemoveTest, ObjectsThatAreNoUseAreDeletedByForceAlone) {
  const std::vector<std::uint8_t> value(64, 0xA5);
  Attributes open = KeyToImport("IDTTKN.JWT.SECRET:00000001T", value);
  open.Remove(CKA_PRIVATE);
  open.Flag(CKA_PRIVATE, false);
  const Attributes hollow = KeyToImport("IDTTKN.JWT.SECRET:00000001T", {});
  const Attributes zeros =
      KeyToImport("IDTTKN.JWT.SECRET:00000001T", std::vector<std::uint8_t>(64));
  for (const Attributes& object : {open, hollow, zeros}) {
    testing::Import(*token_, object);
    EXPECT_FALSE(DeleteKey(*token_, {1, 'T'}, false));
    EXPECT_EQ(testing::CountObjects(*token_), 1U);
    EXPECT_THAT(DeleteKey(*token_, {1, 'T'}, true), IsOk());
    EXPECT_EQ(testing::CountObjects(*token_), 0U);
  }
}

TEST_F(RemoveTest, TwoUnderOneHandleAreNotChosenBetween) {
  ImportKey(*token_, {1, 'T'}, testing::Bytes("one"));
  ImportKey(*token_, {1, 'T'}, testing::Bytes("another"));
  for (const bool force : {false, true}) {
    EXPECT_THAT(DeleteKey(*token_, {1, 'T'}, force), FailsWith(kHandleInvalid));
  }
  EXPECT_EQ(testing::CountObjects(*token_), 2U);
}

TEST_F(RemoveTest, ANumberThatTheStoreForgotDoesNotComeBack) {
  ImportKey(*token_, {9, 'T'}, testing::Bytes("left by a killed process"));
  ASSERT_THAT(DeleteKey(*token_, {9, 'T'}, false), IsOk());
  EXPECT_EQ(LastSequence(), 9U);
  EXPECT_EQ(Generate().handle->object()->sequence, 10U);
}

TEST_F(RemoveTest, AKeyIsDisabledAndEnabledInTheStoreAlone) {
  const FoundKey made = Generate();
  ASSERT_THAT(DisableKey(*token_, {1, 'T'}, true), IsOk());
  EXPECT_TRUE(FindKey(1).found().disabled());
  ASSERT_THAT(DisableKey(*token_, {1, 'T'}, true), IsOk());
  ASSERT_THAT(DisableKey(*token_, {1, 'T'}, false), IsOk());
  EXPECT_FALSE(FindKey(1).found().disabled());
  EXPECT_EQ(FindKey(1).found().object, made.object);
  EXPECT_EQ(RecordOf({1, 'T'})->check_mac, made.check_mac);
  EXPECT_EQ(RecordOf({1, 'T'})->bytes, 64U);
}

TEST_F(RemoveTest, ADisabledKeyIsListedAndDeleted) {
  Generate();
  Must(DisableKey(*token_, {1, 'T'}, true));
  const auto list = Must(ListKeys(*token_));
  ASSERT_EQ(list.keys.size(), 1U);
  EXPECT_TRUE(list.keys[0].disabled());
  EXPECT_THAT(DeleteKey(*token_, {1, 'T'}, false), IsOk());
}

TEST_F(RemoveTest, OneOfTheSameNumberIsNotDisabledWithAnother) {
  Generate();
  for (const ObjectId id :
       {ObjectId{1, 'Y'}, ObjectId{2, 'T'}, ObjectId{1, 'X'}}) {
    EXPECT_THAT(DisableKey(*token_, id, true), FailsWith(kObjectNotFound));
  }
  EXPECT_FALSE(FindKey(1).found().disabled());
}

TEST_F(RemoveTest, AKeyThatTheStoreForgotIsDisabledAllTheSame) {
  const FoundKey made = Generate();
  LoseTheStore();
  ASSERT_THAT(DisableKey(*token_, {1, 'T'}, true), IsOk());
  EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), FailsWith(kObjectDisabled));
  EXPECT_EQ(RecordOf({1, 'T'})->check_mac, made.check_mac);
  EXPECT_EQ(RecordOf({1, 'T'})->bytes, 64U);
  EXPECT_EQ(LastSequence(), 1U);
}

}  // namespace
}  // namespace sigtoken
