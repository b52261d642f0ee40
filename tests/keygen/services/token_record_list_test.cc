#include "keygen/services/token_record_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/keygen/services/service_fixture.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

using ::testing::ElementsAre;

const std::string kStart(44, ' ');

class TokenRecordListTest : public ServiceTest {
 protected:
  Result<TokenRecordListAnswer> ListObjects(
      const std::string& handle, std::size_t most, const List& wanted = {},
      std::string_view rules = "OBJECT  ") {
    const auto bytes = FormatAttributeList(wanted, kOrder);
    return TokenRecordList(*icsf_,
                           {handle, rules, bytes, most * 44, most, kOrder});
  }
  Result<TokenRecordListAnswer> ListTokens(const std::string& handle,
                                           std::size_t most) {
    return TokenRecordList(*icsf_,
                           {handle, "TOKEN   ", {}, most * 116, most, kOrder});
  }
  static std::string Entry(const TokenRecordListAnswer& answer, std::size_t i,
                           std::size_t size) {
    const auto begin = answer.list.begin() + static_cast<long>(i * size);
    return {begin, begin + static_cast<long>(size)};
  }
};

TEST_F(TokenRecordListTest, AListIsReadInPages) {
  for (int i = 0; i < 7; ++i) Must(Create(KeyToBring()));
  std::string last = token_handle_;
  std::vector<std::string> seen;
  bool more = true;
  while (more) {
    const auto page = Must(ListObjects(last, 3));
    ASSERT_GT(page.count, 0U);
    for (std::size_t i = 0; i < page.count; ++i) {
      last = Entry(page, i, 44);
      seen.push_back(last.substr(32, 9));
    }
    more = page.more;
  }
  EXPECT_THAT(seen,
              ElementsAre("00000001T", "00000002T", "00000003T", "00000004T",
                          "00000005T", "00000006T", "00000007T"));
  // Behind the last one there is nothing, and less of what was deleted.
  EXPECT_EQ(Must(ListObjects(last, 3)).count, 0U);
  ASSERT_TRUE(Delete(Handle(Name(kTokenName), {4, 'T'})));
  EXPECT_EQ(
      Entry(Must(ListObjects(Handle(Name(kTokenName), {4, 'T'}).Format(), 1)),
            0, 44)
          .substr(32, 9),
      "00000005T");
}

TEST_F(TokenRecordListTest, FindsByWhateverCsfpgavSays) {
  Must(Create(With(KeyToBring(),
                   {Text(CKA_LABEL, "a"), Text(CKA_APPLICATION, "app")})));
  Must(Create(With(KeyToBring("0123456789abcdef0123456789abcdef"),
                   {Text(CKA_LABEL, "a"), Flag(CKA_EXTRACTABLE, true)})));
  Must(Create(DataToBring()));
  Must(Create(With(KeyToBring(), {Flag(kCkaIbmSecure, true),
                                  Flag(CKA_SIGN, false), Text(CKA_ID, "i")})));
  struct Row {
    List wanted;
    std::vector<std::string> found;
  };
  const std::vector<Row> rows = {
      {{}, {"00000001T", "00000002T", "00000003T", "00000004Y"}},
      {{Number(CKA_CLASS, CKO_SECRET_KEY)},
       {"00000001T", "00000002T", "00000004Y"}},
      {{Number(CKA_CLASS, CKO_DATA)}, {"00000003T"}},
      {{Text(CKA_LABEL, "a")}, {"00000001T", "00000002T"}},
      {{Text(CKA_LABEL, "a"), Text(CKA_APPLICATION, "app")}, {"00000001T"}},
      {{Text(CKA_LABEL, "a label"), Number(CKA_CLASS, CKO_DATA)},
       {"00000003T"}},
      {{Text(CKA_APPLICATION, "an application")}, {"00000003T"}},
      {{Number(CKA_VALUE_LEN, 32)}, {"00000002T"}},
      {{Flag(CKA_SIGN, false)}, {"00000004Y"}},
      {{Text(CKA_ID, "i")}, {"00000004Y"}},
      {{Flag(kCkaIbmSecure, true)}, {"00000004Y"}},
      {{Text(CKA_VALUE, "some data")}, {"00000003T"}},
      {{Text(CKA_VALUE, "0123456789abcdef0123456789abcdef")}, {"00000002T"}},
      {{Text(CKA_VALUE, "nothing like it")}, {}},
      {{Text(CKA_LABEL, "A")}, {}},
      {{Text(CKA_LABEL, "")}, {"00000004Y"}},
      {{Number(CKA_CLASS, CKO_PUBLIC_KEY)}, {}},
      {{Number(CKA_KEY_TYPE, CKK_AES)}, {}},
      {{Number(CKA_MODULUS_BITS, 2048)}, {}},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(Search(rows[i].wanted), rows[i].found);
  }
}

