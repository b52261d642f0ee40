#include "keygen/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/store/object_records.h"
#include "tests/embedded_home.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::CountObjects;
using testing::FailsWith;
using testing::ImportValue;
using ::testing::IsEmpty;
using testing::LastSequenceOf;
using testing::MessageOf;
using testing::Must;
using testing::OpenSslMac;
using testing::ValueOf;

constexpr std::size_t kSizes[] = {1, 9, 31, 32, 33, 48, 63, 64, 65, 131, 4096};

using ImportKeyTest = testing::TokenTest;

void ExpectRight(const Key& key, const std::vector<std::uint8_t>& value) {
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    SCOPED_TRACE(algorithm.name);
    const auto right = OpenSslMac(algorithm, value, Bytes("data"));
    const Mac mac = Must(key.Sign(algorithm, Bytes("data")));
    EXPECT_EQ(std::vector(mac.bytes().begin(), mac.bytes().end()), right);
    EXPECT_TRUE(Must(key.Verify(algorithm, Bytes("data"), right)));
    EXPECT_FALSE(Must(key.Verify(algorithm, Bytes("date"), right)));
  }
}

TEST_F(ImportKeyTest, KeysOfAllSizesSignAsOpenSslDoes) {
  std::uint32_t number = 0;
  for (const std::size_t bytes : kSizes) {
    SCOPED_TRACE(bytes);
    const MadeKey made = Must(ImportValue(*token_, ValueOf(bytes)));
    EXPECT_EQ(*made.key.handle->object(), (ObjectId{++number, 'T'}));
    EXPECT_EQ(made.padded, bytes < 64);
    EXPECT_FALSE(made.existed);
    EXPECT_THAT(made.not_kept, IsEmpty());
    ASSERT_TRUE(made.key.record);
    EXPECT_EQ(made.key.record->bytes, bytes);
    EXPECT_EQ(made.key.bytes(), bytes);
    EXPECT_EQ(made.key.attributes.value_bytes, std::max(bytes, 64UL));
    EXPECT_EQ(made.key.check_mac, OpenSslMac(Hs256(), ValueOf(bytes), {}));
    ExpectRight(FindKey(number), ValueOf(bytes));
  }
  Reopen();
  number = 0;
  for (const std::size_t bytes : kSizes) {
    SCOPED_TRACE(bytes);
    const Key key = FindKey(++number);
    EXPECT_EQ(key.found().bytes(), bytes);
    ExpectRight(key, ValueOf(bytes));
  }
}

TEST_F(ImportKeyTest, AKeyForOneAlgorithmIsPaddedForThatOneAlone) {
  struct Row {
    const char* algorithm;
    std::size_t bytes;
    bool padded;
  };
  for (const Row& row : {Row{"HS256", 31, true}, Row{"HS256", 32, false},
                         Row{"HS384", 47, true}, Row{"HS384", 48, false},
                         Row{"HS512", 63, true}, Row{"HS512", 64, false}}) {
    SCOPED_TRACE(std::string(row.algorithm) + " " + std::to_string(row.bytes));
    KeySpec spec;
    spec.algorithm = FindMacAlgorithm(row.algorithm);
    const MadeKey made = Must(ImportValue(*token_, ValueOf(row.bytes), spec));
    EXPECT_EQ(made.padded, row.padded);
    EXPECT_EQ(made.key.bytes(), row.bytes);
    EXPECT_EQ(made.key.record->algorithm, row.algorithm);
  }
  // No number is spent by the try without zeros.
  EXPECT_EQ(LastSequenceOf(*token_), 6U);
  EXPECT_EQ(CountObjects(*token_), 6U);
}

TEST_F(ImportKeyTest, TheSizeInTheSpecIsIgnored) {
  KeySpec spec;
  spec.bytes = 32;
  EXPECT_EQ(Must(ImportValue(*token_, ValueOf(65), spec)).key.bytes(), 65U);
}

