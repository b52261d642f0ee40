#include "keygen/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "pkcs11/base/codes.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/store/token_records.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/read_attribute.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::kTokenName;
using testing::MessageOf;
using testing::Must;
using testing::Name;
using testing::ReadFlag;
using testing::ReadNumber;

// The short form of an object's handle.
std::string Address(const std::string& object) {
  return std::string(kTokenName) + ":" + object;
}

KeySpec Labelled(std::string label) {
  KeySpec spec;
  spec.label = std::move(label);
  return spec;
}

KeySpec OfBytes(std::size_t bytes, const char* algorithm = nullptr) {
  KeySpec spec;
  spec.bytes = bytes;
  if (algorithm != nullptr) spec.algorithm = FindMacAlgorithm(algorithm);
  return spec;
}

class GenerateKeyTest : public testing::TokenTest {
 protected:
  std::uint32_t LastSequence() {
    const auto record =
        Must(FindTokenRecord(token_->database(), Name(kTokenName)));
    return record ? record->last_sequence : 0;
  }

  std::uint32_t Number(const FoundKey& key) {
    return key.handle->object()->sequence;
  }
};

TEST_F(GenerateKeyTest, TheTokenKeepsExactlyTheTemplate) {
  const FoundKey key = Generate(Labelled("idt signing"));
  testing::Change(*token_, [&](Session& session) {
    const auto id = Must(ReadBytes(session, key.object, CKA_ID));
    EXPECT_EQ(std::string(id.begin(), id.end()), Address("00000001T"));
    const auto label = Must(ReadBytes(session, key.object, CKA_LABEL));
    EXPECT_EQ(std::string(label.begin(), label.end()), "idt signing");
    EXPECT_EQ(Must(ReadNumber(session, key.object, CKA_CLASS)), CKO_SECRET_KEY);
    EXPECT_EQ(Must(ReadNumber(session, key.object, CKA_KEY_TYPE)),
              CKK_GENERIC_SECRET);
    EXPECT_EQ(Must(ReadNumber(session, key.object, CKA_VALUE_LEN)), 64U);
    struct Row {
      CK_ATTRIBUTE_TYPE type;
      bool value;
    };
    for (const Row& row :
         std::initializer_list<Row>{{CKA_TOKEN, true},
                                    {CKA_PRIVATE, true},
                                    {CKA_SENSITIVE, true},
                                    {CKA_EXTRACTABLE, false},
                                    {CKA_SIGN, true},
                                    {CKA_VERIFY, true},
                                    {CKA_ENCRYPT, false},
                                    {CKA_DECRYPT, false},
                                    {CKA_WRAP, false},
                                    {CKA_UNWRAP, false},
                                    {CKA_DERIVE, false},
                                    {CKA_MODIFIABLE, false},
                                    {CKA_LOCAL, true},
                                    {CKA_ALWAYS_SENSITIVE, true},
                                    {CKA_NEVER_EXTRACTABLE, true}}) {
      SCOPED_TRACE(row.type);
      EXPECT_EQ(Must(ReadFlag(session, key.object, row.type)), row.value);
    }
    const auto mechanisms =
        Must(ReadBytes(session, key.object, CKA_ALLOWED_MECHANISMS));
    EXPECT_EQ(mechanisms.size(), 6 * sizeof(CK_MECHANISM_TYPE));
    EXPECT_THAT(ReadBytes(session, key.object, CKA_VALUE),
                FailsWith(IcsfOf(CKR_ATTRIBUTE_SENSITIVE)));
    return 0;
  });
}

TEST_F(GenerateKeyTest, SoftHsm2KeepsAllProtections) {
  EXPECT_THAT(Must(GenerateKey(*token_, {})).not_kept, IsEmpty());
}

TEST_F(GenerateKeyTest, ANewKeyIsRecordedWithItsCheckValue) {
  const FoundKey key = Generate(OfBytes(48, "HS384"));
  ASSERT_TRUE(key.record);
  EXPECT_EQ(key.record->bytes, 48U);
  EXPECT_EQ(key.record->algorithm, "HS384");
  EXPECT_FALSE(key.record->disabled);
  ASSERT_TRUE(key.check_mac);
  EXPECT_EQ(key.record->check_mac, key.check_mac);
  const Mac mac = Must(FindKey(1).Sign(Hs256(), {}));
  EXPECT_TRUE(std::ranges::equal(mac.bytes(), *key.check_mac));
}

