// Which sequence numbers new keys get.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "keygen/generate.h"
#include "keygen/remove.h"
#include "pkcs11/store/token_records.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using testing::Import;
using testing::ImportKey;
using testing::IsOk;
using testing::KeyToImport;
using testing::kTokenName;
using testing::MessageOf;
using testing::Must;
using testing::Name;

// The short form of an object's handle.
std::string Address(const std::string& object) {
  return std::string(kTokenName) + ":" + object;
}

class GenerateSequenceTest : public testing::TokenTest {
 protected:
  std::uint32_t LastSequence() {
    const auto record =
        Must(FindTokenRecord(token_->database(), Name(kTokenName)));
    return record ? record->last_sequence : 0;
  }

  // The short handles of all keys.
  std::vector<std::string> Listed() {
    std::vector<std::string> handles;
    for (const FoundKey& key : Must(ListKeys(*token_)).keys) {
      handles.push_back(key.handle ? key.handle->FormatShort() : "none");
    }
    return handles;
  }

  std::uint32_t Number(const FoundKey& key) {
    return key.handle->object()->sequence;
  }

  // As if another machine's store had been there: no records at all.
  void LoseTheStore() {
    token_.reset();
    directory_.reset();
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(home_.configuration().store_path.string() + end);
    }
    Reopen();
  }
};

TEST_F(GenerateSequenceTest, NumbersRiseFromOne) {
  EXPECT_EQ(Number(Generate()), 1U);
  EXPECT_EQ(Number(Generate()), 2U);
  EXPECT_EQ(Number(Generate()), 3U);
  EXPECT_EQ(LastSequence(), 3U);
}

TEST_F(GenerateSequenceTest, TheNumberOfADeletedKeyDoesNotComeBack) {
  Generate();
  Generate();
  ASSERT_THAT(DeleteKey(*token_, {2, 'T'}, false), IsOk());
  ASSERT_THAT(DeleteKey(*token_, {1, 'T'}, false), IsOk());
  EXPECT_EQ(Number(Generate()), 3U);
}

TEST_F(GenerateSequenceTest, NumbersGoOnInTheNextProcess) {
  Generate();
  ASSERT_THAT(DeleteKey(*token_, {1, 'T'}, false), IsOk());
  Reopen();
  EXPECT_EQ(Number(Generate()), 2U);
}

TEST_F(GenerateSequenceTest, CategoriesShareOneCounter) {
  KeySpec secure;
  secure.category = 'Y';
  Generate();
  const FoundKey key = Generate(secure);
  EXPECT_EQ(key.handle->FormatShort(), Address("00000002Y"));
  Generate();
  EXPECT_THAT(Listed(), ElementsAre(Address("00000001T"), Address("00000002Y"),
                                    Address("00000003T")));
}

TEST_F(GenerateSequenceTest, AStoreThatWasLostGoesOnFromTheHighestNumber) {
  Generate();
  Generate();
  Generate();
  ASSERT_THAT(DeleteKey(*token_, {2, 'T'}, false), IsOk());
  LoseTheStore();
  EXPECT_EQ(LastSequence(), 0U);
  EXPECT_EQ(Number(Generate()), 4U);
  EXPECT_THAT(FindKey(3).Sign(Hs256(), {}), IsOk());
}

TEST_F(GenerateSequenceTest,
       AStoreThatWasLostFindsTheHighestNumberInEachCategory) {
  ImportKey(*token_, {0x10, 'Y'}, testing::Bytes("whatever"));
  LoseTheStore();
  EXPECT_EQ(Number(Generate()), 0x11U);
}

TEST_F(GenerateSequenceTest, AKeyThatAKilledProcessLeftWholeIsSkipped) {
  Generate();
  ImportKey(*token_, {2, 'T'}, testing::Bytes("left behind"));
  ImportKey(*token_, {3, 'Y'}, testing::Bytes("left behind, too"));
  EXPECT_EQ(Number(Generate()), 4U);
  EXPECT_EQ(LastSequence(), 4U);
  EXPECT_THAT(FindKey(2).Sign(Hs256(), {}), IsOk());
}

TEST_F(GenerateSequenceTest, GhostsNeitherStopItNorAreListed) {
  const std::vector<std::uint8_t> value(64, 0x5A);
  // Without anything that tells it.
  Attributes bare = KeyToImport("", {});
  bare.Remove(CKA_LABEL);
  bare.Text(CKA_LABEL, "");
  Import(*token_, bare);
  // With the next number, and no more use than that.
  Attributes useless = KeyToImport(Address("00000001T"), value);
  useless.Remove(CKA_SIGN);
  useless.Remove(CKA_VERIFY);
  useless.Flag(CKA_SIGN, false).Flag(CKA_VERIFY, false);
  Import(*token_, useless);
  // Without a value.
  Import(*token_, KeyToImport(Address("00000002T"), {}));
  // Readable by everybody.
  Attributes open = KeyToImport(Address("00000003T"), value);
  open.Remove(CKA_PRIVATE);
  open.Flag(CKA_PRIVATE, false);
  Import(*token_, open);

  EXPECT_EQ(Number(Generate()), 4U);
  EXPECT_THAT(Listed(),
              ElementsAre(Address("00000001T"), Address("00000004T")));
  const KeyList list = Must(ListKeys(*token_));
  EXPECT_EQ(list.left_out.size(), 2U);
  EXPECT_EQ(list.half_made.size(), 1U);
}

TEST_F(GenerateSequenceTest, AnObjectThatIsNoKeyDoesNotTakeANumber) {
  Attributes data;
  data.Number(CKA_CLASS, CKO_DATA)
      .Flag(CKA_TOKEN, true)
      .Flag(CKA_PRIVATE, true)
      .Text(CKA_LABEL, "note")
      .Text(CKA_VALUE, "text");
  Import(*token_, data);
  EXPECT_EQ(Number(Generate()), 1U);
}

TEST_F(GenerateSequenceTest, NumbersOfOtherTokensInTheSamePartitionDoNotCount) {
  const std::vector<std::uint8_t> value(64, 0x5A);
  for (const char* id :
       {"OTHER.TOKEN:00000009T", "IDTTKN.JWT.SECRET:9T",
        "idttkn.jwt.secret:00000009T", "IDTTKN.JWT.SECRET:00000009Q",
        "IDTTKN.JWT.SECRET:00000009T "}) {
    Import(*token_, KeyToImport(id, value));
  }
  LoseTheStore();
  EXPECT_EQ(Number(Generate()), 1U);
}

TEST_F(GenerateSequenceTest, TheLastNumberIsGivenOutAndNoneAfterIt) {
  ImportKey(*token_, {0xFFFFFFFE, 'T'}, testing::Bytes("last but one"));
  LoseTheStore();
  EXPECT_EQ(Generate().handle->FormatShort(), Address("FFFFFFFFT"));
  const auto made = GenerateKey(*token_, {});
  EXPECT_THAT(made, FailsWith(kParameterInvalid));
  EXPECT_EQ(MessageOf(made),
            "the token IDTTKN.JWT.SECRET has given out all its sequence "
            "numbers");
  EXPECT_EQ(testing::CountObjects(*token_), 2U);
}

}  // namespace
}  // namespace sigtoken