TEST_F(ImportKeyTest, WorthlessValuesAreRefusedAndNothingIsMade) {
  Generate();
  const std::string zeros =
      "the key has only zero bytes: everybody can sign with it";
  struct Row {
    std::vector<std::uint8_t> value;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {{}, "the key is empty: everybody can sign with it"},
           {std::vector<std::uint8_t>(1), zeros},
           {std::vector<std::uint8_t>(32), zeros},
           {std::vector<std::uint8_t>(64), zeros},
           {std::vector<std::uint8_t>(100), zeros},
           {std::vector<std::uint8_t>(4096), zeros},
           {ValueOf(4097), "the key has 4097 bytes, and 4096 is the limit"},
           {std::vector<std::uint8_t>(4097),
            "the key has 4097 bytes, and 4096 is the limit"}}) {
    SCOPED_TRACE(row.value.size());
    const auto made = ImportValue(*token_, row.value);
    EXPECT_THAT(made, FailsWith(kAttributeValueInvalid));
    EXPECT_EQ(MessageOf(made), row.message);
    EXPECT_EQ(CountObjects(*token_), 1U);
    EXPECT_EQ(LastSequenceOf(*token_), 1U);
  }
  EXPECT_EQ(
      Must(ImportValue(*token_, ValueOf(64))).key.handle->object()->sequence,
      2U);
}

TEST_F(ImportKeyTest, WhatTheSpecMayNotSayIsRefusedAndNothingIsMade) {
  KeySpec exportable;
  exportable.exportable = true;
  exportable.category = 'Y';
  KeySpec session;
  session.category = 'S';
  KeySpec unknown;
  unknown.category = 'E';
  KeySpec labelled;
  labelled.label = std::string(kMaxLabelBytes + 1, 'x');
  struct Row {
    KeySpec spec;
    IcsfCode code;
  };
  for (const Row& row :
       {Row{exportable, kAttributeValueInvalid},
        Row{session, kParameterInvalid}, Row{unknown, kHandleInvalid},
        Row{labelled, kParameterInvalid}}) {
    EXPECT_THAT(ImportValue(*token_, ValueOf(64), row.spec),
                FailsWith(row.code));
    EXPECT_EQ(CountObjects(*token_), 0U);
    EXPECT_EQ(LastSequenceOf(*token_), 0U);
  }
}

TEST_F(ImportKeyTest, AVerifyOnlyKeyVerifiesAndCannotSign) {
  KeySpec spec;
  spec.verify_only = true;
  std::uint32_t number = 0;
  for (const std::size_t bytes : {9U, 64U, 131U}) {
    SCOPED_TRACE(bytes);
    const MadeKey made = Must(ImportValue(*token_, ValueOf(bytes), spec));
    EXPECT_EQ(made.padded, bytes < 64);
    EXPECT_FALSE(made.key.check_mac);
    EXPECT_EQ(made.key.no_check_mac, "the key may not sign");
    const Key key = FindKey(++number);
    EXPECT_THAT(key.Sign(Hs256(), {}), FailsWith(kKeyFunctionNotPermitted));
    for (const MacAlgorithm& algorithm : MacAlgorithms()) {
      auto mac = OpenSslMac(algorithm, ValueOf(bytes), Bytes("data"));
      EXPECT_TRUE(Must(key.Verify(algorithm, Bytes("data"), mac)));
      mac.back() ^= 1;
      EXPECT_FALSE(Must(key.Verify(algorithm, Bytes("data"), mac)));
    }
  }
}

TEST_F(ImportKeyTest, AnotherKeyInThePlaceOfAVerifyOnlyKeyIsRefused) {
  KeySpec spec;
  spec.verify_only = true;
  std::uint32_t number = 0;
  for (const std::size_t bytes : {9U, 64U, 131U}) {
    SCOPED_TRACE(bytes);
    const MadeKey made = Must(ImportValue(*token_, ValueOf(bytes), spec));
    EXPECT_EQ(made.key.record->check_mac,
              OpenSslMac(Hs256(), ValueOf(bytes), {}));
    const Key key = FindKey(++number);
    testing::Destroy(*token_, made.key.object);
    const ObjectId id{number, 'T'};
    testing::Import(
        *token_,
        testing::WithFlag(testing::KeyToImport(made.key.handle->FormatShort(),
                                               ValueOf(64, 200)),
                          CKA_SIGN, false));
    for (int i = 0; i < 2; ++i) {
      const auto found = Key::Find(token_, id);
      EXPECT_THAT(found, FailsWith(kObjectNotFound));
      EXPECT_EQ(found.error().rv, CKR_KEY_CHANGED);
      const auto mac = OpenSslMac(Hs256(), ValueOf(64, 200), Bytes("data"));
      EXPECT_THAT(key.Verify(Hs256(), Bytes("data"), mac),
                  FailsWith(kObjectNotFound));
    }
  }
  const auto list = Must(ListKeys(*token_));
  EXPECT_EQ(list.keys.size(), 0U);
  EXPECT_EQ(list.left_out.size(), 3U);
}

