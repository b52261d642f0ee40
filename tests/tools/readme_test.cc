// The README's table of codes is the program's.

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <string>

#include "pkcs11/base/codes.h"

namespace sigtoken {
namespace {

TEST(ReadmeTest, ItsCodesMeanWhatTheTableSays) {
  std::ifstream readme(SIGTOKEN_SOURCE_DIR "/README.md");
  const std::regex row(R"(\| (\d+)/(\d+) \| (.*) \|)");
  int rows = 0;
  for (std::string line; std::getline(readme, line);) {
    std::smatch fields;
    if (!std::regex_match(line, fields, row)) continue;
    ++rows;
    const IcsfRow* known =
        FindIcsf({std::stoi(fields[1]), std::stoi(fields[2])});
    ASSERT_NE(known, nullptr) << line;
    EXPECT_EQ(fields[3], std::string(known->meaning)) << line;
  }
  EXPECT_EQ(rows, 9);
}

}  // namespace
}  // namespace sigtoken
