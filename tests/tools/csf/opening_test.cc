// What the first call of a process finds. Each test looks at it in a child of
// fork(), which begins anew.

#include <cstdlib>
#include <string>

#include "tests/forked.h"
#include "tests/pkcs11/temporary_folder.h"
#include "tests/tools/csf/caller.h"

namespace sigtoken::testing {
namespace {

class OpeningTest : public CsfTest {
 protected:
  static Codes CallOnce() {
    Request request{"CSNBRNG"};
    return request.Rules({"RANDOM"}).Room(8).Call();
  }
};

TEST_F(OpeningTest, AConfigurationThatIsNotThereIsTwelveUntilItIs) {
  EXPECT_EQ(CallOnce(), (Codes{0, 0}));
  EXPECT_EQ(InChild([] {
              setenv("SIGTOKEN_CONFIG", "/nonexistent/sigtoken.toml", 1);
              if (CallOnce() != Codes{12, 0}) return 1;
              if (CallOnce() != Codes{12, 0}) return 2;
              unsetenv("SIGTOKEN_CONFIG");
              return CallOnce() == Codes{0, 0} ? 0 : 3;
            }),
            0);
}

TEST_F(OpeningTest, ACallThatNoServiceTakesIsTwelveTooWhereNothingOpens) {
  EXPECT_EQ(CallOnce(), (Codes{0, 0}));
  EXPECT_EQ(InChild([] {
              setenv("SIGTOKEN_CONFIG", "/nonexistent/sigtoken.toml", 1);
              Request request{"CSFPGSK"};
              request.rule_count = -1;
              return request.Call() == Codes{12, 0} ? 0 : 1;
            }),
            0);
}

TEST_F(OpeningTest, AChildHasTheTokensOfItsParentAndKeysOfItsOwn) {
  const std::string token = NewToken();
  const std::string key = NewKey(token);
  EXPECT_EQ(InChild([&] {
              Request request = MacOf(key, "text");
              if (request.Call() != Codes{0, 0}) return 1;
              return NewKey(token).substr(32, 9) == "00000002T" ? 0 : 2;
            }),
            0);
  EXPECT_EQ(NewKey(token).substr(32, 9), "00000003T");
}

}  // namespace
}  // namespace sigtoken::testing
