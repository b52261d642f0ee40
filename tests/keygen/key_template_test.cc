#include "keygen/key_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Name;

using Values = std::map<CK_ATTRIBUTE_TYPE, std::string>;

Values ValuesOf(const Attributes& attributes) {
  Values values;
  for (const CK_ATTRIBUTE& each : attributes.ForCall()) {
    const auto* bytes = static_cast<const char*>(each.pValue);
    EXPECT_TRUE(values.try_emplace(each.type, bytes, each.ulValueLen).second)
        << each.type << " is twice in the template";
  }
  return values;
}

std::string Number(CK_ULONG number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

std::string Flag(bool value) { return std::string(1, value ? '\1' : '\0'); }

Handle TheHandle(char category = 'T') {
  return {Name("IDT.KEYS"), ObjectId{0x1F, category}};
}

TEST(RequiredAttributesTest, AreGivenInFull) {
  KeySpec spec;
  spec.label = "label";
  EXPECT_EQ(ValuesOf(RequiredAttributes(spec, TheHandle())),
            (Values{{CKA_CLASS, Number(CKO_SECRET_KEY)},
                    {CKA_KEY_TYPE, Number(CKK_GENERIC_SECRET)},
                    {CKA_TOKEN, Flag(true)},
                    {CKA_PRIVATE, Flag(true)},
                    {CKA_SENSITIVE, Flag(true)},
                    {CKA_EXTRACTABLE, Flag(false)},
                    {CKA_SIGN, Flag(true)},
                    {CKA_VERIFY, Flag(true)},
                    {CKA_ENCRYPT, Flag(false)},
                    {CKA_DECRYPT, Flag(false)},
                    {CKA_WRAP, Flag(false)},
                    {CKA_UNWRAP, Flag(false)},
                    {CKA_DERIVE, Flag(false)},
                    {CKA_LABEL, "label"},
                    {CKA_ID, "IDT.KEYS:0000001FT"}}));
}

TEST(RequiredAttributesTest, ChangeOnlyWhereTheSpecSaysSo) {
  const Values usual = ValuesOf(RequiredAttributes({}, TheHandle()));
  KeySpec verify_only;
  verify_only.verify_only = true;
  Values wanted = usual;
  wanted[CKA_SIGN] = Flag(false);
  EXPECT_EQ(ValuesOf(RequiredAttributes(verify_only, TheHandle())), wanted);
  KeySpec exportable;
  exportable.exportable = true;
  wanted = usual;
  wanted[CKA_SENSITIVE] = Flag(false);
  wanted[CKA_EXTRACTABLE] = Flag(true);
  EXPECT_EQ(ValuesOf(RequiredAttributes(exportable, TheHandle())), wanted);
  wanted = usual;
  wanted[CKA_ID] = "IDT.KEYS:0000001FY";
  EXPECT_EQ(ValuesOf(RequiredAttributes({}, TheHandle('Y'))), wanted);
}

TEST(OptionalProtectionsTest, AreTheSixHmacsAndNoChange) {
  Attributes attributes;
  AddOptionalProtections({}, attributes);
  EXPECT_EQ(ValuesOf(attributes),
            (Values{{CKA_ALLOWED_MECHANISMS,
                     Number(CKM_MD5_HMAC) + Number(CKM_SHA_1_HMAC) +
                         Number(CKM_SHA224_HMAC) + Number(CKM_SHA256_HMAC) +
                         Number(CKM_SHA384_HMAC) + Number(CKM_SHA512_HMAC)},
                    {CKA_MODIFIABLE, Flag(false)}}));
  for (const OptionalProtection& each : OptionalProtections()) {
    EXPECT_TRUE(attributes.Remove(each.type)) << each.name;
  }
  EXPECT_THAT(attributes.ForCall(), ::testing::IsEmpty());
}

class ReadBackTest : public ::testing::Test {
 protected:
  ReadBackTest() {
    spec_.label = "label";
    const std::string id = TheHandle().FormatShort();
    kept_.label = spec_.label;
    kept_.id.assign(id.begin(), id.end());
    kept_.type = CKK_GENERIC_SECRET;
    kept_.value_bytes = spec_.bytes;
    kept_.flags = {
        {CKA_TOKEN, true},        {CKA_PRIVATE, true},  {CKA_SENSITIVE, true},
        {CKA_EXTRACTABLE, false}, {CKA_SIGN, true},     {CKA_VERIFY, true},
        {CKA_ENCRYPT, false},     {CKA_DECRYPT, false}, {CKA_WRAP, false},
        {CKA_UNWRAP, false},      {CKA_DERIVE, false},  {CKA_MODIFIABLE, true},
        {CKA_LOCAL, false}};
  }

  Status Check(const KeyAttributes& kept) const {
    return CheckReadBack(spec_, spec_.bytes, TheHandle(), kept);
  }
  void ExpectRefused(const KeyAttributes& kept, const std::string& what) const {
    const auto checked = Check(kept);
    EXPECT_THAT(checked, FailsWith(kAttributeValueInvalid));
    EXPECT_EQ(MessageOf(checked),
              "the module made a key whose " + what +
                  " is not what was asked for; it was destroyed again");
  }

  KeySpec spec_;
  KeyAttributes kept_;
};

TEST_F(ReadBackTest, WhatWasAskedForIsFine) {
  EXPECT_THAT(Check(kept_), IsOk());
}

TEST_F(ReadBackTest, UsesAndTheLengthMayBeLeftUnsaid) {
  for (const CK_ATTRIBUTE_TYPE type :
       {CKA_DERIVE, CKA_ENCRYPT, CKA_WRAP, CKA_SIGN, CKA_VERIFY}) {
    kept_.flags.erase(type);
  }
  kept_.value_bytes.reset();
  EXPECT_THAT(Check(kept_), IsOk());
}

TEST_F(ReadBackTest, EachFlagThatDiffersIsRefused) {
  for (const auto& [type, name] : std::map<CK_ATTRIBUTE_TYPE, std::string>{
           {CKA_TOKEN, "CKA_TOKEN"},
           {CKA_PRIVATE, "CKA_PRIVATE"},
           {CKA_SENSITIVE, "CKA_SENSITIVE"},
           {CKA_EXTRACTABLE, "CKA_EXTRACTABLE"},
           {CKA_SIGN, "CKA_SIGN"},
           {CKA_VERIFY, "CKA_VERIFY"},
           {CKA_ENCRYPT, "CKA_ENCRYPT"},
           {CKA_DECRYPT, "CKA_DECRYPT"},
           {CKA_WRAP, "CKA_WRAP"},
           {CKA_UNWRAP, "CKA_UNWRAP"},
           {CKA_DERIVE, "CKA_DERIVE"}}) {
    KeyAttributes other = kept_;
    other.flags[type] = !other.flags[type];
    ExpectRefused(other, name);
  }
}

TEST_F(ReadBackTest, WhatProtectsTheKeyMustBeSaid) {
  for (const auto& [type, name] : std::map<CK_ATTRIBUTE_TYPE, std::string>{
           {CKA_TOKEN, "CKA_TOKEN"},
           {CKA_PRIVATE, "CKA_PRIVATE"},
           {CKA_SENSITIVE, "CKA_SENSITIVE"},
           {CKA_EXTRACTABLE, "CKA_EXTRACTABLE"}}) {
    KeyAttributes other = kept_;
    other.flags.erase(type);
    ExpectRefused(other, name);
  }
}

TEST_F(ReadBackTest, NamesTypesAndLengthsThatDifferAreRefused) {
  KeyAttributes other = kept_;
  other.id.back() = 'Y';
  ExpectRefused(other, "CKA_ID");
  other.id.clear();
  ExpectRefused(other, "CKA_ID");
  other = kept_;
  other.label = "labe";
  ExpectRefused(other, "CKA_LABEL");
  other = kept_;
  other.type = CKK_SHA256_HMAC;
  ExpectRefused(other, "CKA_KEY_TYPE");
  other = kept_;
  other.value_bytes = 63;
  ExpectRefused(other, "CKA_VALUE_LEN");
}

}  // namespace
}  // namespace sigtoken
