#include "signer/idt/inspect.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "signer/jws/compact.h"
#include "tests/signer/vectors.h"

namespace sigtoken {
namespace {

std::string Token(std::string_view header, std::string_view claims) {
  return MakeSigningInput(header, claims) + ".";
}

TEST(InspectIdtTest, ShowsWhatTheTokenSays) {
  const auto vectors = testing::ReadVectors("idt-racf-body.json");
  for (const auto& row : vectors.at("tokens")) {
    const auto shown = InspectIdt(std::string(row.at("token")));
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->header_json,
              R"({"alg":")" + std::string(row.at("alg")) + "\"}");
    EXPECT_EQ(shown->claims_json, std::string(vectors.at("body")));
  }
}

TEST(InspectIdtTest, ChecksNothing) {
  for (std::string_view header :
       {R"({"alg":"RS256","kid":"a"})", R"({"crit":["b64"]})", "{}"}) {
    EXPECT_TRUE(InspectIdt(Token(header, R"({"exp":0})"))) << header;
  }
}

TEST(InspectIdtTest, RefusesWhatCannotBeRead) {
  for (const std::string& token : {
           std::string(),
           std::string("x"),
           std::string("e30.e30"),
           std::string("e30.e30.A"),
           std::string("e30.e30..e30.e30"),
           Token("[]", "{}"),
           Token("{}", "[]"),
           Token("{}", "text"),
           Token(R"({"a":1,"a":1})", "{}"),
           Token("{}", R"({"a":1,"a":1})"),
           Token("{}", "{\"a\":\"\xff\"}"),
           // A payload that is no JSON: RFC 7520, section 4.4.
           std::string(testing::ReadVectors("rfc7520-4.4.json").at("token")),
           std::string(1 << 20, 'A'),
       }) {
    const auto shown = InspectIdt(token);
    ASSERT_FALSE(shown) << token.substr(0, 80);
    EXPECT_EQ(ToIcsf(shown.error()), kParameterInvalid);
  }
}

}  // namespace
}  // namespace sigtoken
