// Contract: identity tokens are signed with a module's key and checked with it.

#include <string>

#include "tests/modules/contract.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

class IdentityTokensTest : public ContractTest {
 protected:
  std::string Issue(int number, const std::string& algorithm) const {
    return Json({"idt", "generate", "--appl", "APPL01", "--user", "USER01",
                 "--key", Handle(number), "--alg", algorithm})["token"];
  }
  Outcome Validate(const std::string& token, int number,
                   const std::string& algorithm, const Words& more = {}) const {
    Words words = {"--json", "idt",          "validate", "--appl", "APPL01",
                   "--key",  Handle(number), "--alg",    algorithm};
    words.insert(words.end(), more.begin(), more.end());
    return Run(words, token);
  }
  static void ExpectCode(const Outcome& outcome, const std::string& code) {
    EXPECT_EQ(outcome.status, 4) << outcome.err;
    const json document = outcome.json();
    EXPECT_EQ(document["valid"], false);
    EXPECT_EQ(document["code"], code) << document;
  }
};

TEST_P(IdentityTokensTest, AreValidForTheKeyThatSignedThem) {
  Generate();
  for (const char* algorithm : {"HS256", "HS384", "HS512"}) {
    const Outcome outcome = Validate(Issue(1, algorithm), 1, algorithm);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const json document = outcome.json();
    EXPECT_EQ(document["valid"], true);
    EXPECT_EQ(document["user"], "USER01");
    EXPECT_EQ(document["code"], "0/0/0");
  }
}

TEST_P(IdentityTokensTest, OfAnotherKeyAreRefused) {
  Generate();
  Generate();
  Generate({"--verify-only"});
  const std::string token = Issue(1, "HS256");
  ExpectCode(Validate(token, 2, "HS256"), "8/8/0");
  ExpectCode(Validate(token, 3, "HS256"), "8/8/0");
  ExpectCode(Validate(token, 1, "HS512"), "8/8/0");
}

TEST_P(IdentityTokensTest, OfYesterdayAreExpired) {
  Generate();
  ExpectCode(
      Validate(Issue(1, "HS256"), 1, "HS256", {"--at", "2200-01-01T00:00:00Z"}),
      "8/6C/F");
}

INSTANTIATE_TEST_SUITE_P(Contract, IdentityTokensTest, EachModule(),
                         ModuleName);

}  // namespace
}  // namespace sigtoken::testing
