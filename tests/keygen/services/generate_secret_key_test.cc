#include "keygen/services/generate_secret_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/signer/vectors.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::FromHex;
using testing::kTokenName;
using testing::MessageOf;
using testing::Must;

using List = std::vector<ListedAttribute>;
using Value = CleansedBytes;

constexpr std::uint32_t kSecure = 0x80000006;

// What the sample job asks for.
List Wanted() {
  return {{CKA_CLASS, {0, 0, 0, 4}},
          {CKA_KEY_TYPE, {0, 0, 0, 0x10}},
          {CKA_TOKEN, {1}},
          {CKA_VALUE_LEN, {0, 0, 0, 32}}};
}

List With(std::uint32_t type, Value value) {
  List list = Wanted();
  std::erase_if(list, [&](const auto& each) { return each.type == type; });
  list.push_back({type, std::move(value)});
  return list;
}

List Without(std::uint32_t type) {
  List list = Wanted();
  std::erase_if(list, [&](const auto& each) { return each.type == type; });
  return list;
}

class GenerateSecretKeyTest : public testing::TokenTest {
 protected:
  Result<MadeKey> Call(const List& list) {
    Icsf icsf(*directory_);
    return GenerateSecretKey(
        icsf, {handle_, "KEY     ",
               FormatAttributeList(list, ByteOrder::kBigEndian)});
  }

  FoundKey Made(const List& list) {
    const MadeKey made = Must(Call(list));
    return Must(directory_->FindKey(made.key.handle->Format())).found();
  }

  std::string handle_ = Handle(testing::Name(kTokenName)).Format();
};

TEST_F(GenerateSecretKeyTest, DoesWhatTheSampleJobAsksFor) {
  const auto vector = testing::ReadVectors("zweseckg.json");
  const auto handle = vector["handle_in"].get<std::string>();
  const auto list =
      FromHex(vector["attribute_list_big_endian_hex"].get<std::string>());
  EXPECT_TRUE(std::ranges::equal(
      FormatAttributeList(Wanted(), ByteOrder::kBigEndian), list));
  Icsf icsf(*directory_);
  const auto made = Must(GenerateSecretKey(icsf, {handle, "KEY     ", list}));
  EXPECT_EQ(made.key.handle->Format(),
            "IDTTKN.JWT.SECRET               00000001T   ");
  EXPECT_FALSE(made.store_was_lost);
  const Key key = Must(directory_->FindKey(made.key.handle->Format()));
  EXPECT_EQ(key.found().bytes(), 32U);
  EXPECT_EQ(key.found().attributes.label, "");
  EXPECT_TRUE(key.Sign(Hs256(), {}));
}

TEST_F(GenerateSecretKeyTest, ReadsTheMachinesByteOrderWhereItIsSaid) {
  List list = Wanted();
  for (ListedAttribute& each : list) {
    std::reverse(each.value.begin(), each.value.end());
  }
  const auto bytes = FormatAttributeList(list, ByteOrder::kLittleEndian);
  Icsf icsf(*directory_);
  EXPECT_TRUE(GenerateSecretKey(
      icsf, {handle_, "KEY     ", bytes, {}, ByteOrder::kLittleEndian}));
  EXPECT_THAT(GenerateSecretKey(icsf, {handle_, "KEY     ", bytes}),
              FailsWith(kLengthInvalid));
}

// Only the first 32 characters are looked at.
TEST_F(GenerateSecretKeyTest, WhatFollowsTheNameInTheHandleDoesNotMatter) {
  std::uint32_t number = 0;
  for (const std::string& rest :
       {std::string(12, ' '), std::string(12, '\0'),
        std::string("00000009Y   "), std::string("........T   ")}) {
    handle_.replace(32, 12, rest);
    EXPECT_EQ(Must(Call(Wanted())).key.handle->object()->sequence, ++number);
  }
}

