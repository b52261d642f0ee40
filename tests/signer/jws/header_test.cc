#include "signer/jws/header.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sigtoken {
namespace {

std::string MessageOf(std::string_view text) {
  const Result<JoseHeader> header = ParseJoseHeader(text);
  return header ? "accepted" : header.error().message;
}

TEST(JoseHeaderTest, ReadsTheFourAlgorithms) {
  for (std::string_view name : {"HS256", "HS384", "HS512"}) {
    const auto header =
        ParseJoseHeader(R"({"alg":")" + std::string(name) + "\"}");
    ASSERT_TRUE(header) << name;
    EXPECT_EQ(header->algorithm, FindMacAlgorithm(name));
  }
  const auto none = ParseJoseHeader(R"({"alg":"none"})");
  ASSERT_TRUE(none);
  EXPECT_EQ(none->algorithm, nullptr);
}

TEST(JoseHeaderTest, IsWrittenAsRacfWritesIt) {
  EXPECT_EQ(FormatJoseHeader({&Hs256()}), R"({"alg":"HS256"})");
  EXPECT_EQ(FormatJoseHeader({FindMacAlgorithm("HS512")}),
            R"({"alg":"HS512"})");
  EXPECT_EQ(FormatJoseHeader({nullptr}), R"({"alg":"none"})");
}

TEST(JoseHeaderTest, ReadsWhatItWrites) {
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    const auto header = ParseJoseHeader(FormatJoseHeader({&algorithm}));
    ASSERT_TRUE(header);
    EXPECT_EQ(header->algorithm, &algorithm);
    EXPECT_EQ(header->kid, std::nullopt);
    EXPECT_TRUE(header->kid_is_text);
  }
}

TEST(JoseHeaderTest, IgnoresWhatDoesNotChangeTheCheck) {
  for (std::string_view text : {
           R"({"typ":"JWT","alg":"HS256"})",
           R"({"alg":"HS256","kid":"../../etc/passwd"})",
           R"({"alg":"HS256","kid":"","typ":"","cty":"JWT"})",
           R"({"alg":"HS256","foo":{"crit":[1]}})",
           R"( { "alg" : "HS256" } )",
           R"({"\u0061lg":"HS\u003256"})",
       }) {
    EXPECT_EQ(MessageOf(text), "accepted") << text;
  }
}

TEST(JoseHeaderTest, RefusesOtherAlgorithms) {
  for (std::string_view alg :
       {"None",  "nOnE",  "NONE",   "none ",       "",
        "hs256", "Hs256", "HS256 ", " HS256",      "HS257",
        "HS1",   "RS256", "RS512",  "ES256",       "PS256",
        "EdDSA", "dir",   "A256KW", "HMAC-SHA256", "HS256,none"}) {
    EXPECT_EQ(MessageOf(R"({"alg":")" + std::string(alg) + "\"}"),
              "the header is not one of an identity token: alg is not one of "
              "HS256, HS384, HS512 and none")
        << alg;
  }
}

TEST(JoseHeaderTest, RefusesAnAlgThatIsNotAString) {
  for (std::string_view text :
       {R"({})", R"({"Alg":"HS256"})", R"({"ALG":"HS256"})", R"({"alg":null})",
        R"({"alg":256})", R"({"alg":true})", R"({"alg":["HS256"]})",
        R"({"alg":{"alg":"HS256"}})", R"({"typ":"JWT"})"}) {
    EXPECT_EQ(MessageOf(text),
              "the header is not one of an identity token: alg is missing, or "
              "is not a string")
        << text;
  }
}

TEST(JoseHeaderTest, RefusesMembersThatChangeTheCheck) {
  for (std::string_view member :
       {R"("crit":[])", R"("crit":["exp"])", R"("crit":null)", R"("b64":false)",
        R"("b64":true)", R"("zip":"DEF")", R"("enc":"A256GCM")",
        R"("jwk":{"kty":"oct","k":"AA"})", R"("jku":"https://example.com")",
        R"("x5u":"https://example.com")", R"("x5c":[])", R"("x5t":"AA")",
        R"("x5t#S256":"AA")", R"("\u0063rit":[])"}) {
    const std::string text = R"({"alg":"HS256",)" + std::string(member) + "}";
    EXPECT_EQ(MessageOf(text),
              "the header is not one of an identity token: a member of it "
              "would change how it is checked (crit, b64, zip, enc, jwk, jku, "
              "x5*)")
        << text;
    // Also beside alg none, and whatever the order.
    EXPECT_NE(MessageOf("{" + std::string(member) + R"(,"alg":"none"})"),
              "accepted");
  }
}

TEST(JoseHeaderTest, RefusesATypThatIsNotAString) {
  for (std::string_view value : {"1", "null", "[]", "{}", "true"}) {
    EXPECT_EQ(
        MessageOf(R"({"alg":"HS256","typ":)" + std::string(value) + "}"),
        "the header is not one of an identity token: typ is not a string");
  }
}

// RACF has a code of its own for a kid that is none.
TEST(JoseHeaderTest, SaysWhetherKidIsAString) {
  for (std::string_view value : {"1", "null", "[]", "{}", "true"}) {
    const auto header =
        ParseJoseHeader(R"({"alg":"HS256","kid":)" + std::string(value) + "}");
    ASSERT_TRUE(header);
    EXPECT_FALSE(header->kid_is_text) << value;
    EXPECT_EQ(header->kid, std::nullopt);
  }
  const auto header = ParseJoseHeader(R"({"alg":"HS256","kid":"a"})");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->kid, "a");
}

TEST(JoseHeaderTest, RefusesWhatIsNotStrictJson) {
  EXPECT_EQ(MessageOf(R"({"alg":"none","alg":"HS256"})"),
            "the header is not a strict JSON object: a member occurs twice");
  EXPECT_EQ(MessageOf(R"({"alg":"none","\u0061lg":"HS256"})"),
            "the header is not a strict JSON object: a member occurs twice");
  EXPECT_EQ(MessageOf(R"({"alg":"HS256"}x)"),
            "the header is not a strict JSON object: it is not well formed");
  EXPECT_EQ(MessageOf("\"HS256\""),
            "the header is not a strict JSON object: it is another JSON value");
}

}  // namespace
}  // namespace sigtoken
