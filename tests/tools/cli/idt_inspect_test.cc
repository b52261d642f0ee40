#include <string>

#include "signer/jws/compact.h"
#include "tests/tools/command_line.h"
#include "tests/tools/identity_token.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

class IdtInspectTest : public CommandLineTest {
 protected:
  static std::string Token(const std::string& header,
                           const std::string& payload,
                           const std::string& signature = "AAAA") {
    return MakeSigningInput(header, payload) + "." + signature;
  }
};

TEST_F(IdtInspectTest, DecodesAndSaysThatNothingWasChecked) {
  const std::string token = Token(kHeader, Payload(RacfClaims()));
  EXPECT_EQ(Json({"idt", "inspect"}, token),
            (json{{"header", {{"alg", "HS256"}}},
                  {"claims", json::parse(Payload(RacfClaims()))},
                  {"verified", false}}));
  EXPECT_EQ(Text({"idt", "inspect"}, token),
            "NOT VERIFIED: anybody can write this\n"
            "header  {\"alg\":\"HS256\"}\n"
            "claims  " +
                Payload(RacfClaims()) + "\n");
}

TEST_F(IdtInspectTest, ReadsAFileOrStandardInput) {
  const std::string token = Token(kHeader, "{}");
  const std::string file = folder_.Write("token.jwt", token + "\n");
  const std::string expected = Text({"idt", "inspect"}, token);
  EXPECT_EQ(Text({"idt", "inspect", file}), expected);
  EXPECT_EQ(Text({"idt", "inspect", "-"}, token + "\n"), expected);
}

TEST_F(IdtInspectTest, NeedsNoHome) {
  Text({"idt", "inspect"}, Token(kHeader, "{}"));
  EXPECT_FALSE(std::filesystem::exists(home_));
}

TEST_F(IdtInspectTest, ShowsWhatWouldNotBeAccepted) {
  for (const auto& [header, payload] :
       {std::pair(R"({"alg":"none"})", "{}"),
        std::pair(R"({"alg":"RS256","kid":"k","crit":["b64"]})", "{}"),
        std::pair(R"({})", R"({"exp":0,"sub":["nobody"]})"),
        std::pair(R"({"alg":null})", R"({"a":{"b":[1,2.5,-3,true,null]}})")}) {
    const json document = Json({"idt", "inspect"}, Token(header, payload, ""));
    EXPECT_EQ(document["header"], json::parse(header));
    EXPECT_EQ(document["claims"], json::parse(payload));
    EXPECT_EQ(document["verified"], false);
  }
}

TEST_F(IdtInspectTest, TextOfTheTokenSteersNoTerminal) {
  // A right-to-left reversal, in two parts: compilers warn of a whole one.
  const std::string reversal = std::string("\xe2\x80") + "\xae";
  const std::string token =
      Token(kHeader,
            "{\"sub\":\"\\u001b[31m\\u009b1m\xc2\x9b\x7f" + reversal + "\"}");
  for (const Words& more : std::vector<Words>{{}, {"--json"}}) {
    const Outcome outcome = Run(Words{"idt", "inspect"} + more, token);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_TRUE(IsPlain(outcome.err));
    EXPECT_TRUE(IsPlain(outcome.out)) << outcome.out;
  }
  EXPECT_EQ(Json({"idt", "inspect"}, token)["claims"]["sub"],
            "\x1b[31m\xc2\x9b"
            "1m\xc2\x9b\x7f" +
                reversal);
}

TEST_F(IdtInspectTest, RefusesWhatCannotBeDecoded) {
  const std::string good = Token(kHeader, "{}");
  struct Row {
    std::string token;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {"", "the token is malformed: it is empty"},
           {"a", "the token is malformed: it does not have three parts"},
           {good + ".", "the token is malformed: it does not have three parts"},
           {good + "=",
            "the token is malformed: its signature is not base64url: it has "
            "padding (=)"},
           {good + " ",
            "the token is malformed: its signature is not base64url: it has "
            "white space"},
           {good + "\r\n",
            "the token is malformed: its signature is not base64url: it has a "
            "carriage return"},
           {" " + good,
            "the token is malformed: its header is not base64url: it has white "
            "space"},
           {std::string(1350, 'A') + good.substr(good.find('.')),
            "the token is malformed: its encoded header has 1350 bytes, and "
            "1024 is the limit"},
           {"." + good.substr(good.find('.') + 1),
            "the token is malformed: its header is empty"},
           {Token("[]", "{}"),
            "the header is not a strict JSON object: it is another JSON value"},
           {Token(kHeader, "x"),
            "the payload is not a strict JSON object: it is not well formed"},
           {Token(kHeader, R"({"a":1,"a":2})"),
            "the payload is not a strict JSON object: a member occurs twice"},
           {Token(kHeader, R"({"a":1e400})"),
            "the payload is not a strict JSON object: a number is too large"},
           {Token(kHeader, R"({"a":9223372036854775808})"),
            "the payload is not a strict JSON object: an integer is too large"},
           {std::string(1 << 20, 'A'),
            "the token is malformed: it has more than 8192 bytes"},
       }) {
    ExpectRefusal({"idt", "inspect"}, kParameterInvalid, row.message,
                  row.token);
  }
  ExpectRefusal({"idt", "inspect", "/nonexistent"}, kParameterInvalid,
                "the file '/nonexistent' could not be read: No such file or "
                "directory");
}

}  // namespace
}  // namespace sigtoken::testing
