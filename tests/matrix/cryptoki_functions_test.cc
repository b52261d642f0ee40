#include "tests/matrix/cryptoki_functions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace sigtoken {
namespace {

std::string Read(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Each function of a module's list that the text takes, and each that it gives
// as the name of a call.
void AddFunctionsIn(const std::string& text, std::set<std::string>& functions) {
  static const std::regex kCall(
      R"re(\bCall\(\s*"(C_\w+)"|[Ff]unctions(?:_|\(\))?(?:\.|->)\s*(C_\w+))re");
  for (std::sregex_iterator found(text.begin(), text.end(), kCall), none;
       found != none; ++found) {
    functions.insert((*found)[1].matched ? found->str(1) : found->str(2));
  }
}

TEST(CryptokiFunctionsTest, TheTableHasAllThatTheSourcesCall) {
  std::set<std::string> called;
  for (const char* layer : {"pkcs11", "keygen", "signer", "tools"}) {
    for (const auto& each : std::filesystem::recursive_directory_iterator(
             std::filesystem::path(SIGTOKEN_SOURCE_DIR) / layer)) {
      const auto extension = each.path().extension();
      if (extension != ".cc" && extension != ".h") continue;
      AddFunctionsIn(Read(each.path()), called);
    }
  }
  // p11-kit calls it as it loads a module, and tells no code of it; that it
  // hangs is a case of DeadlineTest.
  EXPECT_EQ(called.erase("C_GetFunctionList"), 1U);
  std::set<std::string> rows;
  for (const auto& function : testing::CryptokiFunctions()) {
    rows.insert(std::string(function.name));
  }
  EXPECT_EQ(rows, called);
}

}  // namespace
}  // namespace sigtoken
