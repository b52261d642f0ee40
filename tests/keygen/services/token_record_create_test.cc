#include "keygen/services/token_record_create.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pkcs11/store/token_records.h"
#include "tests/import_key.h"
#include "tests/keygen/services/service_fixture.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

using ::testing::ElementsAre;

class TokenRecordCreateTest : public ServiceTest {
 protected:
  Result<Handle> CreateToken(const std::string& name,
                             std::vector<std::uint8_t> bytes,
                             std::string_view rules = "TOKEN   ") {
    return TokenRecordCreate(*icsf_, {name, rules, bytes, kOrder});
  }

  static std::vector<std::uint8_t> Description(std::string manufacturer,
                                               std::string model,
                                               std::string serial) {
    manufacturer.resize(32, ' ');
    model.resize(16, ' ');
    serial.resize(16, ' ');
    auto bytes = BytesOf(manufacturer + model + serial);
    bytes.resize(68, 0);
    return bytes;
  }

  // Bytes 32 to 43 of the handle of a token are not looked at.
  const std::string other_ = "OTHER                                   T   ";
};

TEST_F(TokenRecordCreateTest, MakesATokenWithItsRecord) {
  const Handle handle =
      Must(CreateToken(other_, Description("maker", "model", "serial")));
  EXPECT_EQ(handle.Format(), "OTHER" + std::string(39, ' '));
  const auto record =
      Must(FindTokenRecord(directory_->database(), Name("OTHER")));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->manufacturer, "maker");
  EXPECT_EQ(record->model, "model");
  EXPECT_EQ(record->serial, "serial");
  EXPECT_THAT(CreateToken(other_, Description("", "", "")),
              FailsWith(kTokenExists));
}

TEST_F(TokenRecordCreateTest, RecreateEmptiesATokenAndCountsAnew) {
  Must(Create(KeyToBring()));
  Must(Create(DataToBring()));
  const std::string rules = "TOKEN   RECREATE";
  Must(CreateToken(token_handle_, Description("new", "", ""), rules));
  EXPECT_EQ(CountObjects(*token_), 0U);
  EXPECT_TRUE(Search({}).empty());
  EXPECT_EQ(Must(FindTokenRecord(directory_->database(), Name(kTokenName)))
                ->manufacturer,
            "new");
  EXPECT_EQ(Must(Create(KeyToBring())).FormatShort(),
            "IDTTKN.JWT.SECRET:00000001T");
  // One that is not there is made.
  Must(CreateToken(other_, Description("", "", ""), rules));
}

TEST_F(TokenRecordCreateTest, TokensThatAreNoneAreRefused) {
  auto reserved = Description("", "", "");
  reserved.back() = 1;
  struct Row {
    std::string handle;
    std::vector<std::uint8_t> bytes;
    std::string_view rules;
    IcsfCode code;
  };
  const std::vector<Row> rows = {
      {other_, {}, "TOKEN   ", kLengthInvalid},
      {other_, std::vector<std::uint8_t>(67), "TOKEN   ", kLengthInvalid},
      {other_, std::vector<std::uint8_t>(69), "TOKEN   ", kLengthInvalid},
      {other_, reserved, "TOKEN   ", kAttributeValueInvalid},
      {other_, Description("\x01", "", ""), "TOKEN   ", kAttributeValueInvalid},
      {other_, Description("", "", ""), "TOKEN   COPY    ", kRuleArrayInvalid},
      {other_, Description("", "", ""), "TOKEN   OBJECT  ", kRuleArrayInvalid},
      {other_, Description("", "", ""), "RECREATE", kRuleArrayInvalid},
      {other_, Description("", "", ""), "", kRuleArrayInvalid},
      {other_, Description("", "", ""), "TOKENS  ", kRuleArrayInvalid},
      {other_, Description("", "", ""), "TOKEN", kRuleArrayInvalid},
      {"other" + std::string(39, ' '), Description("", "", ""), "TOKEN   ",
       kHandleInvalid},
      {std::string(44, ' '), Description("", "", ""), "TOKEN   ",
       kHandleInvalid},
      {std::string(43, 'A'), Description("", "", ""), "TOKEN   ",
       kHandleInvalid},
      {"SYSTOK-SESSION-ONLY" + std::string(25, ' '), Description("", "", ""),
       "TOKEN   ", kTokenExists},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.handle + std::string(row.rules));
    EXPECT_THAT(CreateToken(row.handle, row.bytes, row.rules),
                FailsWith(row.code));
  }
  EXPECT_THAT(Must(directory_->Names()), ElementsAre(Name(kTokenName)));
}

