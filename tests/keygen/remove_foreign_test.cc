// Deleting and disabling keys that others made and that were adopted.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "keygen/adopt.h"
#include "keygen/remove.h"
#include "pkcs11/store/object_records.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CountObjects;
using testing::FailsWith;
using testing::Import;
using testing::IsOk;
using testing::KeysLabelled;
using testing::LastSequenceOf;
using testing::MessageOf;
using testing::Must;
using testing::SignWith;
using testing::TheirKey;
using testing::ValueOf;

class RemoveAdoptedTest : public testing::TokenTest {
 protected:
  void SetUp() override {
    TokenTest::SetUp();
    object_ = Import(*token_, TheirKey("id", "theirs", ValueOf(64)));
    Adopt();
  }
  FoundKey Adopt() {
    return Must(AdoptKey(*token_, KeysLabelled("theirs"), 'T'));
  }
  bool HasRecord(ObjectId id) {
    return Must(FindObjectRecord(token_->database(), token_->name(), id))
        .has_value();
  }

  CK_OBJECT_HANDLE object_ = CK_INVALID_HANDLE;
};

TEST_F(RemoveAdoptedTest, TheHandleIsTakenBackAndTheKeyStays) {
  EXPECT_EQ(Must(DeleteKey(*token_, {1, 'T'}, false)), Removal::kReleased);
  EXPECT_EQ(CountObjects(*token_), 1U);
  EXPECT_FALSE(HasRecord({1, 'T'}));
  EXPECT_THAT(Key::Find(token_, {1, 'T'}), FailsWith(kObjectNotFound));
  const auto list = Must(ListKeys(*token_));
  ASSERT_EQ(list.keys.size(), 1U);
  EXPECT_FALSE(list.keys[0].handle);
  EXPECT_EQ(Generate().handle->object()->sequence, 2U);
  EXPECT_EQ(Adopt().handle->object()->sequence, 3U);
}

TEST_F(RemoveAdoptedTest, ForceDestroysTheKeyAndNoOther) {
  Import(*token_, TheirKey("id", "their other", ValueOf(64)));
  Import(*token_, TheirKey("other id", "theirs", ValueOf(64)));
  Generate();
  EXPECT_EQ(Must(DeleteKey(*token_, {1, 'T'}, true)), Removal::kDestroyed);
  EXPECT_EQ(CountObjects(*token_), 3U);
  EXPECT_FALSE(HasRecord({1, 'T'}));
  EXPECT_THAT(Key::Find(token_, {1, 'T'}), FailsWith(kObjectNotFound));
  EXPECT_EQ(LastSequenceOf(*token_), 2U);
  EXPECT_EQ(Generate().handle->object()->sequence, 3U);
}

TEST_F(RemoveAdoptedTest, WhatIsNotThereIsNotDeleted) {
  for (const bool force : {false, true}) {
    for (const ObjectId id :
         {ObjectId{1, 'Y'}, ObjectId{2, 'T'}, ObjectId{1, 'S'}}) {
      EXPECT_THAT(DeleteKey(*token_, id, force), FailsWith(kObjectNotFound));
    }
  }
  EXPECT_EQ(CountObjects(*token_), 1U);
  EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), IsOk());
}

TEST_F(RemoveAdoptedTest, AHandleOfAKeyThatIsGoneIsTakenBack) {
  testing::Destroy(*token_, object_);
  EXPECT_THAT(DeleteKey(*token_, {1, 'T'}, true), FailsWith(kObjectNotFound));
  EXPECT_TRUE(HasRecord({1, 'T'}));
  EXPECT_EQ(Must(DeleteKey(*token_, {1, 'T'}, false)), Removal::kReleased);
  EXPECT_FALSE(HasRecord({1, 'T'}));
}

TEST_F(RemoveAdoptedTest, TwoThatFitAreNotChosenBetween) {
  Import(*token_, TheirKey("id", "theirs", ValueOf(64)));
  const auto found = Key::Find(token_, {1, 'T'});
  EXPECT_THAT(found, FailsWith(kHandleInvalid));
  EXPECT_EQ(MessageOf(found), "2 keys are IDTTKN.JWT.SECRET:00000001T");
  EXPECT_THAT(DeleteKey(*token_, {1, 'T'}, true), FailsWith(kHandleInvalid));
  EXPECT_EQ(CountObjects(*token_), 2U);
  const auto list = Must(ListKeys(*token_));
  EXPECT_THAT(list.keys, ::testing::IsEmpty());
  EXPECT_EQ(list.left_out.size(), 1U);
}

TEST_F(RemoveAdoptedTest, AnotherKeyInItsPlaceIsDestroyedByForceAlone) {
  testing::Destroy(*token_, object_);
  Import(*token_, TheirKey("id", "theirs", ValueOf(64, 2)));
  EXPECT_THAT(DisableKey(*token_, {1, 'T'}, true), FailsWith(kObjectNotFound));
  EXPECT_EQ(Must(DeleteKey(*token_, {1, 'T'}, true)), Removal::kDestroyed);
  EXPECT_EQ(CountObjects(*token_), 0U);
}

TEST_F(RemoveAdoptedTest, ADisabledKeyDoesNotSignUntilItIsEnabled) {
  const auto right = SignWith(FindKey(1), "data");
  ASSERT_THAT(DisableKey(*token_, {1, 'T'}, true), IsOk());
  Reopen();
  const auto refused = FindKey(1).Sign(Hs256(), {});
  EXPECT_THAT(refused, FailsWith(kObjectDisabled));
  EXPECT_EQ(MessageOf(refused),
            "the key IDTTKN.JWT.SECRET:00000001T is disabled");
  EXPECT_THAT(FindKey(1).Verify(Hs256(), testing::Bytes("data"), right),
              FailsWith(kObjectDisabled));
  ASSERT_THAT(DisableKey(*token_, {1, 'T'}, false), IsOk());
  EXPECT_EQ(FindKey(1).found().origin, Origin::kAdopted);
  EXPECT_EQ(SignWith(FindKey(1), "data"), right);
}

TEST_F(RemoveAdoptedTest, AKeyThatIsAdoptedAgainIsEnabled) {
  ASSERT_THAT(DisableKey(*token_, {1, 'T'}, true), IsOk());
  EXPECT_EQ(Must(DeleteKey(*token_, {1, 'T'}, false)), Removal::kReleased);
  Adopt();
  EXPECT_THAT(FindKey(2).Sign(Hs256(), {}), IsOk());
}

}  // namespace
}  // namespace sigtoken
