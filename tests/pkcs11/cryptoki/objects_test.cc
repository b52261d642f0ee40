#include "pkcs11/cryptoki/objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/read_attribute.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::ReadFlag;
using testing::ReadNumber;

// One session of a real token, under the host lock.
class ObjectsTest : public testing::TokenTest {
 protected:
  void SetUp() override {
    TokenTest::SetUp();
    Must(token_->Login());
    held_.emplace(Must(token_->Change()));
    session_.emplace(Must(token_->OpenSession(*held_, Access::kReadWrite)));
  }

  CK_OBJECT_HANDLE Import(const Attributes& object) {
    auto list = object.ForCall();
    CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
    EXPECT_EQ(session_->functions().C_CreateObject(
                  session_->handle(), list.data(), list.size(), &made),
              CKR_OK);
    return made;
  }
  CK_OBJECT_HANDLE ImportLabelled(const std::string& label) {
    Attributes key = testing::KeyToImport("id", value_);
    key.Remove(CKA_LABEL);
    return Import(key.Text(CKA_LABEL, label));
  }

  template <typename T>
  static CK_RV RvOf(const Result<T>& result) {
    return result ? CKR_OK : result.error().rv;
  }

  const std::vector<std::uint8_t> value_ = std::vector<std::uint8_t>(64, 0xA5);
  std::optional<HostLock::Exclusive> held_;
  std::optional<Session> session_;
};

TEST_F(ObjectsTest, FindsWhatHasAllAttributes) {
  const auto one = ImportLabelled("one");
  const auto two = ImportLabelled("two");
  EXPECT_THAT(Must(FindObjects(*session_, Attributes().Text(CKA_LABEL, "one"))),
              ElementsAre(one));
  EXPECT_THAT(Must(FindObjects(*session_, Attributes().Text(CKA_ID, "id"))),
              ::testing::UnorderedElementsAre(one, two));
  EXPECT_EQ(Must(FindObjects(*session_, Attributes())).size(), 2U);
  for (const auto& none :
       {Attributes().Text(CKA_LABEL, "on"), Attributes().Text(CKA_LABEL, ""),
        Attributes().Text(CKA_LABEL, "one").Text(CKA_ID, "other"),
        Attributes().Number(CKA_CLASS, CKO_DATA)}) {
    EXPECT_THAT(Must(FindObjects(*session_, none)), IsEmpty());
  }
}

// C_FindObjects gives them page by page.
TEST_F(ObjectsTest, FindsMoreThanOnePage) {
  for (int i = 0; i < 130; ++i) ImportLabelled("many");
  EXPECT_EQ(
      Must(FindObjects(*session_, Attributes().Text(CKA_LABEL, "many"))).size(),
      130U);
}

// SoftHSM2 cannot search private objects by a date, and stays in the search.
TEST_F(ObjectsTest, ASearchThatFailsLeavesTheSessionOfUse) {
  const std::string date = "20250101";
  Attributes key = testing::KeyToImport("id", value_);
  Import(key.Text(CKA_START_DATE, date));
  const auto found =
      FindObjects(*session_, Attributes().Text(CKA_START_DATE, date));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().rv, CKR_GENERAL_ERROR);
  EXPECT_EQ(MessageOf(found), "could not search the token");
  EXPECT_EQ(Must(FindObjects(*session_, Attributes())).size(), 1U);
}

TEST_F(ObjectsTest, ReadsEachKindOfValue) {
  const auto key = ImportLabelled("label");
  const auto label = Must(ReadBytes(*session_, key, CKA_LABEL));
  EXPECT_EQ(std::string(label.begin(), label.end()), "label");
  EXPECT_EQ(Must(ReadNumber(*session_, key, CKA_CLASS)), CKO_SECRET_KEY);
  EXPECT_TRUE(Must(ReadFlag(*session_, key, CKA_PRIVATE)));
  EXPECT_FALSE(Must(ReadFlag(*session_, key, CKA_EXTRACTABLE)));
  EXPECT_THAT(Must(ReadBytes(*session_, ImportLabelled(""), CKA_LABEL)),
              IsEmpty());
}

TEST_F(ObjectsTest, WhatCannotBeReadIsSaid) {
  const auto key = ImportLabelled("label");
  EXPECT_EQ(RvOf(ReadBytes(*session_, key, CKA_VALUE)),
            CKR_ATTRIBUTE_SENSITIVE);
  const auto missing = ReadBytes(*session_, key, CKA_MODULUS);
  EXPECT_EQ(RvOf(missing), CKR_ATTRIBUTE_TYPE_INVALID);
  EXPECT_EQ(MessageOf(missing),
            "could not read the attribute X'00000120' of an object");
  EXPECT_EQ(RvOf(ReadBytes(*session_, key + 1000, CKA_SIGN)),
            CKR_OBJECT_HANDLE_INVALID);
}