TEST_F(GenerateKeyTest, TwoKeysAreNotTheSame) {
  EXPECT_NE(Generate().check_mac, Generate().check_mac);
}

TEST_F(GenerateKeyTest, IfAbsentTakesTheKeyOfThatLabel) {
  KeySpec spec = Labelled("one of a kind");
  spec.if_absent = true;
  const MadeKey first = Must(GenerateKey(*token_, spec));
  EXPECT_FALSE(first.existed);
  const MadeKey second = Must(GenerateKey(*token_, spec));
  EXPECT_TRUE(second.existed);
  EXPECT_EQ(second.key.handle, first.key.handle);
  EXPECT_EQ(second.key.check_mac, first.key.check_mac);
  EXPECT_EQ(LastSequence(), 1U);
}

TEST_F(GenerateKeyTest, IfAbsentMakesAKeyBesideOnesOfOtherLabels) {
  Generate(Labelled("ONE OF A KIND"));
  Generate();
  KeySpec spec = Labelled("one of a kind");
  spec.if_absent = true;
  const MadeKey made = Must(GenerateKey(*token_, spec));
  EXPECT_FALSE(made.existed);
  EXPECT_EQ(Number(made.key), 3U);
}

TEST_F(GenerateKeyTest, IfAbsentDoesNotChooseBetweenTwo) {
  Generate(Labelled("twin"));
  Generate(Labelled("twin"));
  KeySpec spec = Labelled("twin");
  spec.if_absent = true;
  const auto made = GenerateKey(*token_, spec);
  EXPECT_THAT(made, FailsWith(kHandleInvalid));
  EXPECT_EQ(MessageOf(made), "2 keys are labelled 'twin'");
  EXPECT_EQ(LastSequence(), 2U);
}

TEST_F(GenerateKeyTest, LabelsNeedNotBeNew) {
  EXPECT_EQ(Number(Generate(Labelled("twin"))), 1U);
  EXPECT_EQ(Number(Generate(Labelled("twin"))), 2U);
}

TEST_F(GenerateKeyTest, AVerifyOnlyKeyCannotSignAndSaysWhyItHasNoCheckValue) {
  KeySpec spec;
  spec.verify_only = true;
  const FoundKey made = Generate(spec);
  EXPECT_FALSE(made.check_mac);
  EXPECT_EQ(made.no_check_mac, "the key may not sign");
  EXPECT_FALSE(made.record->check_mac);
  const Key key = FindKey(1);
  EXPECT_THAT(key.Sign(Hs256(), {}), FailsWith(kKeyFunctionNotPermitted));
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    const Mac wrong(algorithm.mac_bytes);
    EXPECT_FALSE(Must(key.Verify(algorithm, {}, wrong.bytes())));
  }
}

TEST_F(GenerateKeyTest, AnExportableKeyCanBeRead) {
  KeySpec spec;
  spec.exportable = true;
  const FoundKey made = Generate(spec);
  EXPECT_FALSE(made.attributes.Is(CKA_SENSITIVE));
  EXPECT_TRUE(made.attributes.Is(CKA_EXTRACTABLE));
  EXPECT_TRUE(made.attributes.Is(CKA_PRIVATE));
  const auto value = testing::Change(*token_, [&](Session& session) {
    return Must(ReadBytes(session, made.object, CKA_VALUE));
  });
  ASSERT_EQ(value.size(), kDefaultKeyBytes);
  EXPECT_EQ(testing::OpenSslMac(Hs256(), value, {}), *made.check_mac);
}

TEST_F(GenerateKeyTest, MakesTheSizesThatTheModuleUses) {
  for (const std::size_t bytes : {32U, 33U, 48U, 64U, 65U, 128U, 256U}) {
    SCOPED_TRACE(bytes);
    const FoundKey key = Generate(OfBytes(bytes));
    EXPECT_EQ(key.attributes.value_bytes, bytes);
    EXPECT_EQ(key.bytes(), bytes);
  }
}

