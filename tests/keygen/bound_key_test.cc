// Keys that others made and that the configuration gives a handle.

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "keygen/adopt.h"
#include "keygen/remove.h"
#include "pkcs11/cryptoki/objects.h"
#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using testing::CountObjects;
using testing::FailsWith;
using testing::Import;
using testing::IsOk;
using testing::LastSequenceOf;
using testing::MessageOf;
using testing::Must;
using testing::Name;
using testing::OpenSslMac;
using testing::SignWith;
using testing::TheirKey;
using testing::ValueOf;

class BoundKeyTest : public ::testing::Test {
 protected:
  // IDT.KEYS:00000005T is the key that `uri` names.
  BoundKeyTest() {
    hsm_.MakeToken("hsm");
    Point("pkcs11:object=theirs;id=id");
  }

  void Point(const std::string& uri) {
    token_.reset();
    directory_.reset();
    Configuration configuration = hsm_.Configure();
    BoundToken bound = hsm_.Bind("IDT.KEYS", "token=hsm");
    bound.keys.push_back({id_, Must(Uri::Parse(uri))});
    configuration.tokens = {bound};
    directory_ = Must(Directory::Open(configuration));
    token_ = Must(directory_->FindToken(Name("IDT.KEYS")));
  }
  CK_OBJECT_HANDLE ImportTheirs(std::uint8_t first = 1) {
    return Import(*token_, TheirKey("id", "theirs", ValueOf(64, first)));
  }
  void DestroyTheirs() {
    testing::Change(*token_, [](Session& session) {
      for (const CK_OBJECT_HANDLE object :
           Must(FindObjects(session, testing::KeysLabelled("theirs")))) {
        Must(DestroyObject(session, object));
      }
      return 0;
    });
  }
  Result<Key> Find() { return Key::Find(token_, id_); }
  static std::vector<std::uint8_t> Right(std::uint8_t first) {
    return OpenSslMac(Hs256(), ValueOf(64, first), testing::Bytes("data"));
  }

  const ObjectId id_{5, 'T'};
  testing::PrivateSoftHsm2 hsm_;
  std::unique_ptr<Directory> directory_;
  std::shared_ptr<Token> token_;
};

TEST_F(BoundKeyTest, IsFoundByItsHandleAndSigns) {
  ImportTheirs();
  const Key key = Must(directory_->FindKey("IDT.KEYS:5T"));
  EXPECT_EQ(key.found().origin, Origin::kBound);
  EXPECT_EQ(key.handle()->FormatShort(), "IDT.KEYS:00000005T");
  EXPECT_EQ(SignWith(key, "data"), Right(1));
  EXPECT_THAT(Key::Find(token_, {5, 'Y'}), FailsWith(kObjectNotFound));
  const auto list = Must(ListKeys(*token_));
  ASSERT_EQ(list.keys.size(), 1U);
  EXPECT_EQ(list.keys[0].handle, key.handle());
}

TEST_F(BoundKeyTest, ALabelOrAnIdAloneWillDo) {
  ImportTheirs();
  for (const std::string uri : {"pkcs11:object=theirs", "pkcs11:id=id"}) {
    Point(uri);
    EXPECT_EQ(SignWith(Must(Find()), "data"), Right(1));
  }
}

TEST_F(BoundKeyTest, TheCounterGoesOnAboveItsNumber) {
  ImportTheirs();
  const MadeKey made = Must(GenerateKey(*token_, {}));
  EXPECT_EQ(made.key.handle->object()->sequence, 6U);
  EXPECT_FALSE(made.store_was_lost);
  EXPECT_EQ(LastSequenceOf(*token_), 6U);
  EXPECT_EQ(SignWith(Must(Find()), "data"), Right(1));
}

TEST_F(BoundKeyTest, ANumberThatIsBoundLaterIsSteppedOver) {
  Point("pkcs11:object=nobody's");
  const ObjectId later{7, 'Y'};
  EXPECT_EQ(Must(GenerateKey(*token_, {})).key.handle->object()->sequence, 6U);
  Configuration configuration = hsm_.Configure();
  BoundToken bound = hsm_.Bind("IDT.KEYS", "token=hsm");
  bound.keys.push_back({later, Must(Uri::Parse("pkcs11:object=theirs"))});
  configuration.tokens = {bound};
  token_.reset();
  directory_ = Must(Directory::Open(configuration));
  token_ = Must(directory_->FindToken(Name("IDT.KEYS")));
  EXPECT_EQ(Must(GenerateKey(*token_, {})).key.handle->object()->sequence, 8U);
}

TEST_F(BoundKeyTest, ABindingToNothingOrToTwoIsRefusedWhenItIsUsed) {
  const auto none = Find();
  EXPECT_THAT(none, FailsWith(kObjectNotFound));
  EXPECT_EQ(MessageOf(none), "there is no key IDT.KEYS:00000005T");
  ImportTheirs();
  ImportTheirs(2);
  const auto two = Find();
  EXPECT_THAT(two, FailsWith(kHandleInvalid));
  EXPECT_EQ(MessageOf(two), "2 keys are IDT.KEYS:00000005T");
  EXPECT_THAT(DisableKey(*token_, id_, true), FailsWith(kHandleInvalid));
  EXPECT_THAT(DeleteKey(*token_, id_, true), FailsWith(kHandleInvalid));
  EXPECT_EQ(CountObjects(*token_), 2U);
}

TEST_F(BoundKeyTest, OneOfOursUnderTheSameHandleIsRefused) {
  ImportTheirs();
  Import(*token_, TheirKey("IDT.KEYS:00000005T", "ours", ValueOf(64, 2)));
  const auto two = Find();
  EXPECT_THAT(two, FailsWith(kHandleInvalid));
  EXPECT_EQ(MessageOf(two),
            "two keys are IDT.KEYS:00000005T: one of the token's own, and one "
            "that the configuration binds");
}

