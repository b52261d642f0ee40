// What a person sees who sits at a terminal.

#include <string>
#include <vector>

#include "tests/tools/bound_token.h"

namespace sigtoken::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class TerminalTest : public BoundTokenTest {
 protected:
  Outcome AtTerminal(
      const Words& words,
      const std::vector<Programs::Dialogue>& dialogues = {}) const {
    return programs_.RunAtTerminal(SIGTOKEN_BINARY, words, dialogues);
  }
};

constexpr const char* kQuestion = "User PIN of the token HSM.KEYS: ";

TEST_F(TerminalTest, ThePinIsAskedForAndNotShown) {
  Configure("prompt:");
  const Outcome outcome =
      AtTerminal({"key", "generate", "--token", kBound, "--json"},
                 {{kQuestion, std::string(PrivateSoftHsm2::kPin) + "\n"}});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out,
              MatchesRegex(std::string(kQuestion) + "\r\n[{].*[}]\r\n"));
}

TEST_F(TerminalTest, AWrongPinIsAskedForAgainByTheNextProgram) {
  Configure("prompt:");
  for (int again = 0; again < 2; ++again) {
    const Outcome refused =
        AtTerminal({"key", "list"}, {{kQuestion, "987654\n"}});
    EXPECT_EQ(refused.status, 8);
    EXPECT_THAT(refused.out, HasSubstr("CKR_PIN_INCORRECT"));
    EXPECT_THAT(refused.out, EndsWith("Give the right PIN\r\n"));
    EXPECT_THAT(refused.out, Not(HasSubstr("987654")));
  }
  EXPECT_EQ(fault_.Calls("C_Login"), 2U);
}

TEST_F(TerminalTest, WhereThereIsNoneThePinIsRefused) {
  Configure("prompt:");
  // setsid(1) leaves the terminal of the test behind, where there is one.
  const Outcome refused = programs_.Run(
      "/usr/bin/setsid", {"--wait", SIGTOKEN_BINARY, "key", "list"});
  EXPECT_EQ(refused.status, 8);
  EXPECT_THAT(refused.err,
              HasSubstr("there is no terminal to ask for the PIN at"));
  EXPECT_EQ(fault_.Calls("C_Login"), 0U);
}

TEST_F(TerminalTest, ALongListSaysHowFarItIs) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Generate().status, 0);
  const Outcome quick = Run({"key", "list"});
  fault_.Script("C_SignInit * delay 600");
  const Outcome slow = AtTerminal({"key", "list"});
  EXPECT_EQ(slow.status, 0);
  EXPECT_THAT(slow.out, HasSubstr("\r2 of 3 keys of HSM.KEYS"));
  // Nothing of it is left, and the list is the same.
  const auto end = slow.out.rfind('\r' + std::string(23, ' ') + '\r');
  ASSERT_NE(end, std::string::npos) << slow.out;
  std::string list;
  for (const char c : slow.out.substr(end + 25)) {
    if (c != '\r') list += c;
  }
  EXPECT_EQ(list, quick.out);
  // No line for who reads it from a file, and none for who wants none.
  EXPECT_EQ(Run({"key", "list"}).err, quick.err);
  EXPECT_THAT(AtTerminal({"--quiet", "key", "list"}).out,
              Not(HasSubstr("keys of HSM.KEYS")));
}

}  // namespace
}  // namespace sigtoken::testing