TEST_F(GenerateKeyTest, RefusesWhatIsOutOfRangeAndChangesNothing) {
  Generate();
  const std::string longest(kMaxLabelBytes, 'x');
  const auto spec = [](auto change) {
    KeySpec made;
    change(made);
    return made;
  };
  struct Row {
    KeySpec spec;
    IcsfCode code;
    std::string message;
  };
  const std::vector<Row> rows = {
      {OfBytes(0), kParameterInvalid, "a key of 0 bytes cannot be generated"},
      {OfBytes(257), kParameterInvalid,
       "a key of 257 bytes cannot be generated"},
      {OfBytes(SIZE_MAX), kParameterInvalid,
       "a key of 18446744073709551615 bytes cannot be generated"},
      {Labelled(longest + "x"), kParameterInvalid,
       "the label '" + longest + "x' is longer than 32 bytes"},
      {Labelled("line\nfeed"), kParameterInvalid,
       "the label 'line\\x0Afeed' has control characters"},
      {Labelled("\x1b[2J"), kParameterInvalid,
       "the label '\\x1B[2J' has control characters"},
      {Labelled("\x7f"), kParameterInvalid,
       "the label '\\x7F' has control characters"},
      {Labelled(std::string(1, '\0')), kParameterInvalid,
       "the label '\\x00' has control characters"},
      {spec([](KeySpec& s) { s.if_absent = true; }), kParameterInvalid,
       "--if-absent needs a label to look for"},
      {spec([](KeySpec& s) {
         s.category = 'Y';
         s.exportable = true;
       }),
       kAttributeValueInvalid, "a key of category Y is never exportable"},
      {spec([](KeySpec& s) { s.category = 'S'; }), kParameterInvalid,
       "keys of category 'S' do not outlive the process that makes them"},
      {spec([](KeySpec& s) { s.category = 'X'; }), kParameterInvalid,
       "keys of category 'X' do not outlive the process that makes them"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.message);
    const auto made = GenerateKey(*token_, row.spec);
    EXPECT_THAT(made, FailsWith(row.code));
    EXPECT_EQ(MessageOf(made), row.message);
  }
  for (const char category : {'t', 'y', 'E', 'Q', ' ', '\0'}) {
    SCOPED_TRACE(category);
    KeySpec wrong;
    wrong.category = category;
    EXPECT_THAT(GenerateKey(*token_, wrong), FailsWith(kHandleInvalid));
  }
  EXPECT_EQ(testing::CountObjects(*token_), 1U);
  EXPECT_EQ(LastSequence(), 1U);
}

TEST_F(GenerateKeyTest, TheLongestLabelAndOneInUtf8AreKept) {
  const std::string longest(kMaxLabelBytes, 'x');
  EXPECT_EQ(Generate(Labelled(longest)).attributes.label, longest);
  EXPECT_EQ(Generate(Labelled("Schl\xC3\xBCssel")).attributes.label,
            "Schl\xC3\xBCssel");
}

TEST_F(GenerateKeyTest, AKeyThatTheModuleDoesNotUseIsNotMade) {
  Generate();
  struct Row {
    KeySpec spec;
    std::string message;
    std::string cure;
  };
  const auto verify_only = [](KeySpec spec) {
    spec.verify_only = true;
    return spec;
  };
  const std::string limit = ", ICSF has no such limit: generate a key with ";
  const Row rows[] = {
      {OfBytes(16), "the module does not use a key of 16 bytes for HS256",
       "this module needs 32 bytes or more for HS256" + limit + "--alg HS256"},
      {OfBytes(31, "HS256"),
       "the module does not use a key of 31 bytes for HS256",
       "this module needs 32 bytes or more for HS256" + limit + "--alg HS256"},
      {OfBytes(16, "HS512"),
       "the module does not use a key of 16 bytes for HS512",
       "this module needs 64 bytes or more for HS512" + limit + "--alg HS512"},
      {OfBytes(32, "HS512"),
       "the module does not use a key of 32 bytes for HS512",
       "this module needs 64 bytes or more for HS512" + limit + "--alg HS512"},
      {OfBytes(47, "HS384"),
       "the module does not use a key of 47 bytes for HS384",
       "this module needs 48 bytes or more for HS384" + limit + "--alg HS384"},
      {verify_only(OfBytes(32, "HS384")),
       "the module does not use a key of 32 bytes for HS384",
       "this module needs 48 bytes or more for HS384" + limit + "--alg HS384"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.message);
    const auto made = GenerateKey(*token_, row.spec);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().rv, CKR_KEY_SIZE_RANGE);
    EXPECT_THAT(made, FailsWith(kKeyFunctionNotPermitted));
    EXPECT_EQ(MessageOf(made), row.message);
    EXPECT_EQ(CureOf(made), row.cure);
    EXPECT_EQ(testing::CountObjects(*token_), 1U);
    EXPECT_EQ(LastSequence(), 1U);
  }
  // Nothing is spent by a refusal.
  EXPECT_EQ(Number(Generate()), 2U);
}

}  // namespace
}  // namespace sigtoken