TEST_F(ImportKeyTest, TheTokenKeepsTheTemplate) {
  KeySpec spec;
  spec.label = "idt signing";
  const MadeKey made = Must(ImportValue(*token_, ValueOf(64), spec));
  EXPECT_EQ(made.key.attributes.label, "idt signing");
  const std::string id = "IDTTKN.JWT.SECRET:00000001T";
  EXPECT_EQ(made.key.attributes.id,
            std::vector<std::uint8_t>(id.begin(), id.end()));
  EXPECT_EQ(made.key.attributes.type, CKK_GENERIC_SECRET);
  for (const CK_ATTRIBUTE_TYPE type :
       {CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_SIGN, CKA_VERIFY}) {
    EXPECT_TRUE(made.key.attributes.Is(type)) << type;
  }
  for (const CK_ATTRIBUTE_TYPE type :
       {CKA_EXTRACTABLE, CKA_ENCRYPT, CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP,
        CKA_DERIVE, CKA_MODIFIABLE, CKA_LOCAL}) {
    EXPECT_FALSE(made.key.attributes.Is(type)) << type;
  }
}

TEST_F(ImportKeyTest, AKeyOfCategoryYHasAHandleOfItsOwn) {
  KeySpec spec;
  spec.category = 'Y';
  const MadeKey made = Must(ImportValue(*token_, ValueOf(9), spec));
  EXPECT_EQ(made.key.handle->FormatShort(), "IDTTKN.JWT.SECRET:00000001Y");
  EXPECT_TRUE(made.padded);
  ExpectRight(Must(Key::Find(token_, {1, 'Y'})), ValueOf(9));
  EXPECT_THAT(Key::Find(token_, {1, 'T'}), FailsWith(kObjectNotFound));
}

TEST_F(ImportKeyTest, AnExportableKeyCanBeRead) {
  KeySpec spec;
  spec.exportable = true;
  const MadeKey made = Must(ImportValue(*token_, ValueOf(65), spec));
  EXPECT_FALSE(made.key.attributes.Is(CKA_SENSITIVE));
  EXPECT_TRUE(made.key.attributes.Is(CKA_EXTRACTABLE));
  testing::Change(*token_, [&](Session& session) {
    EXPECT_EQ(Must(ReadBytes(session, made.key.object, CKA_VALUE)),
              ValueOf(65));
    return 0;
  });
}

TEST_F(ImportKeyTest, TheSameValueTwiceIsTwoKeys) {
  const MadeKey first = Must(ImportValue(*token_, ValueOf(64)));
  const MadeKey second = Must(ImportValue(*token_, ValueOf(64)));
  EXPECT_EQ(first.key.check_mac, second.key.check_mac);
  EXPECT_EQ(second.key.handle->object()->sequence, 2U);
}

class ImportFaultsTest : public testing::FaultyTokenTest {
 protected:
  // Rules are not to meet what a login does.
  void SetUp() override { Must(token().Login()); }

  void ExpectNothingLeft(std::uint32_t spent) {
    fault_.Script("");
    EXPECT_EQ(CountObjects(token()), 0U);
    EXPECT_EQ(LastSequenceOf(token()), spent);
    EXPECT_FALSE(
        Must(FindObjectRecord(token().database(), token().name(), {1, 'T'})));
  }
};

