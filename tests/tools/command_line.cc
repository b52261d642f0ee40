#include "tests/tools/command_line.h"

#include <algorithm>
#include <sstream>

#include "signer/jws/compact.h"

namespace sigtoken::testing {

Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::string WithoutConsole(const std::string& err) {
  std::istringstream lines(err);
  std::string rest;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("sigtoken: ICH408I ")) rest += line + "\n";
  }
  return rest;
}

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= ' ' && c <= '~') || c == '\n';
  });
}

nlohmann::json CommandLineTest::Json(const Words& words,
                                     const std::string& input) const {
  const Outcome outcome = Run(words + Words{"--json"}, input);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  return outcome.json();
}

std::string CommandLineTest::Text(const Words& words,
                                  const std::string& input) const {
  const Outcome outcome = Run(words, input);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  return outcome.out;
}

void CommandLineTest::WithToken() const {
  Text({"token", "create", "IDTTKN.JWT.SECRET"});
}

void CommandLineTest::WithKey() const {
  WithToken();
  Text({"key", "generate", "--token", "IDTTKN.JWT.SECRET", "--alg", "HS256"});
}

void CommandLineTest::ExpectRefusal(const Words& words, IcsfCode code,
                                    const std::string& message,
                                    const std::string& input) const {
  SCOPED_TRACE(::testing::PrintToString(words));
  const std::string codes = " (ICSF " + std::to_string(code.return_code) + "/" +
                            std::to_string(code.reason_code) + ", X'";
  const Outcome plain = Run(words, input);
  EXPECT_EQ(plain.status, code.return_code);
  EXPECT_EQ(plain.out, "");
  EXPECT_THAT(plain.err, ::testing::StartsWith("sigtoken: " + message + codes));
  EXPECT_EQ(std::count(plain.err.begin(), plain.err.end(), '\n'), 1);
  EXPECT_TRUE(IsPlain(plain.err)) << plain.err;

  const Outcome outcome = Run(Words{"--json"} + words, input);
  EXPECT_EQ(outcome.status, code.return_code);
  EXPECT_EQ(outcome.err, plain.err);
  const nlohmann::json document = outcome.json();
  ASSERT_TRUE(document.contains("error")) << outcome.out;
  EXPECT_EQ(document.size(), 1U) << outcome.out;
  const auto& error = document["error"];
  EXPECT_THAT(error.value("message", ""), ::testing::StartsWith(message));
  EXPECT_EQ(error["icsf"]["return_code"], code.return_code);
  EXPECT_EQ(error["icsf"]["reason_code"], code.reason_code);
  EXPECT_THAT(plain.err,
              ::testing::HasSubstr(
                  codes + error["icsf"].value("reason_hex", "") + "')"));
}

std::string CommandLineTest::Sign(std::string_view header,
                                  std::string_view payload,
                                  const std::string& key,
                                  const std::string& algorithm) const {
  const std::string input = MakeSigningInput(header, payload);
  const std::string mac =
      Text({"sign", "--key", key, "--alg", algorithm}, input);
  return input + "." + mac.substr(0, mac.find('\n'));
}

}  // namespace sigtoken::testing
