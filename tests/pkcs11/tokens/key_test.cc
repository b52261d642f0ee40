#include "pkcs11/tokens/key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "keygen/remove.h"
#include "tests/embedded_home.h"
#include "tests/forked.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::CureOf;
using testing::FailsWith;
using testing::ImportKey;
using testing::InChild;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::OpenSslMac;

std::vector<std::uint8_t> AsVector(const Mac& mac) {
  return {mac.bytes().begin(), mac.bytes().end()};
}

class KeyTest : public testing::TokenTest {
 protected:
  // What was read of the record is trusted for a second.
  static void WaitUntilTheRecordIsReadAgain() {
    std::this_thread::sleep_for(std::chrono::milliseconds{1100});
  }
};

TEST_F(KeyTest, SignsEmptyDataAndOneMebibyteAsOpenSslDoes) {
  const std::vector<std::uint8_t> value(64, 0xA5);
  ImportKey(*token_, {1, 'T'}, value);
  const Key key = FindKey(1);
  for (const std::size_t size : {0U, 1U, 4096U, 4097U, 1U << 20}) {
    const std::vector<std::uint8_t> data(size, 'x');
    for (const MacAlgorithm& algorithm : MacAlgorithms()) {
      SCOPED_TRACE(std::string(algorithm.name) + " " + std::to_string(size));
      const auto mac = OpenSslMac(algorithm, value, data);
      EXPECT_EQ(AsVector(Must(key.Sign(algorithm, data))), mac);
      EXPECT_TRUE(Must(key.Verify(algorithm, data, mac)));
    }
  }
}

TEST_F(KeyTest, EveryChangedBitOfAMacIsSeen) {
  Generate();
  const Key key = FindKey(1);
  const auto data = Bytes("payload");
  const auto right = AsVector(Must(key.Sign(Hs256(), data)));
  ASSERT_TRUE(Must(key.Verify(Hs256(), data, right)));
  for (std::size_t bit = 0; bit < 8 * right.size(); ++bit) {
    auto wrong = right;
    wrong[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(Must(key.Verify(Hs256(), data, wrong))) << bit;
  }
  EXPECT_FALSE(Must(key.Verify(Hs256(), Bytes("payloae"), right)));
}

// The MAC's own length is the only one, also where the bytes that are there
// are right.
TEST_F(KeyTest, AMacOfAnotherLengthIsWrong) {
  Generate();
  KeySpec verify_only;
  verify_only.verify_only = true;
  Generate(verify_only);
  const Key key = FindKey(1);
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    const auto right = AsVector(Must(key.Sign(algorithm, {})));
    for (const std::size_t size : {0U, 1U, 31U, 32U, 33U, 47U, 48U, 49U, 63U,
                                   64U, 65U, 128U, 1U << 20}) {
      SCOPED_TRACE(std::string(algorithm.name) + " " + std::to_string(size));
      auto mac = right;
      mac.resize(size);
      EXPECT_EQ(Must(key.Verify(algorithm, {}, mac)), size == right.size());
      EXPECT_FALSE(Must(FindKey(2).Verify(algorithm, {}, mac)));
    }
  }
}

TEST_F(KeyTest, AVerifyOnlyKeyTellsRightFromWrong) {
  const std::vector<std::uint8_t> value(64, 0xA5);
  Attributes attributes =
      testing::KeyToImport("IDTTKN.JWT.SECRET:00000001T", value);
  attributes.Remove(CKA_SIGN);
  attributes.Flag(CKA_SIGN, false);
  testing::Import(*token_, attributes);
  const Key key = FindKey(1);
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    auto mac = OpenSslMac(algorithm, value, Bytes("data"));
    EXPECT_TRUE(Must(key.Verify(algorithm, Bytes("data"), mac)));
    EXPECT_FALSE(Must(key.Verify(algorithm, {}, mac)));
    mac.back() ^= 1;
    EXPECT_FALSE(Must(key.Verify(algorithm, Bytes("data"), mac)));
    const auto signed_ = key.Sign(algorithm, Bytes("data"));
    EXPECT_THAT(signed_, FailsWith(kKeyFunctionNotPermitted));
    EXPECT_EQ(MessageOf(signed_),
              "the key IDTTKN.JWT.SECRET:00000001T may not sign: its CKA_SIGN "
              "is FALSE");
    EXPECT_EQ(CureOf(signed_),
              "use a key that was not made with --verify-only");
  }
}

TEST_F(KeyTest, ASignOnlyKeyDoesNotVerify) {
  const std::vector<std::uint8_t> value(64, 0xA5);
  Attributes attributes =
      testing::KeyToImport("IDTTKN.JWT.SECRET:00000001T", value);
  attributes.Remove(CKA_VERIFY);
  attributes.Flag(CKA_VERIFY, false);
  testing::Import(*token_, attributes);
  const Key key = FindKey(1);
  const auto mac = AsVector(Must(key.Sign(Hs256(), {})));
  const auto verified = key.Verify(Hs256(), {}, mac);
  EXPECT_THAT(verified, FailsWith(kKeyFunctionNotPermitted));
  EXPECT_EQ(MessageOf(verified),
            "the key IDTTKN.JWT.SECRET:00000001T may not verify: its "
            "CKA_VERIFY is FALSE");
}

