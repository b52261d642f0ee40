#include "signer/racf/user_id.h"

#include <gtest/gtest.h>

namespace sigtoken {
namespace {

using namespace std::string_view_literals;

TEST(UserIdTest, TakesOneToEightCharacters) {
  for (std::string_view text :
       {"A", "USER01", "OMVSAPPL", "@#$", "0", "12345678"}) {
    EXPECT_TRUE(IsUserId(text)) << text;
    EXPECT_TRUE(CheckUserId(text, "user")) << text;
  }
}

TEST(UserIdTest, RefusesOtherTexts) {
  for (std::string_view text :
       {""sv,    "USER01234"sv, "user01"sv, "User"sv, "A B"sv,      " A"sv,
        "A "sv,  "A.B"sv,       "*"sv,      "A*"sv,   "A%"sv,       "A-B"sv,
        "A_B"sv, "A\"B"sv,      "A\0"sv,    "A\n"sv,  "\xc3\x84"sv, "A\xa7"sv,
        "A/B"sv, "&A"sv,        "JWT.A"sv}) {
    EXPECT_FALSE(IsUserId(text)) << text;
    EXPECT_FALSE(CheckUserId(text, "user")) << text;
  }
}

TEST(UserIdTest, NamesTheUpperCaseForm) {
  const Status status = CheckUserId("user01", "user");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "'user01' is not valid as user");
  EXPECT_EQ(status.error().cure, "write it in upper case: USER01");
  EXPECT_EQ(ToIcsf(status.error()), kParameterInvalid);
}

TEST(UserIdTest, NamesTheCharactersWhereUpperCaseDoesNotHelp) {
  const Status status = CheckUserId("user 01", "application name");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message,
            "'user 01' is not valid as application name");
  EXPECT_EQ(status.error().cure,
            "write 1 to 8 characters of A-Z, 0-9, @, # and $");
}

}  // namespace
}  // namespace sigtoken