TEST_F(TokenRecordListTest, TokensComeWithTheirRecords) {
  std::vector<std::uint8_t> description = BytesOf(
      "maker                           model           serial          ");
  description.resize(68, 0);
  Must(TokenRecordCreate(*icsf_, {"ANOTHER" + std::string(37, ' '), "TOKEN   ",
                                  description, kOrder}));
  const auto all = Must(ListTokens(kStart, 16));
  ASSERT_EQ(all.count, 3U);
  EXPECT_FALSE(all.more);
  EXPECT_EQ(Entry(all, 0, 116).substr(0, 96),
            "ANOTHER                         "
            "maker                           model           serial          ");
  const std::string stamp = Entry(all, 0, 116).substr(96, 16);
  EXPECT_EQ(stamp.substr(0, 2), "20");
  EXPECT_EQ(stamp.find_first_not_of("0123456789"), std::string::npos);
  EXPECT_EQ(Entry(all, 0, 116).substr(112), std::string(4, '\0'));
  EXPECT_EQ(Entry(all, 1, 116).substr(0, 32), Name(kTokenName).Padded());
  // The omnipresent one is write-protected.
  EXPECT_EQ(Entry(all, 2, 116).substr(0, 32),
            "SYSTOK-SESSION-ONLY             ");
  EXPECT_EQ(Entry(all, 2, 116).substr(112), std::string("\x80\0\0\0", 4));
}

TEST_F(TokenRecordListTest, TokensAreReadInPages) {
  const auto first = Must(ListTokens(kStart, 1));
  EXPECT_TRUE(first.more);
  const std::string name = Entry(first, 0, 32);
  EXPECT_EQ(name, Name(kTokenName).Padded());
  // Behind the name callers leave what they have.
  const auto second = Must(ListTokens(name + std::string(12, '\0'), 1));
  EXPECT_FALSE(second.more);
  EXPECT_EQ(Entry(second, 0, 32), "SYSTOK-SESSION-ONLY             ");
  EXPECT_EQ(Must(ListTokens("ZZZ" + std::string(41, ' '), 1)).count, 0U);
  // A name that is no token's stands between its neighbours.
  EXPECT_EQ(Must(ListTokens("A" + std::string(43, ' '), 5)).count, 2U);
  // What programs written for EBCDIC pass for blanks.
  EXPECT_EQ(Must(ListTokens(std::string(44, '\x40'), 5)).count, 2U);
}

TEST_F(TokenRecordListTest, ListsThatAreNoneAreRefused) {
  Must(Create(KeyToBring()));
  const auto empty = FormatAttributeList({}, kOrder);
  const auto value =
      FormatAttributeList(std::vector{Text(CKA_VALUE, "x")}, kOrder);
  const auto unknown =
      FormatAttributeList(std::vector{Text(0x999, "x")}, kOrder);
  const auto narrow =
      FormatAttributeList(std::vector{Text(CKA_CLASS, "x")}, kOrder);
  const std::string object = Handle(Name(kTokenName), {1, 'T'}).Format();
  const std::string other = "OTHER" + std::string(39, ' ');
  struct Row {
    std::string handle;
    std::string_view rules;
    std::span<const std::uint8_t> wanted;
    std::size_t room;
    std::size_t most;
    IcsfCode code;
  };
  const std::vector<Row> rows = {
      {token_handle_, "", {}, 44, 1, kRuleArrayInvalid},
      {token_handle_, "ALL     ", {}, 44, 1, kRuleArrayInvalid},
      {token_handle_, "OBJECT  TOKEN   ", {}, 116, 1, kRuleArrayInvalid},
      {token_handle_, "OBJECT  OBJECT  ", {}, 44, 1, kRuleArrayInvalid},
      {token_handle_, "OBJECT  SEEN    ", {}, 44, 1, kRuleArrayInvalid},
      {kStart, "TOKEN   ALL     ", {}, 116, 1, kRuleArrayInvalid},
      {kStart, "TOKEN   ", empty, 116, 1, kLengthInvalid},
      {kStart, "TOKEN   ", {}, 115, 1, kOutputTooShort},
      {kStart, "TOKEN   ", {}, 231, 2, kOutputTooShort},
      {"lower" + std::string(39, ' '), "TOKEN   ", {}, 116, 1, kHandleInvalid},
      {"SHORT", "TOKEN   ", {}, 116, 1, kHandleInvalid},
      {token_handle_, "OBJECT  ", {}, 43, 1, kOutputTooShort},
      {token_handle_, "OBJECT  ", {}, 0, 1, kOutputTooShort},
      {token_handle_, "OBJECT  ", unknown, 44, 1, kAttributeTypeInvalid},
      {token_handle_, "OBJECT  ", narrow, 44, 1, kAttributeValueInvalid},
      {token_handle_, "OBJECT  ", std::span(value).first(3), 44, 1,
       kLengthInvalid},
      {token_handle_, "OBJECT  ALL     ", value, 44, 1, kAttributeTypeInvalid},
      {kStart, "OBJECT  ", {}, 44, 1, kHandleInvalid},
      {other, "OBJECT  ", {}, 44, 1, kTokenNotFound},
      {object.substr(0, 40) + "Q   ", "OBJECT  ", {}, 44, 1, kHandleInvalid},
      {object.substr(0, 41) + "xxx", "OBJECT  ", {}, 44, 1, kHandleInvalid},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(i);
    const Row& row = rows[i];
    const auto answer = TokenRecordList(
        *icsf_,
        {row.handle, row.rules, row.wanted, row.room, row.most, kOrder});
    EXPECT_THAT(answer, FailsWith(row.code));
    EXPECT_EQ(!answer && answer.error().needed_bytes.has_value(),
              row.code == kOutputTooShort);
  }
  // ALL with what is no secret.
  EXPECT_EQ(Must(ListObjects(token_handle_, 5, {}, "OBJECT  ALL     ")).count,
            1U);
  EXPECT_EQ(Must(ListObjects(token_handle_, 5, {}, "ALL     OBJECT  ")).count,
            1U);
}

}  // namespace
}  // namespace sigtoken::testing