TEST_F(KeyTest, AKeyThatIsTooShortForTheModuleSaysWhatTheModuleNeeds) {
  KeySpec spec;
  spec.bytes = 32;
  Generate(spec);
  const Key key = FindKey(1);
  struct Row {
    std::string_view algorithm;
    std::string_view text;
  };
  const Row rows[] = {
      {"HS384",
       "the module does not use a key of 32 bytes for HS384: C_SignInit "
       "answered CKR_KEY_SIZE_RANGE (ICSF 8/3038, X'BDE'). This module needs "
       "48 bytes or more for HS384, ICSF has no such limit: generate a key "
       "with --alg HS384"},
      {"HS512",
       "the module does not use a key of 32 bytes for HS512: C_SignInit "
       "answered CKR_KEY_SIZE_RANGE (ICSF 8/3038, X'BDE'). This module needs "
       "64 bytes or more for HS512, ICSF has no such limit: generate a key "
       "with --alg HS512"},
  };
  for (const Row& row : rows) {
    const auto made = key.Sign(*FindMacAlgorithm(row.algorithm), {});
    ASSERT_FALSE(made);
    EXPECT_EQ(ToText(made.error()), row.text);
  }
  // The session that met the refusal is of no harm to the next call.
  EXPECT_THAT(key.Sign(Hs256(), {}), IsOk());
}

TEST_F(KeyTest, AKeyDisabledUnderneathIsRefusedAfterASecond) {
  Generate();
  const Key key = FindKey(1);
  const auto mac = AsVector(Must(key.Sign(Hs256(), {})));
  ASSERT_THAT(DisableKey(*token_, {1, 'T'}, true), IsOk());
  WaitUntilTheRecordIsReadAgain();
  const auto made = key.Sign(Hs256(), {});
  EXPECT_THAT(made, FailsWith(kObjectDisabled));
  EXPECT_EQ(MessageOf(made), "the key IDTTKN.JWT.SECRET:00000001T is disabled");
  EXPECT_EQ(CureOf(made), "enable it with 'sigtoken key enable'");
  EXPECT_THAT(key.Verify(Hs256(), {}, mac), FailsWith(kObjectDisabled));

  ASSERT_THAT(DisableKey(*token_, {1, 'T'}, false), IsOk());
  WaitUntilTheRecordIsReadAgain();
  EXPECT_TRUE(Must(key.Verify(Hs256(), {}, mac)));
}

TEST_F(KeyTest, ADisabledKeyIsRefusedAtOnceWhereItIsFoundAnew) {
  Generate();
  ASSERT_THAT(DisableKey(*token_, {1, 'T'}, true), IsOk());
  EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), FailsWith(kObjectDisabled));
  Reopen();
  EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), FailsWith(kObjectDisabled));
  EXPECT_THAT(FindKey(1).Verify(Hs256(), {}, Mac(32).bytes()),
              FailsWith(kObjectDisabled));
}

TEST_F(KeyTest, ADestroyedKeyIsNotThereAnyMore) {
  const FoundKey made = Generate();
  const Key key = FindKey(1);
  ASSERT_THAT(key.Sign(Hs256(), {}), IsOk());
  testing::Destroy(*token_, made.object);
  const auto gone = key.Sign(Hs256(), {});
  EXPECT_THAT(gone, FailsWith(kObjectNotFound));
  EXPECT_EQ(MessageOf(gone), "there is no key IDTTKN.JWT.SECRET:00000001T");
  EXPECT_THAT(key.Verify(Hs256(), {}, Mac(32).bytes()),
              FailsWith(kObjectNotFound));
}

TEST_F(KeyTest, AnotherKeyInThePlaceOfOneIsRefused) {
  const FoundKey made = Generate();
  const Key key = FindKey(1);
  testing::Destroy(*token_, made.object);
  ImportKey(*token_, {1, 'T'}, Bytes("a key of somebody else"));
  const std::string message =
      "the key IDTTKN.JWT.SECRET:00000001T has another check value than the "
      "one that was made: its place in the token was taken by another key";
  const auto by_stale_handle = key.Sign(Hs256(), {});
  EXPECT_THAT(by_stale_handle, FailsWith(kObjectNotFound));
  EXPECT_EQ(MessageOf(by_stale_handle), message);
  const auto found = Key::Find(token_, ObjectId{1, 'T'});
  EXPECT_THAT(found, FailsWith(kObjectNotFound));
  EXPECT_EQ(MessageOf(found), message);
}

TEST_F(KeyTest, TheSameKeyPutBackIsFoundAgain) {
  const std::vector<std::uint8_t> value(64, 0xA5);
  const CK_OBJECT_HANDLE object = ImportKey(*token_, {1, 'T'}, value);
  const Key key = FindKey(1);
  testing::Destroy(*token_, object);
  EXPECT_THAT(key.Sign(Hs256(), {}), FailsWith(kObjectNotFound));
  ImportKey(*token_, {1, 'T'}, value);
  EXPECT_EQ(AsVector(Must(key.Sign(Hs256(), {}))),
            OpenSslMac(Hs256(), value, {}));
}

