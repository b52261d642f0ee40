// A state store that was lost is made anew from the tokens.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "keygen/adopt.h"
#include "keygen/generate.h"
#include "keygen/remove.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/store/token_records.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::FailsWith;
using testing::IsOk;
using testing::Must;
using testing::Name;

std::vector<std::uint8_t> MacOf(const Key& key) {
  const Mac mac = Must(key.Sign(Hs256(), Bytes("data")));
  return {mac.bytes().begin(), mac.bytes().end()};
}

void RemoveStore(const std::filesystem::path& store) {
  for (const char* ending : {"", "-wal", "-shm"}) {
    std::filesystem::remove(store.native() + ending);
  }
}

class RebuildTest : public testing::TokenTest {
 protected:
  // Nobody has it open meanwhile.
  void LoseTheStore() {
    token_.reset();
    directory_.reset();
    RemoveStore(home_.configuration().store_path);
    directory_ = Must(Directory::Open(home_.configuration()));
    token_ = Must(directory_->FindToken(Name(testing::kTokenName)));
  }
  MadeKey Make(const KeySpec& spec = {}) {
    return Must(GenerateKey(*token_, spec));
  }
  std::optional<ObjectRecord> RecordOf(std::uint32_t sequence) {
    return Must(
        FindObjectRecord(token_->database(), token_->name(), {sequence, 'T'}));
  }
  static std::string Short(const FoundKey& key) {
    return key.handle ? key.handle->FormatShort() : "";
  }
  static std::string Address(const std::string& object) {
    return std::string(testing::kTokenName) + ":" + object;
  }

  const std::vector<std::uint8_t> value_ = std::vector<std::uint8_t>(64, 0xA5);
};

TEST_F(RebuildTest, KeysAreFoundAndSignBeforeAnythingIsMadeAnew) {
  Generate();
  KeySpec secure;
  secure.category = 'Y';
  Generate(secure);
  const auto before = MacOf(FindKey(1));
  LoseTheStore();
  EXPECT_EQ(MacOf(FindKey(1)), before);
  const KeyList list = Must(ListKeys(*token_));
  ASSERT_EQ(list.keys.size(), 2U);
  EXPECT_EQ(Short(list.keys[0]), Address("00000001T"));
  EXPECT_EQ(Short(list.keys[1]), Address("00000002Y"));
  EXPECT_FALSE(list.keys[0].record);
  EXPECT_EQ(list.keys[0].bytes(), 64U);
  EXPECT_FALSE(Must(FindTokenRecord(token_->database(), token_->name())));
}

TEST_F(RebuildTest, TheNextKeyGetsANumberAboveTheHighestInTheToken) {
  Generate();
  Generate();
  testing::ImportKey(*token_, {0x2A, 'Y'}, Bytes("another host's"));
  ASSERT_THAT(DeleteKey(*token_, {1, 'T'}, false), IsOk());
  LoseTheStore();
  const MadeKey made = Make();
  EXPECT_EQ(Short(made.key), Address("0000002BT"));
  EXPECT_TRUE(made.store_was_lost);
  const MadeKey next = Make();
  EXPECT_EQ(Short(next.key), Address("0000002CT"));
  EXPECT_FALSE(next.store_was_lost);
}

TEST_F(RebuildTest, AStoreThatIsThereWasNotLost) {
  EXPECT_FALSE(Make().store_was_lost);
  Reopen();
  EXPECT_FALSE(Make().store_was_lost);
}

TEST_F(RebuildTest, OfAnEmptyTokenItIsSaidToo) {
  Generate();
  ASSERT_THAT(DeleteKey(*token_, {1, 'T'}, false), IsOk());
  LoseTheStore();
  const MadeKey made = Make();
  EXPECT_EQ(Short(made.key), Address("00000001T"));
  EXPECT_TRUE(made.store_was_lost);
}

TEST_F(RebuildTest, RecordsOfTheOthersAreMadeAnewWithTheirCheckValues) {
  KeySpec spec;
  spec.algorithm = &Hs256();
  spec.bytes = 32;
  Generate(spec);
  Generate();
  const auto before = *RecordOf(1);
  const auto second = *RecordOf(2);
  LoseTheStore();
  EXPECT_FALSE(RecordOf(1));
  Make();
  const auto after = RecordOf(1);
  ASSERT_TRUE(after);
  EXPECT_TRUE(before.check_mac);
  EXPECT_EQ(after->check_mac, before.check_mac);
  EXPECT_EQ(after->bytes, 32U);
  EXPECT_EQ(after->algorithm, "");
  EXPECT_FALSE(after->disabled);
  EXPECT_FALSE(after->adopted);
  EXPECT_EQ(after->foreign, std::nullopt);
  EXPECT_EQ(RecordOf(2)->check_mac, second.check_mac);
  EXPECT_NE(second.check_mac, before.check_mac);
}