TEST_F(TokenRecordCreateTest, BringsAKeyInWithItsAttributes) {
  const Handle handle = Must(Create(
      With(KeyToBring(),
           {Text(CKA_LABEL, "mine"), Text(CKA_ID, "id"),
            Text(CKA_APPLICATION, "app"), Text(CKA_START_DATE, "20260101"),
            Flag(CKA_SIGN, true), Flag(CKA_DERIVE, true)})));
  EXPECT_EQ(handle.FormatShort(), "IDTTKN.JWT.SECRET:00000001T");
  Reopen();
  auto now = Attributes(handle);
  EXPECT_EQ(now[CKA_LABEL], BytesOf("mine"));
  EXPECT_EQ(now[CKA_ID], BytesOf("id"));
  EXPECT_EQ(now[CKA_APPLICATION], BytesOf("app"));
  EXPECT_EQ(now[CKA_START_DATE], BytesOf("20260101"));
  EXPECT_EQ(now[CKA_END_DATE], BytesOf(""));
  EXPECT_EQ(now[CKA_DERIVE], BytesOf("\x01"));
  EXPECT_EQ(now[CKA_SENSITIVE], BytesOf("\x01"));
  EXPECT_FALSE(now.contains(CKA_VALUE));
  const Key key = Must(icsf_->FindKey(handle));
  EXPECT_TRUE(key.Sign(Hs256(), {}));
}

TEST_F(TokenRecordCreateTest, AShortKeyKeepsItsTrueLength) {
  const Handle handle =
      Must(Create(With(KeyToBring("Secret123"), {Flag(CKA_SENSITIVE, false)})));
  auto now = Attributes(handle);
  EXPECT_EQ(now[CKA_VALUE], BytesOf("Secret123"));
  EXPECT_EQ(now[CKA_VALUE_LEN], (std::vector<std::uint8_t>{0, 0, 0, 9}));
}

TEST_F(TokenRecordCreateTest, SessionObjectsEndWithTheProcess) {
  const Handle key = Must(
      Create(With(KeyToBring(), {Flag(CKA_TOKEN, false), Text(CKA_LABEL, "k"),
                                 Text(CKA_APPLICATION, "app")})));
  const Handle data =
      Must(Create(With(DataToBring(), {Flag(CKA_TOKEN, false)})));
  EXPECT_EQ(key.FormatShort(), "IDTTKN.JWT.SECRET:00000001S");
  EXPECT_EQ(data.FormatShort(), "IDTTKN.JWT.SECRET:00000002S");
  EXPECT_EQ(Attributes(key)[CKA_APPLICATION], BytesOf("app"));
  EXPECT_EQ(Attributes(data)[CKA_VALUE], BytesOf("some data"));
  EXPECT_TRUE(Must(icsf_->FindKey(key)).Sign(Hs256(), {}));
  EXPECT_THAT(Search({}), ElementsAre("00000001S", "00000002S"));
  // They have a count of their own.
  EXPECT_EQ(Must(Create(KeyToBring())).FormatShort(),
            "IDTTKN.JWT.SECRET:00000001T");
  Reopen();
  EXPECT_THAT(Search({}), ElementsAre("00000001T"));
  EXPECT_THAT(Get(key), FailsWith(kObjectNotFound));
  EXPECT_THAT(Get(data), FailsWith(kObjectNotFound));
}

TEST_F(TokenRecordCreateTest, ASessionObjectThatIsGoneWithItsLoginIsSaidSo) {
  const Handle key = Must(Create(With(KeyToBring(), {Flag(CKA_TOKEN, false)})));
  {
    const auto held = Must(token_->Change());
    token_->Restart(held, Must(token_->OpenSession(held, Access::kReadOnly)));
  }
  EXPECT_THAT(Get(key), FailsWith(kSessionObjectGone));
  EXPECT_THAT(icsf_->FindKey(key), FailsWith(kSessionObjectGone));
  EXPECT_THAT(Delete(key), FailsWith(kSessionObjectGone));
}

