#include "keygen/services/get_attribute_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/keygen/services/service_fixture.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

class GetAttributeValueTest : public ServiceTest {};

TEST_F(GetAttributeValueTest, GivesAllAttributesOfAKey) {
  const Handle key = Must(Create(With(KeyToBring(), {Text(CKA_LABEL, "k")})));
  auto now = Attributes(key);
  const std::vector<std::uint8_t> no = {0};
  const std::vector<std::uint8_t> yes = {1};
  EXPECT_EQ(now[CKA_CLASS], (std::vector<std::uint8_t>{0, 0, 0, 4}));
  EXPECT_EQ(now[CKA_KEY_TYPE], (std::vector<std::uint8_t>{0, 0, 0, 0x10}));
  EXPECT_EQ(now[CKA_VALUE_LEN], (std::vector<std::uint8_t>{0, 0, 0, 64}));
  EXPECT_EQ(now[CKA_LABEL], BytesOf("k"));
  for (const auto type : {CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_SIGN,
                          CKA_VERIFY, CKA_MODIFIABLE}) {
    EXPECT_EQ(now[type], yes) << AttributeName(type);
  }
  for (const auto type : {CKA_EXTRACTABLE, CKA_ENCRYPT, CKA_DECRYPT, CKA_WRAP,
                          CKA_UNWRAP, CKA_DERIVE, CKA_LOCAL, kCkaIbmSecure}) {
    EXPECT_EQ(now[type], no) << AttributeName(type);
  }
  for (const auto type : {CKA_APPLICATION, CKA_START_DATE, CKA_END_DATE}) {
    EXPECT_TRUE(now.contains(type)) << AttributeName(type);
    EXPECT_TRUE(now[type].empty()) << AttributeName(type);
  }
  EXPECT_FALSE(now.contains(CKA_VALUE));
}

TEST_F(GetAttributeValueTest, TheValueIsThereOnlyIfItMayBe) {
  struct Row {
    List flags;
    bool readable;
  };
  const std::vector<Row> rows = {
      {{}, false},
      {{Flag(CKA_SENSITIVE, false)}, true},
      {{Flag(CKA_EXTRACTABLE, true)}, true},
      {{Flag(CKA_SENSITIVE, false), Flag(CKA_EXTRACTABLE, true)}, true},
      {{Flag(CKA_SENSITIVE, true), Flag(CKA_EXTRACTABLE, true)}, false},
      {{Flag(CKA_SENSITIVE, false), Flag(CKA_EXTRACTABLE, false)}, false},
      {{Flag(CKA_SENSITIVE, true), Flag(CKA_EXTRACTABLE, false)}, false},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(i);
    List list = KeyToBring();
    for (const auto& flag : rows[i].flags) list.push_back(flag);
    EXPECT_EQ(Attributes(Must(Create(list))).contains(CKA_VALUE),
              rows[i].readable);
  }
}

TEST_F(GetAttributeValueTest, AShortBufferIsToldTheLengthItNeeds) {
  const Handle key = Must(Create(KeyToBring()));
  const std::size_t size = Must(Get(key)).size();
  EXPECT_TRUE(Get(key, size));
  const auto list = Get(key, size - 1);
  EXPECT_THAT(list, FailsWith(kOutputTooShort));
  EXPECT_EQ(list.error().needed_bytes, size);
  EXPECT_THAT(Get(key, 0), FailsWith(kOutputTooShort));
}

TEST_F(GetAttributeValueTest, HandlesThatNameNoObjectAreRefused) {
  const Handle key = Must(Create(KeyToBring()));
  struct Row {
    std::string handle;
    IcsfCode code;
  };
  const std::string text = key.Format();
  const std::vector<Row> rows = {
      {token_handle_, kHandleInvalid},
      {std::string(44, ' '), kHandleInvalid},
      {"", kHandleInvalid},
      {text + " ", kHandleInvalid},
      {text.substr(0, 40) + "t   ", kHandleInvalid},
      {text.substr(0, 40) + "E   ", kHandleInvalid},
      {text.substr(0, 40) + std::string("T\0\0\0", 4), kHandleInvalid},
      {text.substr(0, 39) + "gT   ", kHandleInvalid},
      {text.substr(0, 40) + "U   ", kHandleInvalid},
      {text.substr(0, 40) + "Y   ", kObjectNotFound},
      {text.substr(0, 40) + "S   ", kObjectNotFound},
      {text.substr(0, 39) + "2T   ", kObjectNotFound},
      {Handle(Name("OTHER"), {1, 'T'}).Format(), kTokenNotFound},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.handle);
    EXPECT_THAT(GetAttributeValue(*icsf_, {row.handle, "", 32752, kOrder}),
                FailsWith(row.code));
  }
  EXPECT_THAT(GetAttributeValue(*icsf_, {text, "OBJECT  ", 32752, kOrder}),
              FailsWith(kRuleArrayInvalid));
}

}  // namespace
}  // namespace sigtoken::testing
