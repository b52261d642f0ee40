#include "signer/racf/profile/profile_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::MessageOf;
using testing::Must;

TEST(ProfileNameTest, IsDiscreteOrGeneric) {
  for (const std::string& text : std::vector<std::string>{
           "JWT.APPL01.USER01.SAF", "A", "#1.@.$", std::string(246, 'A')}) {
    const ProfileName name = Must(ProfileName::Parse(text, true));
    EXPECT_FALSE(name.is_generic()) << text;
    EXPECT_EQ(name.text(), text);
  }
  for (const std::string text :
       {"JWT.*", "**", "*", "A.%.B", "A*.B", "JWT.**.SAF", "&X.A", "%%%", "A%*",
        "*.*.*", "A.**", "A.&RACFVAR"}) {
    EXPECT_TRUE(Must(ProfileName::Parse(text, true)).is_generic()) << text;
  }
}

TEST(ProfileNameTest, WithoutGenericsItIsTakenByTheLetter) {
  for (const std::string text : {"JWT.*", "**.**", "A*B", "&"}) {
    const ProfileName name = Must(ProfileName::Parse(text, false));
    EXPECT_FALSE(name.is_generic()) << text;
    EXPECT_EQ(name.text(), text);
  }
}

TEST(ProfileNameTest, RefusesWhatIsNone) {
  struct Row {
    std::string text;
    const char* why;
  };
  for (const Row& row : {
           Row{"", "it has 0 characters"},
           Row{std::string(247, 'A'), "it has 247 characters"},
           Row{".A", "a qualifier is empty"},
           Row{"A.", "a qualifier is empty"},
           Row{"A..B", "a qualifier is empty"},
           Row{".", "a qualifier is empty"},
           Row{"jwt.a", "'j' stands in it"},
           Row{"A B", "' ' stands in it"},
           Row{"A-B", "'-' stands in it"},
           Row{"A(B)", "'(' stands in it"},
           Row{"A'B", "''' stands in it"},
           Row{"A\xC3\x9C", "'\\xC3' stands in it"},
           Row{std::string("A\0B", 3), "'\\x00' stands in it"},
           Row{"A*B", "an asterisk stands inside of a qualifier"},
           Row{"*A.B", "an asterisk stands inside of a qualifier"},
           Row{"A.***", "an asterisk stands inside of a qualifier"},
           Row{"A**", "an asterisk stands inside of a qualifier"},
           Row{"**.**", "** stands in it twice"},
           Row{"A.**.B.**", "** stands in it twice"},
           Row{"A&B", "a variable is one whole qualifier"},
           Row{"A.&", "a variable is one whole qualifier"},
           Row{"&X*", "a variable is one whole qualifier"},
       }) {
    const auto refused = ProfileName::Parse(row.text, true);
    EXPECT_THAT(refused, FailsWith(kParameterInvalid)) << row.text;
    EXPECT_THAT(MessageOf(refused), ::testing::EndsWith(row.why)) << row.text;
  }
}

}  // namespace
}  // namespace sigtoken
