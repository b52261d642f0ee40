#include "pkcs11/icsf/token_name.h"

#include <string>

#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using namespace std::string_literals;

TEST(TokenNameTest, TakesNamesOfIcsf) {
  for (const std::string& text :
       {"A"s, "Z"s, "@"s, "#"s, "$"s, "A0"s, "A."s, "A9.@#$"s,
        "IDTTKN.JWT.SECRET"s, "A.."s, std::string(32, 'X')}) {
    SCOPED_TRACE(text);
    const auto name = TokenName::Parse(text);
    ASSERT_THAT(name, testing::IsOk());
    EXPECT_EQ(name->text(), text);
  }
}

TEST(TokenNameTest, RefusesOtherTexts) {
  for (const std::string& text :
       {""s,     " "s,        "0"s,   "9A"s,  "."s,
        ".A"s,   "a"s,        "Aa"s,  "A B"s, "A "s,
        " A"s,   "A-B"s,      "A_B"s, "A:B"s, "A/B"s,
        "../A"s, "A%"s,       "A\n"s, "A\0"s, "\0"s,
        "A\0B"s, "\xC3\x84"s, "A["s,  "A`"s,  std::string(33, 'X')}) {
    SCOPED_TRACE(text);
    EXPECT_THAT(TokenName::Parse(text), testing::FailsWith(kHandleInvalid));
  }
}

TEST(TokenNameTest, SaysTheUpperCaseFormOfALowerCaseName) {
  const auto refused = TokenName::Parse("idttkn.Jwt");
  EXPECT_EQ(testing::MessageOf(refused), "'idttkn.Jwt' is not a token name");
  EXPECT_EQ(testing::CureOf(refused), "names are upper case: write IDTTKN.JWT");
}

TEST(TokenNameTest, SaysWhatANameIsWhereUpperCaseWouldNotHelp) {
  EXPECT_EQ(testing::CureOf(TokenName::Parse("my token")),
            "a name has 1 to 32 characters: first A-Z @ # $, then also 0-9 "
            "and the period");
}

TEST(TokenNameTest, IsPaddedTo32Characters) {
  EXPECT_EQ(TokenName::Parse("A")->Padded(), "A" + std::string(31, ' '));
  EXPECT_EQ(TokenName::Parse(std::string(32, 'X'))->Padded(),
            std::string(32, 'X'));
}

TEST(TokenNameTest, IsOrderedAsAscii) {
  EXPECT_LT(*TokenName::Parse("#"), *TokenName::Parse("A"));
  EXPECT_LT(*TokenName::Parse("A"), *TokenName::Parse("A.B"));
  EXPECT_EQ(*TokenName::Parse("A"), *TokenName::Parse("A"));
}

}  // namespace
}  // namespace sigtoken