TEST_F(KeyTest, TwoKeysUnderOneHandleAreRefused) {
  ImportKey(*token_, {1, 'T'}, Bytes("one"));
  ImportKey(*token_, {1, 'T'}, Bytes("another"));
  const auto found = Key::Find(token_, ObjectId{1, 'T'});
  EXPECT_THAT(found, FailsWith(kHandleInvalid));
  EXPECT_EQ(MessageOf(found), "2 keys are IDTTKN.JWT.SECRET:00000001T");
}

TEST_F(KeyTest, KeysThatEverybodyCanSignWithAreRefused) {
  ImportKey(*token_, {1, 'T'}, {});
  const auto found = Key::Find(token_, ObjectId{1, 'T'});
  EXPECT_THAT(found, FailsWith(kAttributeValueInvalid));
  EXPECT_EQ(MessageOf(found),
            "the key is empty or has only zero bytes: everybody can sign with "
            "it");
}

TEST_F(KeyTest, KeysThatAreNotWhatTheirCategorySaysAreRefused) {
  const std::vector<std::uint8_t> value(64, 0xA5);
  struct Row {
    CK_ATTRIBUTE_TYPE type;
    bool value;
    char category;
    std::string_view message;
  };
  const Row rows[] = {
      {CKA_PRIVATE, false, 'T',
       "the object is not what category 'T' says: its CKA_PRIVATE is not TRUE"},
      {CKA_PRIVATE, false, 'Y',
       "the object is not what category 'Y' says: its CKA_PRIVATE is not TRUE"},
      {CKA_SENSITIVE, false, 'Y',
       "the object is not what category 'Y' says: its CKA_SENSITIVE is not "
       "TRUE"},
      {CKA_EXTRACTABLE, true, 'Y',
       "the object is not what category 'Y' says: its CKA_EXTRACTABLE is not "
       "FALSE"},
  };
  std::uint32_t sequence = 0;
  for (const Row& row : rows) {
    const ObjectId id{++sequence, row.category};
    Attributes attributes =
        testing::KeyToImport(Handle(token_->name(), id).FormatShort(), value);
    attributes.Remove(row.type);
    attributes.Flag(row.type, row.value);
    testing::Import(*token_, attributes);
    const auto found = Key::Find(token_, id);
    EXPECT_THAT(found, FailsWith(kObjectNotFound));
    EXPECT_EQ(MessageOf(found), row.message);
  }
}

TEST_F(KeyTest, UnknownAddressesAreNotFound) {
  Generate();
  for (const ObjectId id : {ObjectId{2, 'T'}, ObjectId{1, 'Y'},
                            ObjectId{0x10, 'T'}, ObjectId{0xFFFFFFFF, 'T'}}) {
    EXPECT_THAT(Key::Find(token_, id), FailsWith(kObjectNotFound));
  }
}

TEST_F(KeyTest, ManyThreadsSignWithOneKey) {
  Generate();
  const Key key = FindKey(1);
  const auto right = AsVector(Must(key.Sign(Hs256(), Bytes("data"))));
  std::atomic<int> wrong = 0;
  {
    constexpr int kThreads = 4;
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 250; ++j) {
          const auto made = key.Sign(Hs256(), Bytes("data"));
          if (!made || AsVector(*made) != right) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST_F(KeyTest, AForkedChildIsRefused) {
  Generate();
  const Key key = FindKey(1);
  ASSERT_THAT(key.Sign(Hs256(), {}), IsOk());  // A session is in the pool.
  const std::string message =
      "this process is a child of the one that opened the PKCS#11 module";
  const auto refused = [&](const auto& result) {
    if (result) return 1;
    if (ToIcsf(result.error()) != kNotAvailable) return 2;
    return result.error().message == message ? 42 : 3;
  };
  EXPECT_EQ(InChild([&] { return refused(key.Sign(Hs256(), {})); }), 42);
  EXPECT_EQ(InChild([&] {
              return refused(key.Verify(Hs256(), {}, Mac(32).bytes()));
            }),
            42);
  EXPECT_EQ(InChild([&] { return refused(GenerateKey(*token_, {})); }), 42);
  // The child's end leaves the parent's sessions and login as they were.
  EXPECT_THAT(key.Sign(Hs256(), {}), IsOk());
}

TEST_F(KeyTest, AForkedChildThatOpensTheStoreAnewSignsAsTheParentDoes) {
  Generate();
  const auto right = AsVector(Must(FindKey(1).Sign(Hs256(), {})));
  EXPECT_EQ(InChild([&]() -> int {
              const auto directory = Directory::Open(home_.configuration());
              if (!directory) return 1;
              const auto key = (*directory)->FindKey("IDTTKN.JWT.SECRET:1T");
              if (!key) return 2;
              const auto made = key->Sign(Hs256(), {});
              return made && AsVector(*made) == right ? 42 : 3;
            }),
            42);
}

}  // namespace
}  // namespace sigtoken