TEST_F(GenerateSecretKeyTest, TheAttributesDecideWhatIsMade) {
  EXPECT_EQ(Made(With(CKA_LABEL, {'a', 'b'})).attributes.label, "ab");
  EXPECT_EQ(Made(With(CKA_VALUE_LEN, {0, 0, 0, 64})).bytes(), 64U);
  EXPECT_FALSE(Made(With(CKA_SIGN, {0})).attributes.Is(CKA_SIGN));
  EXPECT_EQ(Made(With(kSecure, {1})).handle->object()->category, 'Y');
  List exportable = With(CKA_SENSITIVE, {0});
  exportable.push_back({CKA_EXTRACTABLE, {1}});
  const FoundKey open = Made(exportable);
  EXPECT_FALSE(open.attributes.Is(CKA_SENSITIVE));
  EXPECT_TRUE(open.attributes.Is(CKA_EXTRACTABLE));
  List explicit_defaults = Wanted();
  for (const ListedAttribute& each : List{{CKA_SIGN, {1}},
                                          {CKA_VERIFY, {1}},
                                          {CKA_PRIVATE, {1}},
                                          {CKA_SENSITIVE, {1}},
                                          {CKA_EXTRACTABLE, {0}},
                                          {kSecure, {0}}}) {
    explicit_defaults.push_back(each);
  }
  const FoundKey usual = Made(explicit_defaults);
  EXPECT_TRUE(usual.attributes.Is(CKA_SENSITIVE));
  EXPECT_FALSE(usual.attributes.Is(CKA_EXTRACTABLE));
  EXPECT_EQ(usual.handle->object()->category, 'T');
}

TEST_F(GenerateSecretKeyTest, OneOfTheTwoFlagsOfSecrecySpeaksForTheOther) {
  const FoundKey extractable = Made(With(CKA_EXTRACTABLE, {1}));
  EXPECT_FALSE(extractable.attributes.Is(CKA_SENSITIVE));
  const FoundKey open = Made(With(CKA_SENSITIVE, {0}));
  EXPECT_TRUE(open.attributes.Is(CKA_EXTRACTABLE));
  List both = With(CKA_SENSITIVE, {1});
  both.push_back({CKA_EXTRACTABLE, {1}});
  EXPECT_TRUE(Made(both).attributes.Is(CKA_SENSITIVE));
}

TEST_F(GenerateSecretKeyTest, AttributesThatNoSuchKeyHasAreRefused) {
  struct Row {
    List list;
    IcsfCode code;
    std::string message;
  };
  const std::vector<Row> rows = {
      {{}, kTemplateIncomplete, "the attribute list lacks CKA_CLASS"},
      {Without(CKA_CLASS), kTemplateIncomplete,
       "the attribute list lacks CKA_CLASS"},
      {Without(CKA_KEY_TYPE), kTemplateIncomplete,
       "the attribute list lacks CKA_KEY_TYPE"},
      {Without(CKA_VALUE_LEN), kTemplateIncomplete,
       "the attribute list lacks CKA_VALUE_LEN"},
      {With(CKA_CLASS, {0, 0, 0, 3}), kAttributeValueInvalid,
       "CKA_CLASS is not CKO_SECRET_KEY"},
      {With(CKA_CLASS, {4, 0, 0, 0}), kAttributeValueInvalid,
       "CKA_CLASS is not CKO_SECRET_KEY"},
      {With(CKA_CLASS, {4}), kAttributeValueInvalid,
       "the value of attribute X'00000000' is not a number of 4 bytes"},
      {With(CKA_KEY_TYPE, {0, 0, 0, 0x1F}), kAttributeValueInvalid,
       "CKA_KEY_TYPE is not CKK_GENERIC_SECRET"},
      {With(CKA_KEY_TYPE, {}), kAttributeValueInvalid,
       "the value of attribute X'00000100' is not a number of 4 bytes"},
      {With(CKA_TOKEN, {2}), kAttributeValueInvalid,
       "the value of attribute X'00000001' is not one byte, 0 or 1"},
      {With(CKA_PRIVATE, {0}), kAttributeValueInvalid,
       "CKA_PRIVATE is not TRUE: keys here are private"},
      {With(CKA_SIGN, {0, 0, 0, 1}), kAttributeValueInvalid,
       "the value of attribute X'00000108' is not one byte, 0 or 1"},
      {With(CKA_VALUE_LEN, {0, 32}), kAttributeValueInvalid,
       "the value of attribute X'00000161' is not a number of 4 bytes"},
      {With(CKA_VALUE_LEN, {0, 0, 0, 0}), kParameterInvalid,
       "a key of 0 bytes cannot be generated"},
      {With(CKA_VALUE_LEN, {0, 0, 1, 1}), kParameterInvalid,
       "a key of 257 bytes cannot be generated"},
      {With(CKA_VALUE_LEN, {32, 0, 0, 0}), kParameterInvalid,
       "a key of 536870912 bytes cannot be generated"},
      {With(CKA_VALUE_LEN, {0, 0, 0, 16}), kKeyFunctionNotPermitted,
       "the module does not use a key of 16 bytes for HS256"},
      {With(CKA_LABEL, Value(33, 'x')), kAttributeValueInvalid,
       "CKA_LABEL is not printable text of at most 32 bytes"},
      {With(CKA_VALUE, Value(32, 1)), kTemplateInconsistent,
       "a key that is generated is given no CKA_VALUE"},
      {With(CKA_WRAP, {1}), kAttributeValueInvalid,
       "CKA_WRAP is not FALSE: keys here are for HMAC"},
      {With(CKA_LOCAL, {1}), kAttributeReadOnly,
       "CKA_LOCAL is the token's to say"},
      {With(0xFFFFFFFF, {}), kAttributeTypeInvalid,
       "attribute X'FFFFFFFF' is none that these services know"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.message);
    const auto made = Call(row.list);
    EXPECT_THAT(made, FailsWith(row.code));
    EXPECT_EQ(MessageOf(made), row.message);
  }
  EXPECT_EQ(testing::CountObjects(*token_), 0U);
}

