#include "keygen/services/token_record_delete.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/import_key.h"
#include "tests/keygen/services/service_fixture.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TokenRecordDeleteTest : public ServiceTest {};

TEST_F(TokenRecordDeleteTest, AnObjectGoesForGood) {
  const Handle key = Must(Create(KeyToBring()));
  const Handle data = Must(Create(DataToBring()));
  Must(icsf_->FindKey(key));
  ASSERT_TRUE(Delete(key));
  ASSERT_TRUE(Delete(data));
  EXPECT_EQ(CountObjects(*token_), 0U);
  EXPECT_THAT(Delete(key), FailsWith(kObjectNotFound));
  EXPECT_THAT(Delete(data), FailsWith(kObjectNotFound));
  EXPECT_THAT(icsf_->FindKey(key), FailsWith(kObjectNotFound));
  // Numbers do not come back.
  EXPECT_EQ(Must(Create(KeyToBring())).object()->sequence, 3U);
}

TEST_F(TokenRecordDeleteTest, SessionObjectsGoToo) {
  const Handle key = Must(Create(With(KeyToBring(), {Flag(CKA_TOKEN, false)})));
  const Handle data =
      Must(Create(With(DataToBring(), {Flag(CKA_TOKEN, false)})));
  ASSERT_TRUE(Delete(key));
  ASSERT_TRUE(Delete(data));
  EXPECT_THAT(Search({}), IsEmpty());
  EXPECT_THAT(Delete(key), FailsWith(kObjectNotFound));
}

TEST_F(TokenRecordDeleteTest, AStateObjectIsFreedOnce) {
  std::array<std::uint8_t, kChainDataBytes> chain{};
  ASSERT_TRUE(icsf_->states().Add(Name(kTokenName), false,
                                  std::make_shared<ChainState>(), chain));
  const Handle state =
      Must(Handle::Parse({reinterpret_cast<const char*>(chain.data()), 44}));
  ASSERT_TRUE(Delete(state));
  EXPECT_THAT(Delete(state), FailsWith(kObjectGone));
  EXPECT_EQ(icsf_->states().size(), 0U);
}

TEST_F(TokenRecordDeleteTest, ATokenGoesWithAllThatIsInIt) {
  const Handle key = Must(Create(KeyToBring()));
  Must(Create(DataToBring()));
  Must(Create(With(KeyToBring(), {Flag(CKA_TOKEN, false)})));
  Must(icsf_->FindKey(key));
  ASSERT_TRUE(Delete(Handle(Name(kTokenName)), "TOKEN   "));
  EXPECT_THAT(Must(directory_->Names()), IsEmpty());
  EXPECT_THAT(icsf_->FindKey(key), FailsWith(kTokenNotFound));
  EXPECT_THAT(Delete(Handle(Name(kTokenName)), "TOKEN   "),
              FailsWith(kTokenNotFound));
  // Another one of its name begins anew.
  ASSERT_TRUE(directory_->CreateToken(Name(kTokenName), {}));
  EXPECT_EQ(Must(Create(KeyToBring())).object()->sequence, 1U);
  EXPECT_THAT(Search({}), ElementsAre("00000001T"));
}

TEST_F(TokenRecordDeleteTest, WhatCannotBeDeletedIsRefused) {
  const Handle key = Must(Create(KeyToBring()));
  struct Row {
    std::string handle;
    std::string_view rules;
    IcsfCode code;
  };
  const std::string text = key.Format();
  const std::vector<Row> rows = {
      {text, "", kRuleArrayInvalid},
      {text, "OBJECTS ", kRuleArrayInvalid},
      {text, "OBJECT  TOKEN   ", kRuleArrayInvalid},
      {text, "object  ", kRuleArrayInvalid},
      {token_handle_, "OBJECT  ", kHandleInvalid},
      {std::string(44, ' '), "TOKEN   ", kHandleInvalid},
      {"OTHER" + std::string(39, ' '), "TOKEN   ", kTokenNotFound},
      {"SYSTOK-SESSION-ONLY" + std::string(25, ' '), "TOKEN   ",
       kAttributeReadOnly},
      {text.substr(0, 40) + "Y   ", "OBJECT  ", kObjectNotFound},
      {text.substr(0, 40) + "Z   ", "OBJECT  ", kObjectGone},
      {text.substr(0, 40) + "F   ", "OBJECT  ", kHandleInvalid},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.handle + std::string(row.rules));
    EXPECT_THAT(TokenRecordDelete(*icsf_, {row.handle, row.rules}),
                FailsWith(row.code));
  }
  EXPECT_EQ(CountObjects(*token_), 1U);
}

}  // namespace
}  // namespace sigtoken::testing