TEST_F(ObjectsTest, ReadsSeveralAttributes) {
  const std::string longest(400, 'x');
  for (const std::string& label :
       {std::string("label"), std::string(), longest, longest.substr(0, 256)}) {
    const auto key = ImportLabelled(label);
    const auto read = [&](const std::vector<CK_ATTRIBUTE_TYPE>& types) {
      return Must(ReadAttributes(*session_, key, types));
    };
    const AttributeValues both = {
        {CKA_ID, {'i', 'd'}},
        {CKA_LABEL, {label.begin(), label.end()}},
    };
    EXPECT_EQ(read({CKA_ID, CKA_LABEL}), both);
    // What is missing or stays in the token does not spoil the others.
    EXPECT_EQ(read({CKA_VALUE, CKA_ID, CKA_MODULUS, CKA_LABEL}), both);
    EXPECT_TRUE(read({CKA_VALUE}).empty());
    const auto gone = ReadAttributes(*session_, key + 1000, {{CKA_ID}});
    EXPECT_EQ(RvOf(gone), CKR_OBJECT_HANDLE_INVALID);
    EXPECT_EQ(MessageOf(gone), "could not read the attributes of an object");
  }
}

TEST_F(ObjectsTest, GeneratesWhatTheAttributesSay) {
  Attributes wanted;
  wanted.Number(CKA_CLASS, CKO_SECRET_KEY)
      .Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
      .Flag(CKA_TOKEN, true)
      .Flag(CKA_PRIVATE, true)
      .Number(CKA_VALUE_LEN, 48);
  const auto key = Must(GenerateGenericSecret(*session_, wanted));
  EXPECT_EQ(Must(ReadNumber(*session_, key, CKA_VALUE_LEN)), 48U);
  EXPECT_TRUE(Must(ReadFlag(*session_, key, CKA_LOCAL)));
}

TEST_F(ObjectsTest, ATemplateThatDoesNotFitIsRefused) {
  struct Row {
    Attributes attributes;
    CK_RV rv;
  };
  const Row rows[] = {
      {Attributes().Number(CKA_CLASS, CKO_SECRET_KEY), CKR_TEMPLATE_INCOMPLETE},
      {Attributes().Number(CKA_VALUE_LEN, 0), CKR_TEMPLATE_INCOMPLETE},
      {Attributes()
           .Number(CKA_KEY_TYPE, CKK_SHA256_HMAC)
           .Number(CKA_VALUE_LEN, 32),
       CKR_TEMPLATE_INCONSISTENT},
  };
  for (const Row& row : rows) {
    const auto key = GenerateGenericSecret(*session_, row.attributes);
    EXPECT_EQ(RvOf(key), row.rv);
    EXPECT_EQ(MessageOf(key), "could not generate a key");
  }
}

TEST_F(ObjectsTest, DestroysOnce) {
  const auto key = ImportLabelled("one");
  ASSERT_THAT(DestroyObject(*session_, key), IsOk());
  EXPECT_THAT(Must(FindObjects(*session_, Attributes())), IsEmpty());
  const auto again = DestroyObject(*session_, key);
  EXPECT_EQ(RvOf(again), CKR_OBJECT_HANDLE_INVALID);
  EXPECT_EQ(MessageOf(again), "could not destroy an object");
}

TEST(MayBeTheTemplateTest, IsWhatModulesSayOfAnAttribute) {
  for (const CK_RV rv : {CKR_ATTRIBUTE_TYPE_INVALID,
                         CKR_ATTRIBUTE_VALUE_INVALID, CKR_ATTRIBUTE_READ_ONLY,
                         CKR_TEMPLATE_INCONSISTENT, CKR_GENERAL_ERROR}) {
    EXPECT_TRUE(MayBeTheTemplate(rv)) << rv;
  }
  for (const CK_RV rv :
       {CKR_OK, CKR_MECHANISM_INVALID, CKR_KEY_SIZE_RANGE, CKR_DEVICE_ERROR,
        CKR_FUNCTION_FAILED, CKR_SESSION_READ_ONLY}) {
    EXPECT_FALSE(MayBeTheTemplate(rv)) << rv;
  }
}

}  // namespace
}  // namespace sigtoken