TEST_F(TokenRecordCreateTest, TheOmnipresentTokenTakesSessionObjectsAlone) {
  const std::string systok = "SYSTOK-SESSION-ONLY" + std::string(25, ' ');
  EXPECT_EQ(Must(Create(With(KeyToBring(), {Flag(CKA_TOKEN, false)}), systok))
                .FormatShort(),
            "SYSTOK-SESSION-ONLY:00000001S");
  EXPECT_THAT(Create(KeyToBring(), systok), FailsWith(kAttributeReadOnly));
  EXPECT_THAT(Create(DataToBring(), systok), FailsWith(kAttributeReadOnly));
}

TEST_F(TokenRecordCreateTest, ObjectsThatAreNoneAreRefused) {
  struct Row {
    List list;
    IcsfCode code;
  };
  const std::vector<Row> rows = {
      {{}, kTemplateIncomplete},
      {Without(KeyToBring(), CKA_CLASS), kTemplateIncomplete},
      {Without(KeyToBring(), CKA_KEY_TYPE), kTemplateIncomplete},
      {Without(KeyToBring(), CKA_VALUE), kTemplateIncomplete},
      {With(KeyToBring(), {Number(CKA_CLASS, CKO_PRIVATE_KEY)}),
       kAttributeValueInvalid},
      {With(KeyToBring(), {Number(CKA_CLASS, 99)}), kAttributeValueInvalid},
      {With(KeyToBring(), {Text(CKA_CLASS, "\x04")}), kAttributeValueInvalid},
      {With(KeyToBring(), {Number(CKA_KEY_TYPE, CKK_AES)}),
       kAttributeValueInvalid},
      {With(KeyToBring(), {Text(CKA_VALUE, "")}), kAttributeValueInvalid},
      {With(KeyToBring(), {Text(CKA_VALUE, std::string(64, '\0'))}),
       kAttributeValueInvalid},
      {With(KeyToBring(), {Number(CKA_VALUE_LEN, 64)}), kAttributeReadOnly},
      {With(KeyToBring(), {Flag(CKA_LOCAL, true)}), kAttributeReadOnly},
      {With(KeyToBring(), {Flag(CKA_PRIVATE, false)}), kAttributeValueInvalid},
      {With(KeyToBring(), {Flag(CKA_ENCRYPT, true)}), kAttributeValueInvalid},
      {With(KeyToBring(), {Flag(CKA_WRAP, true)}), kAttributeValueInvalid},
      {With(KeyToBring(), {Text(CKA_LABEL, std::string(33, 'x'))}),
       kAttributeValueInvalid},
      {With(KeyToBring(), {Text(CKA_LABEL, "\n")}), kAttributeValueInvalid},
      {With(KeyToBring(), {Text(CKA_START_DATE, "2026")}),
       kAttributeValueInvalid},
      {With(KeyToBring(), {Flag(CKA_SIGN, false), Flag(CKA_VERIFY, false)}),
       kTemplateInconsistent},
      {With(KeyToBring(),
            {Flag(kCkaIbmSecure, true), Flag(CKA_EXTRACTABLE, true)}),
       kAttributeValueInvalid},
      {With(KeyToBring(), {Flag(kCkaIbmFips140, true)}),
       kAttributeValueInvalid},
      {With(KeyToBring(), {Text(CKA_MODULUS, "x")}), kAttributeTypeInvalid},
      {With(KeyToBring(), {Text(0x999, "x")}), kAttributeTypeInvalid},
      {With(DataToBring(), {Text(CKA_ID, "x")}), kAttributeTypeInvalid},
      {With(DataToBring(), {Flag(CKA_SIGN, true)}), kAttributeTypeInvalid},
      {With(DataToBring(), {Text(CKA_TOKEN, "")}), kAttributeValueInvalid},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_THAT(Create(rows[i].list), FailsWith(rows[i].code));
  }
  EXPECT_EQ(CountObjects(*token_), 0U);
  EXPECT_THAT(Create(KeyToBring(), "OTHER" + std::string(39, ' ')),
              FailsWith(kTokenNotFound));
  EXPECT_THAT(Create(KeyToBring(), token_handle_, "OBJECT  RECREATE"),
              FailsWith(kRuleArrayInvalid));
  // Nothing was given a number.
  EXPECT_EQ(Must(Create(KeyToBring())).object()->sequence, 1U);
}

}  // namespace
}  // namespace sigtoken::testing