// The check value is made last: after two MACs for each of three algorithms.
TEST_F(ImportFaultsTest, AnotherKeyThanTheGivenOneIsDestroyedAgain) {
  fault_.Script("C_Sign 7 corrupt");
  const auto made = ImportValue(token(), ValueOf(64));
  EXPECT_THAT(made, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(made),
            "the module holds another key than it was given; it was destroyed "
            "again");
  ExpectNothingLeft(1);
}

TEST_F(ImportFaultsTest, AnotherVerifyOnlyKeyThanTheGivenOneIsDestroyedAgain) {
  KeySpec spec;
  spec.verify_only = true;
  fault_.Script("C_CreateObject * same-key");
  const auto made = ImportValue(token(), ValueOf(64), spec);
  EXPECT_THAT(made, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(made),
            "the module holds another key than it was given; it was destroyed "
            "again");
  ExpectNothingLeft(1);
}

// As NSS does: a wrong MAC and a device that is gone look alike there.
TEST_F(ImportFaultsTest, AVerifyOnlyKeyIsNotTakenWhereWrongMacsAreErrors) {
  configuration_.pauses = {{}, {{}, {}}};
  Reopen();
  KeySpec spec;
  spec.verify_only = true;
  const MadeKey made = Must(ImportValue(token(), ValueOf(64), spec));
  testing::Destroy(token(), made.key.object);
  testing::Import(token(), testing::WithFlag(testing::KeyToImport(
                                                 made.key.handle->FormatShort(),
                                                 ValueOf(64, 200)),
                                             CKA_SIGN, false));
  fault_.Script("C_Verify * device-error-for-wrong-mac");
  EXPECT_THAT(Key::Find(token_, {1, 'T'}), FailsWith(kNotAvailable));
  const auto list = Must(ListKeys(token()));
  EXPECT_THAT(list.keys, IsEmpty());
  EXPECT_EQ(list.left_out.size(), 1U);
}

TEST_F(ImportFaultsTest, AKeyThatIsNotWholeIsDestroyedAgain) {
  for (const std::string rule :
       {"C_Sign * corrupt", "C_CreateObject * drop-attribute CKA_VALUE",
        "C_CreateObject * drop-attribute CKA_PRIVATE\n"
        "C_GetAttributeValue * flip-attribute CKA_PRIVATE",
        "C_CreateObject * drop-attribute CKA_LABEL",
        "C_CreateObject * drop-attribute CKA_ENCRYPT"}) {
    SCOPED_TRACE(rule);
    fault_.Script(rule);
    KeySpec spec;
    spec.label = "label";
    EXPECT_FALSE(ImportValue(token(), ValueOf(64), spec));
    fault_.Script("");
    EXPECT_EQ(CountObjects(token()), 0U);
    EXPECT_THAT(Must(ListKeys(token())).keys, IsEmpty());
  }
}

TEST_F(ImportFaultsTest, AKeyThatWasMadeAllTheSameIsDestroyed) {
  fault_.Script("C_CreateObject * after CKR_DEVICE_ERROR");
  const auto made = ImportValue(token(), ValueOf(9));
  EXPECT_THAT(made, FailsWith(kNotAvailable));
  EXPECT_EQ(made.error().call, "C_CreateObject");
  ExpectNothingLeft(1);
}

TEST_F(ImportFaultsTest, AModuleThatRefusesEverySizeSpendsNoNumber) {
  for (const std::size_t bytes : {9U, 64U}) {
    fault_.Script("C_SignInit * return CKR_KEY_SIZE_RANGE");
    const auto made = ImportValue(token(), ValueOf(bytes));
    EXPECT_THAT(made, FailsWith(kKeyFunctionNotPermitted));
    ExpectNothingLeft(0);
  }
}

TEST_F(ImportFaultsTest, ProtectionsThatTheModuleRefusesAreToldOf) {
  fault_.Script("C_CreateObject 1 return CKR_ATTRIBUTE_TYPE_INVALID");
  const MadeKey made = Must(ImportValue(token(), ValueOf(64)));
  EXPECT_THAT(made.not_kept, ::testing::ElementsAre("CKA_ALLOWED_MECHANISMS"));
}

}  // namespace
}  // namespace sigtoken