TEST_F(GenerateSecretKeyTest, ListsThatAreNotWholeAreRefused) {
  const auto list = FormatAttributeList(Wanted(), ByteOrder::kBigEndian);
  Icsf icsf(*directory_);
  for (std::size_t size = 0; size < list.size(); ++size) {
    EXPECT_THAT(GenerateSecretKey(
                    icsf, {handle_, "KEY     ", std::span(list).first(size)}),
                FailsWith(kLengthInvalid))
        << size;
  }
  EXPECT_EQ(testing::CountObjects(*token_), 0U);
}

TEST_F(GenerateSecretKeyTest, OtherRulesAreRefused) {
  const auto list = FormatAttributeList(Wanted(), ByteOrder::kBigEndian);
  Icsf icsf(*directory_);
  for (const std::string_view rule : {"", "KEY", "key     ", "KEY     KEY     ",
                                      "KEY     SSL     ", "OTHER   "}) {
    EXPECT_THAT(GenerateSecretKey(icsf, {handle_, rule, list}),
                FailsWith(kRuleArrayInvalid))
        << rule;
  }
  // ICSF has these.
  for (const std::string_view rule : {"PARMS   ", "SSL     ", "TLS     "}) {
    EXPECT_THAT(GenerateSecretKey(icsf, {handle_, rule, list}),
                FailsWith(kServiceNotAvailable))
        << rule;
  }
  const std::vector<std::uint8_t> parameters(2);
  EXPECT_THAT(GenerateSecretKey(icsf, {handle_, "KEY     ", list, parameters}),
              FailsWith(kLengthInvalid));
}

// CKA_TOKEN FALSE is PKCS #11's default.
TEST_F(GenerateSecretKeyTest, ASessionKeyEndsWithTheProcess) {
  Icsf icsf(*directory_);
  for (const List& wanted : {With(CKA_TOKEN, {0}), Without(CKA_TOKEN)}) {
    const auto bytes = FormatAttributeList(wanted, ByteOrder::kBigEndian);
    const auto made =
        Must(GenerateSecretKey(icsf, {handle_, "KEY     ", bytes}));
    EXPECT_EQ(made.key.handle->object()->category, 'S');
    EXPECT_TRUE(Must(icsf.FindKey(*made.key.handle)).Sign(Hs256(), {}));
  }
  List secure = With(CKA_TOKEN, {0});
  secure.push_back({kSecure, {1}});
  const auto bytes = FormatAttributeList(secure, ByteOrder::kBigEndian);
  const auto made = Must(GenerateSecretKey(icsf, {handle_, "KEY     ", bytes}));
  EXPECT_EQ(made.key.handle->FormatShort(), "IDTTKN.JWT.SECRET:00000003X");
  EXPECT_EQ(testing::LastSequenceOf(*token_), 0U);
}

TEST_F(GenerateSecretKeyTest, HandlesThatNameNoTokenAreRefused) {
  struct Row {
    std::string handle;
    IcsfCode code;
  };
  const std::vector<Row> rows = {
      {"", kHandleInvalid},
      {kTokenName, kHandleInvalid},
      {handle_ + " ", kHandleInvalid},
      {handle_.substr(1), kHandleInvalid},
      {std::string(44, ' '), kHandleInvalid},
      {std::string(44, '\0'), kHandleInvalid},
      {" " + handle_.substr(0, 43), kHandleInvalid},
      {"idttkn" + handle_.substr(6), kHandleInvalid},
      {Handle(testing::Name("OTHER")).Format(), kTokenNotFound},
  };
  const auto list = FormatAttributeList(Wanted(), ByteOrder::kBigEndian);
  Icsf icsf(*directory_);
  for (const Row& row : rows) {
    SCOPED_TRACE(row.handle);
    EXPECT_THAT(GenerateSecretKey(icsf, {row.handle, "KEY     ", list}),
                FailsWith(row.code));
  }
}

}  // namespace
}  // namespace sigtoken
