#include "pkcs11/tokens/key_attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;

class KeyAttributesTest : public testing::TokenTest {
 protected:
  Result<KeyAttributes> Read(CK_OBJECT_HANDLE object) {
    return testing::Change(*token_, [&](Session& session) {
      return ReadKeyAttributes(session, object);
    });
  }
};

TEST_F(KeyAttributesTest, AreReadFromTheToken) {
  const std::vector<std::uint8_t> value(48, 1);
  const auto read =
      Must(Read(testing::Import(*token_, testing::KeyToImport("id", value))));
  EXPECT_EQ(read.label, "imported");
  EXPECT_EQ(read.id, (std::vector<std::uint8_t>{'i', 'd'}));
  EXPECT_EQ(read.type, CKK_GENERIC_SECRET);
  EXPECT_EQ(read.value_bytes, 48U);
  EXPECT_TRUE(read.IsHmacKey());
  EXPECT_TRUE(read.Is(CKA_SIGN));
  EXPECT_FALSE(read.Is(CKA_EXTRACTABLE));
  EXPECT_FALSE(read.Is(CKA_LOCAL));
  EXPECT_EQ(read.flags.size(), KeyFlags().size());
}

TEST_F(KeyAttributesTest, WhatAnObjectDoesNotHaveIsLeftOut) {
  Attributes data;
  data.Number(CKA_CLASS, CKO_DATA)
      .Flag(CKA_TOKEN, true)
      .Flag(CKA_PRIVATE, true)
      .Text(CKA_LABEL, "note");
  const auto read = Must(Read(testing::Import(*token_, data)));
  EXPECT_EQ(read.label, "note");
  EXPECT_TRUE(read.id.empty());
  EXPECT_FALSE(read.value_bytes);
  EXPECT_FALSE(read.IsHmacKey());
  EXPECT_FALSE(read.flags.contains(CKA_SIGN));
  EXPECT_FALSE(read.Is(CKA_SIGN));
  EXPECT_TRUE(read.Is(CKA_PRIVATE));
}

TEST_F(KeyAttributesTest, AnObjectThatIsGoneIsAnError) {
  const auto read = Read(12345);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().rv, CKR_OBJECT_HANDLE_INVALID);
}

TEST(HmacKeyTest, IsAGenericSecretOrOneBoundToAHash) {
  KeyAttributes attributes;
  EXPECT_FALSE(attributes.IsHmacKey());
  for (const CK_KEY_TYPE type : {CKK_GENERIC_SECRET, CKK_SHA256_HMAC,
                                 CKK_SHA384_HMAC, CKK_SHA512_HMAC}) {
    attributes.type = type;
    EXPECT_TRUE(attributes.IsHmacKey()) << type;
  }
  for (const CK_KEY_TYPE type : {CKK_AES, CKK_DES3, CKK_RSA, CKK_SHA_1_HMAC,
                                 CKK_MD5_HMAC, CKK_VENDOR_DEFINED}) {
    attributes.type = type;
    EXPECT_FALSE(attributes.IsHmacKey()) << type;
  }
}

KeyAttributes Secure() {
  KeyAttributes attributes;
  attributes.flags = {{CKA_TOKEN, true},
                      {CKA_PRIVATE, true},
                      {CKA_SENSITIVE, true},
                      {CKA_EXTRACTABLE, false}};
  return attributes;
}

TEST(CategoryTest, ASecureTokenObjectFitsBothOfItsLetters) {
  EXPECT_THAT(CheckAgainstCategory(Secure(), 'T', Expected::kOurs), IsOk());
  EXPECT_THAT(CheckAgainstCategory(Secure(), 'Y', Expected::kOurs), IsOk());
}

TEST(CategoryTest, OnlyTMayBeReadOut) {
  KeyAttributes attributes = Secure();
  attributes.flags[CKA_SENSITIVE] = false;
  attributes.flags[CKA_EXTRACTABLE] = true;
  EXPECT_THAT(CheckAgainstCategory(attributes, 'T', Expected::kOurs), IsOk());
  EXPECT_THAT(CheckAgainstCategory(attributes, 'Y', Expected::kOurs),
              FailsWith(kObjectNotFound));
}

TEST(CategoryTest, InTOnlyAKeyThatWasMadeForItMayBeReadOut) {
  for (const auto& [type, name, value] :
       std::vector<std::tuple<CK_ATTRIBUTE_TYPE, std::string, bool>>{
           {CKA_SENSITIVE, "CKA_SENSITIVE is not TRUE", false},
           {CKA_EXTRACTABLE, "CKA_EXTRACTABLE is not FALSE", true}}) {
    KeyAttributes attributes = Secure();
    attributes.flags[type] = value;
    const auto differs =
        CheckAgainstCategory(attributes, 'T', Expected::kOursNotExportable);
    EXPECT_THAT(differs, FailsWith(kObjectNotFound));
    EXPECT_EQ(
        MessageOf(differs),
        "nobody asked for a key whose value may be read, and its " + name);
  }
  EXPECT_THAT(CheckAgainstCategory(Secure(), 'T', Expected::kOursNotExportable),
              IsOk());
}

TEST(CheckAgainstCategoryTest, AKeyOfOthersMayBePublicInCategoryT) {
  KeyAttributes attributes = Secure();
  attributes.flags[CKA_PRIVATE] = false;
  EXPECT_THAT(CheckAgainstCategory(attributes, 'T', Expected::kOfOthers),
              IsOk());
  EXPECT_THAT(CheckAgainstCategory(attributes, 'T', Expected::kOurs),
              FailsWith(kObjectNotFound));
  EXPECT_THAT(CheckAgainstCategory(attributes, 'Y', Expected::kOfOthers),
              FailsWith(kObjectNotFound));
  attributes.flags[CKA_TOKEN] = false;
  EXPECT_THAT(CheckAgainstCategory(attributes, 'T', Expected::kOfOthers),
              FailsWith(kObjectNotFound));
}

TEST(CategoryTest, WhatDoesNotAgreeOrIsNotSaidIsRefused) {
  struct Row {
    char category;
    CK_ATTRIBUTE_TYPE type;
    std::string name;
    bool needed;
  };
  const Row rows[] = {
      {'T', CKA_TOKEN, "CKA_TOKEN", true},
      {'T', CKA_PRIVATE, "CKA_PRIVATE", true},
      {'Y', CKA_TOKEN, "CKA_TOKEN", true},
      {'Y', CKA_PRIVATE, "CKA_PRIVATE", true},
      {'Y', CKA_SENSITIVE, "CKA_SENSITIVE", true},
      {'Y', CKA_EXTRACTABLE, "CKA_EXTRACTABLE", false},
      {'S', CKA_TOKEN, "CKA_TOKEN", false},
      {'X', CKA_TOKEN, "CKA_TOKEN", false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.category + row.name);
    const std::string message = std::string(
                                    "the object is not what category "
                                    "'") +
                                row.category + "' says: its " + row.name +
                                " is not " + (row.needed ? "TRUE" : "FALSE");
    KeyAttributes other = Secure();
    other.flags[row.type] = !row.needed;
    const auto differs =
        CheckAgainstCategory(other, row.category, Expected::kOurs);
    EXPECT_THAT(differs, FailsWith(kObjectNotFound));
    EXPECT_EQ(MessageOf(differs), message);
    other.flags.erase(row.type);
    EXPECT_EQ(
        MessageOf(CheckAgainstCategory(other, row.category, Expected::kOurs)),
        message);
  }
}

}  // namespace
}  // namespace sigtoken