TEST_F(RebuildTest, AKeyThatTakesAnothersPlaceAfterwardsIsRefused) {
  const FoundKey made = Generate();
  LoseTheStore();
  Make();
  testing::Destroy(*token_, FindKey(1).found().object);
  testing::ImportKey(*token_, {1, 'T'}, value_);
  EXPECT_THAT(Key::Find(token_, ObjectId{1, 'T'}), FailsWith(kObjectNotFound));
  EXPECT_THAT(Key::Find(token_, ObjectId{2, 'T'}), IsOk());
  EXPECT_TRUE(made.check_mac);
}

TEST_F(RebuildTest, WhatIsNotWholeGetsNoRecordAndKeepsItsNumber) {
  Generate();
  testing::Import(*token_, testing::KeyToImport(Address("00000005T"), {}));
  LoseTheStore();
  EXPECT_EQ(Short(Make().key), Address("00000006T"));
  EXPECT_FALSE(RecordOf(5));
  EXPECT_TRUE(RecordOf(1));
}

TEST_F(RebuildTest, AdoptedHandlesAreGone) {
  Generate();
  testing::Import(*token_, testing::KeyToImport("theirs", value_));
  const FoundKey adopted =
      Must(AdoptKey(*token_, Attributes().Text(CKA_ID, "theirs"), 'T'));
  EXPECT_EQ(Short(adopted), Address("00000002T"));
  EXPECT_THAT(Key::Find(token_, ObjectId{2, 'T'}), IsOk());
  LoseTheStore();
  EXPECT_THAT(Key::Find(token_, ObjectId{2, 'T'}), FailsWith(kObjectNotFound));
  const KeyList list = Must(ListKeys(*token_));
  ASSERT_EQ(list.keys.size(), 2U);
  EXPECT_FALSE(list.keys[1].handle);
  EXPECT_EQ(Short(Make().key), Address("00000002T"));
  EXPECT_FALSE(RecordOf(2)->adopted);
}

// With its number the record goes, and the next key finds the store lost still.
TEST_F(RebuildTest, ARefusedKeyLeavesTheStoreToBeRebuiltAgain) {
  Generate();
  LoseTheStore();
  KeySpec too_short;
  too_short.algorithm = FindMacAlgorithm("HS512");
  too_short.bytes = 32;
  EXPECT_THAT(GenerateKey(*token_, too_short),
              FailsWith(kKeyFunctionNotPermitted));
  const MadeKey made = Make();
  EXPECT_EQ(Short(made.key), Address("00000002T"));
  EXPECT_TRUE(made.store_was_lost);
  EXPECT_TRUE(RecordOf(1)->check_mac);
}

class RebuildBoundTest : public ::testing::Test {
 protected:
  void SetUp() override {
    hsm_.MakeToken("hsm");
    configuration_ = hsm_.Configure();
    configuration_.tokens = {hsm_.Bind("FIRST", "token=hsm"),
                             hsm_.Bind("SECOND", "token=hsm")};
    directory_ = Must(Directory::Open(configuration_));
  }
  void LoseTheStore() {
    directory_.reset();
    RemoveStore(configuration_.store_path);
    directory_ = Must(Directory::Open(configuration_));
  }
  MadeKey Make(const std::string& name) {
    return Must(GenerateKey(*Must(directory_->FindToken(Name(name))), {}));
  }

  testing::PrivateSoftHsm2 hsm_;
  Configuration configuration_;
  std::unique_ptr<Directory> directory_;
};

TEST_F(RebuildBoundTest, ATokenWithoutKeysOfOursIsNewAndNotLost) {
  EXPECT_FALSE(Make("FIRST").store_was_lost);
  // The other name's key is not its own.
  EXPECT_FALSE(Make("SECOND").store_was_lost);
}

TEST_F(RebuildBoundTest, EachNameGoesOnAfterItsOwnHighestNumber) {
  Make("FIRST");
  Make("FIRST");
  Make("SECOND");
  LoseTheStore();
  const MadeKey second = Make("SECOND");
  EXPECT_EQ(second.key.handle->FormatShort(), "SECOND:00000002T");
  EXPECT_TRUE(second.store_was_lost);
  const MadeKey first = Make("FIRST");
  EXPECT_EQ(first.key.handle->FormatShort(), "FIRST:00000003T");
  EXPECT_TRUE(first.store_was_lost);
}

}  // namespace
}  // namespace sigtoken
