// A fresh home and the programs in it, for tests of the command line.

#ifndef TESTS_TOOLS_COMMAND_LINE_H_
#define TESTS_TOOLS_COMMAND_LINE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/icsf_code.h"
#include "tests/pkcs11/temporary_folder.h"
#include "tests/program.h"

namespace sigtoken::testing {

using Words = std::vector<std::string>;

// The key that WithKey() makes, and its 44 characters.
inline constexpr const char* kKey = "IDTTKN.JWT.SECRET:1T";
inline constexpr const char* kKeyHandle =
    "IDTTKN.JWT.SECRET               00000001T   ";

Words operator+(Words words, const Words& more);

// Nothing that moves a cursor or colours a terminal, nor any byte beyond ASCII.
bool IsPlain(std::string_view text);

// What stands on stderr but the line that an administrator of z/OS would look
// for.
std::string WithoutConsole(const std::string& err);

class CommandLineTest : public ::testing::Test {
 protected:
  CommandLineTest()
      : home_(folder_.path() / "home"), programs_(home_.string()) {}

  Outcome Run(const Words& words, const std::string& input = "") const {
    return programs_.Sigtoken(words, input);
  }
  // The one JSON document of a command that must succeed.
  nlohmann::json Json(const Words& words, const std::string& input = "") const;
  // stdout of a command that must succeed.
  std::string Text(const Words& words, const std::string& input = "") const;

  // The token IDTTKN.JWT.SECRET, with one key that signs HS256 or nothing.
  void WithToken() const;
  void WithKey() const;

  // Runs a command that must be refused, with --json and without, and compares
  // status, stderr and the one document with `code` and `message`, where the
  // cure follows: "MESSAGE (ICSF 8/3001, X'BB9'). CURE".
  void ExpectRefusal(const Words& words, IcsfCode code,
                     const std::string& message,
                     const std::string& input = "") const;

  // A token of any header and payload, signed by the command `sign`.
  std::string Sign(std::string_view header, std::string_view payload,
                   const std::string& key = kKey,
                   const std::string& algorithm = "HS256") const;

  const TemporaryFolder folder_;
  const std::filesystem::path home_;
  Programs programs_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_TOOLS_COMMAND_LINE_H_