TEST_F(BoundKeyTest, ACategoryThatPromisesNoSecrecyTakesAPublicKey) {
  Import(*token_, testing::WithFlag(TheirKey("id", "theirs", ValueOf(64)),
                                    CKA_PRIVATE, false));
  EXPECT_EQ(SignWith(Must(Find()), "data"), Right(1));
}

TEST_F(BoundKeyTest, IsNotAdopted) {
  ImportTheirs();
  const auto adopted = AdoptKey(*token_, testing::KeysLabelled("theirs"), 'T');
  EXPECT_THAT(adopted, FailsWith(kHandleInvalid));
  EXPECT_EQ(MessageOf(adopted),
            "the key has a handle already: IDT.KEYS:00000005T");
  EXPECT_THAT(ReleaseKey(*token_, id_), FailsWith(kObjectNotFound));
}

TEST_F(BoundKeyTest, IsDestroyedByForceAlone) {
  ImportTheirs();
  Import(*token_, TheirKey("id", "their other", ValueOf(64)));
  const auto refused = DeleteKey(*token_, id_, false);
  EXPECT_THAT(refused, FailsWith(kParameterInvalid));
  EXPECT_EQ(MessageOf(refused),
            "the key IDT.KEYS:00000005T is one that others made, and the "
            "configuration binds it");
  EXPECT_EQ(SignWith(Must(Find()), "data"), Right(1));
  EXPECT_EQ(Must(DeleteKey(*token_, id_, true)), Removal::kDestroyed);
  EXPECT_EQ(CountObjects(*token_), 1U);
  EXPECT_THAT(Find(), FailsWith(kObjectNotFound));
  EXPECT_EQ(LastSequenceOf(*token_), 5U);
}

TEST_F(BoundKeyTest, ADisabledKeyDoesNotSignUntilItIsEnabled) {
  ImportTheirs();
  ASSERT_THAT(DisableKey(*token_, id_, true), IsOk());
  EXPECT_THAT(Must(Find()).Sign(Hs256(), {}), FailsWith(kObjectDisabled));
  Point("pkcs11:object=theirs;id=id");
  EXPECT_THAT(Must(Find()).Sign(Hs256(), {}), FailsWith(kObjectDisabled));
  ASSERT_THAT(DisableKey(*token_, id_, false), IsOk());
  EXPECT_EQ(Must(Find()).found().origin, Origin::kBound);
  EXPECT_EQ(SignWith(Must(Find()), "data"), Right(1));
}

TEST_F(BoundKeyTest, AnotherKeyInItsPlaceIsRefusedFromItsFirstUseOn) {
  for (const bool has_record : {false, true}) {
    SCOPED_TRACE(has_record);
    if (has_record) {
      // Bound only after the token was taken into use.
      Point("pkcs11:object=nobody's");
      Must(GenerateKey(*token_, {}));
      Point("pkcs11:object=theirs");
    }
    ImportTheirs();
    EXPECT_EQ(SignWith(Must(Find()), "data"), Right(1));
    DestroyTheirs();
    ImportTheirs(2);
    // As the next process sees it.
    Point(has_record ? "pkcs11:object=theirs" : "pkcs11:object=theirs;id=id");
    for (int i = 0; i < 2; ++i) {
      const auto found = Find();
      EXPECT_THAT(found, FailsWith(kObjectNotFound));
      EXPECT_EQ(found.error().rv, CKR_KEY_CHANGED);
      EXPECT_EQ(testing::CureOf(found),
                "put the right key back, or bind the new one to a handle of "
                "its own in the configuration");
    }
    DestroyTheirs();
    ImportTheirs();
    EXPECT_EQ(SignWith(Must(Find()), "data"), Right(1));
    DestroyTheirs();
  }
}

TEST_F(BoundKeyTest, AStoreThatCannotBeWrittenToRefusesNoSignature) {
  ImportTheirs();
  SQLite::Database store(hsm_.Configure().store_path.string(),
                         SQLite::OPEN_READWRITE);
  store.exec(
      "CREATE TRIGGER full BEFORE INSERT ON objects "
      "BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  EXPECT_EQ(SignWith(Must(Find()), "data"), Right(1));
  EXPECT_FALSE(Must(Find()).found().record);
  // The next use writes it.
  store.exec("DROP TRIGGER full");
  Must(Find());
  EXPECT_TRUE(Must(Find()).found().record);
}

TEST_F(BoundKeyTest, ItsFirstUseHidesNoStoreThatWasLost) {
  ImportTheirs();
  Import(*token_, TheirKey("IDT.KEYS:00000006T", "ours", ValueOf(64, 2)));
  EXPECT_EQ(SignWith(Must(Find()), "data"), Right(1));
  EXPECT_TRUE(Must(GenerateKey(*token_, {})).store_was_lost);
}

TEST_F(BoundKeyTest, ABindingThatPointsElsewhereLaterIsAnotherKey) {
  ImportTheirs();
  Import(*token_, TheirKey("new id", "new", ValueOf(64, 2)));
  ASSERT_THAT(DisableKey(*token_, id_, true), IsOk());
  Point("pkcs11:object=new");
  // Neither the check value nor the state of the key before counts.
  EXPECT_EQ(SignWith(Must(Find()), "data"), Right(2));
  ASSERT_THAT(DisableKey(*token_, id_, true), IsOk());
  EXPECT_THAT(Must(Find()).Sign(Hs256(), {}), FailsWith(kObjectDisabled));
  ASSERT_THAT(DisableKey(*token_, id_, false), IsOk());
  EXPECT_EQ(SignWith(Must(Find()), "data"), Right(2));
}

}  // namespace
}  // namespace sigtoken
