// What the keywords become, and what is said of those that are none; that they
// are refused is in racroute_test.cc.

#include "tools/saf/racroute_keywords.h"

#include <functional>
#include <vector>

#include "tests/tools/saf/calls.h"

namespace sigtoken::testing {
namespace {

using Words = std::vector<std::string>;

RacrouteRequest RequestOf(const RACROUTE_VERIFY& keywords) {
  auto request = saf::ToRequest(keywords);
  if (request) return *std::move(request);
  ADD_FAILURE() << ToText(request.error());
  return {};
}

TEST(RacrouteKeywordsTest, WhatIsLeftOutIsIbmsDefault) {
  const RacrouteRequest request = RequestOf({});
  EXPECT_EQ(request.release, "1.6");
  EXPECT_EQ(request.envir, Envir::kCreate);
  EXPECT_EQ(request.passchk, Passchk::kYes);
  EXPECT_FALSE(request.start || request.envrin || request.icrx || request.idid);
  EXPECT_EQ(request.user, std::nullopt);
  EXPECT_EQ(request.appl, std::nullopt);
  EXPECT_EQ(request.credential, std::nullopt);
  EXPECT_EQ(request.new_credential, std::nullopt);
  EXPECT_EQ(request.amr, Words());
}

TEST(RacrouteKeywordsTest, ValuesAreInTheOrderOfTheHeader) {
  RACROUTE_VERIFY keywords{};
  keywords.ENVIR = RACROUTE_ENVIR_CHANGE;
  EXPECT_EQ(RequestOf(keywords).envir, Envir::kChange);
  keywords.ENVIR = RACROUTE_ENVIR_DELETE;
  EXPECT_EQ(RequestOf(keywords).envir, Envir::kDelete);
  keywords.ENVIR = RACROUTE_ENVIR_VERIFY;
  EXPECT_EQ(RequestOf(keywords).envir, Envir::kVerify);
  keywords.PASSCHK = RACROUTE_PASSCHK_NO;
  EXPECT_EQ(RequestOf(keywords).passchk, Passchk::kNo);
  keywords.PASSCHK = RACROUTE_PASSCHK_NOMFA;
  EXPECT_EQ(RequestOf(keywords).passchk, Passchk::kNoMfa);
}

TEST(RacrouteKeywordsTest, KeywordsMayBeThere) {
  RACROUTE_VERIFY keywords{};
  keywords.START = "";
  EXPECT_TRUE(RequestOf(keywords).start);
  keywords.ENVRIN = "";
  EXPECT_TRUE(RequestOf(keywords).envrin);
  keywords.ICRX = "";
  EXPECT_TRUE(RequestOf(keywords).icrx);
  keywords.IDID = "";
  EXPECT_TRUE(RequestOf(keywords).idid);
}

TEST(RacrouteKeywordsTest, TextsAreOfTheirLength) {
  RACROUTE_VERIFY keywords{};
  keywords.RELEASE = "PLV0001";
  keywords.USERID = "\3USERX";
  keywords.APPL = "APPL    X";
  keywords.AMR = "  saf-pwd mfa-comp ";
  const RacrouteRequest request = RequestOf(keywords);
  EXPECT_EQ(request.release, "PLV0001");
  EXPECT_EQ(request.user, "USE");
  EXPECT_EQ(request.appl, "APPL");
  EXPECT_EQ(request.amr, (Words{"saf-pwd", "mfa-comp"}));
  keywords.APPL = "APPL1234X";
  EXPECT_EQ(RequestOf(keywords).appl, "APPL1234");
}

TEST(RacrouteKeywordsTest, PasswordsAndPhrasesAreThereOrNot) {
  RACROUTE_VERIFY keywords{};
  keywords.PASSWRD = "\1";
  keywords.NEWPHRASE = "\11";
  EXPECT_EQ(RequestOf(keywords).credential, Authenticator::kPassword);
  EXPECT_EQ(RequestOf(keywords).new_credential, Authenticator::kPhrase);
  keywords.PASSWRD = "\0";
  keywords.PHRASE = "\144";
  keywords.NEWPHRASE = "\0";
  keywords.NEWPASS = "\10";
  EXPECT_EQ(RequestOf(keywords).credential, Authenticator::kPhrase);
  EXPECT_EQ(RequestOf(keywords).new_credential, Authenticator::kPassword);
}

TEST(RacrouteKeywordsTest, EachKeywordThatIsWrongIsNamed) {
  struct Row {
    std::function<void(RACROUTE_VERIFY&)> spoil;
    const char* why;
  };
  const std::vector<Row> rows = {
      {[](auto& k) { k.ENVIR = 9; }, "ENVIR is 9"},
      {[](auto& k) { k.PASSCHK = -1; }, "PASSCHK is -1"},
      {[](auto& k) { k.USERID = "\11"; }, "the length of USERID is 9"},
      {[](auto& k) { k.PASSWRD = "\377"; }, "the length of PASSWRD is 255"},
      {[](auto& k) { k.NEWPASS = "\11"; }, "the length of NEWPASS is 9"},
      {[](auto& k) { k.PHRASE = "\10"; }, "the length of PHRASE is 8"},
      {[](auto& k) { k.NEWPHRASE = "\145"; }, "the length of NEWPHRASE is 101"},
      {[](auto& k) {
         k.PASSWRD = "\1";
         k.PHRASE = "\11";
       },
       "PASSWRD and PHRASE are both there"},
      {[](auto& k) {
         k.NEWPASS = "\1";
         k.NEWPHRASE = "\11";
       },
       "NEWPASS and NEWPHRASE are both there"},
  };
  for (const Row& row : rows) {
    RACROUTE_VERIFY keywords{};
    row.spoil(keywords);
    const auto request = saf::ToRequest(keywords);
    ASSERT_FALSE(request) << row.why;
    EXPECT_EQ(request.error().message, row.why);
    EXPECT_EQ(ToIcsf(request.error()), kParameterInvalid);
  }
}

TEST(RacrouteKeywordsTest, AStructureOfAnotherSizeIsRefused) {
  RACROUTE_VERIFY keywords{};
  for (const std::size_t size :
       {std::size_t{0}, sizeof keywords - 1, std::size_t{4097}}) {
    keywords.SIZE = size;
    const auto copy = saf::ReadKeywords(&keywords);
    ASSERT_FALSE(copy);
    EXPECT_EQ(copy.error().message, "SIZE is " + std::to_string(size));
  }
}

}  // namespace
}  // namespace sigtoken::testing
