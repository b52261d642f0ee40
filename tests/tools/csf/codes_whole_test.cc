// Every code that we know is given by a test of the table of codes, or there is
// a reason why no callable service gives it.

#include <fstream>
#include <map>
#include <set>
#include <string>

#include "pkcs11/base/codes.h"
#include "tests/tools/command_line.h"
#include "tests/tools/csf/codes_given.h"

namespace sigtoken::testing {
namespace {

const std::map<std::string, std::string>& NotGiven() {
  static const std::map<std::string, std::string> codes = {
      {"4/0", "CKR_NO_EVENT: nobody waits for slot events"},
      {"4/1", "the number of TSS"},
      {"4/429", "the number of TSS"},
      {"4/8004", "of CCA services"},
      {"8/72", "CKR_DATA_LEN_RANGE: no mechanism in use bounds its data"},
      {"8/2028", "nothing is unwrapped"},
      {"8/2154", "we say 8/3039"},
      {"8/3022", "of 'sigtoken token delete'; CSFPTRD deletes all of a token"},
      {"8/3035", "we say 8/3034"},
      {"8/3041", "nothing is wrapped"},
      {"8/3043", "we say 8/3025, unless a module says so by itself"},
      {"8/3063", "z/OS only"},
      {"8/10004", "z/OS only"},
      {"8/10012", "z/OS only"},
      {"8/11028", "we say 4/11000"},
      {"8/16004", "z/OS only"},
      {"12/4", "z/OS only"},
      {"12/12", "z/OS only"},
      {"12/16", "z/OS only"},
      {"12/28", "z/OS only"},
      {"12/40", "z/OS only"},
      {"16/0", "a fault of ours; serve_test.cc makes one"},
  };
  return codes;
}

class CodesWholeTest : public CommandLineTest {
 protected:
  // The table's tests, all in a process of their own.
  std::set<std::string> Given() {
    const std::string path = (folder_.path() / "given").string();
    programs_.SetEnvironment(kCodesGiven, path);
    const Outcome outcome = programs_.Run(
        "/proc/self/exe", {"--gtest_filter=CodesTable*", "--gtest_brief=1"});
    EXPECT_LT(outcome.status, 128) << outcome.out << outcome.err;
    std::set<std::string> given;
    std::ifstream file(path);
    for (std::string codes; file >> codes;) given.insert(codes);
    return given;
  }
};

TEST_F(CodesWholeTest, EveryCodeIsGivenOrItIsSaidWhyNot) {
  const std::set<std::string> given = Given();
  std::set<std::string> known;
  for (const IcsfRow& row : IcsfRows()) {
    const std::string code = std::to_string(row.code.return_code) + '/' +
                             std::to_string(row.code.reason_code);
    known.insert(code);
    const auto why = NotGiven().find(code);
    if (why == NotGiven().end()) {
      EXPECT_TRUE(given.contains(code)) << code << ": no test gives it";
    } else {
      EXPECT_FALSE(given.contains(code)) << code << ": " << why->second;
    }
  }
  for (const std::string& code : given) {
    EXPECT_TRUE(known.contains(code)) << code << ": 'explain' does not know it";
  }
  for (const auto& [code, why] : NotGiven()) {
    EXPECT_TRUE(known.contains(code)) << code;
  }
}

}  // namespace
}  // namespace sigtoken::testing
