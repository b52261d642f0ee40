#include "signer/jws/compact.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/signer/vectors.h"

namespace sigtoken {
namespace {

std::string MessageOf(std::string_view text) {
  const Result<CompactJws> jws = CompactJws::Parse(text);
  return jws ? "accepted" : jws.error().message;
}

std::string Text(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST(CompactJwsTest, SplitsAndDecodesTheExampleOfRfc7515) {
  const std::string token = testing::ReadVectors("rfc7515-a1.json").at("token");

  const Result<CompactJws> jws = CompactJws::Parse(token);

  ASSERT_TRUE(jws);
  EXPECT_EQ(jws->header(), "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}");
  EXPECT_EQ(jws->payload(),
            "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n "
            "\"http://example.com/is_root\":true}");
  EXPECT_EQ(jws->signature().size(), 32U);
  EXPECT_EQ(Text(jws->signing_input()), token.substr(0, token.rfind('.')));
}

TEST(CompactJwsTest, TakesAnEmptySignature) {
  const Result<CompactJws> jws = CompactJws::Parse("e30.e30.");
  ASSERT_TRUE(jws);
  EXPECT_TRUE(jws->signature().empty());
}

TEST(CompactJwsTest, GivesBackTheTextThatItWasMadeOf) {
  const auto vectors = testing::ReadVectors("idt-racf-body.json");
  for (const auto& row : vectors.at("tokens")) {
    const std::string token = row.at("token");
    const Result<CompactJws> jws = CompactJws::Parse(token);
    ASSERT_TRUE(jws);
    std::string again = MakeSigningInput(jws->header(), jws->payload());
    AppendSignature(again, jws->signature());
    EXPECT_EQ(again, token);
  }
}

TEST(CompactJwsTest, RefusesMalformedText) {
  struct Row {
    std::string_view text;
    std::string_view why;
  };
  constexpr Row kRows[] = {
      {"", "it is empty"},
      {"e30", "it does not have three parts"},
      {"e30.e30", "it does not have three parts"},
      {"e30.e30.AAAA.", "it does not have three parts"},
      {"e30.e30.AAAA.AAAA", "it does not have three parts"},
      {"e30.e30.AAAA.AAAA.AAAA", "it does not have three parts"},
      {"........", "it does not have three parts"},
      {".", "it does not have three parts"},
      {"..", "its header is empty"},
      {".e30.AAAA", "its header is empty"},
      {"e30..AAAA", "its payload is empty"},
      {"e30..", "its payload is empty"},
      {"e30=.e30.AAAA", "its header is not base64url: it has padding (=)"},
      {"e31.e30.AAAA",
       "its header is not base64url: it was cut or changed, its last character "
       "has bits that belong to no byte"},
      {" e30.e30.AAAA", "its header is not base64url: it has white space"},
      {"{}.e30.AAAA",
       "its header is not base64url: it has a character other than A-Z, a-z, "
       "0-9, - and _"},
      {"e30.e3+.AAAA",
       "its payload is not base64url: it has + or /, which base64 has and "
       "base64url has not"},
      {"e30.e3 0.AAAA", "its payload is not base64url: it has white space"},
      {"e30.e30.AAAA\n", "its signature is not base64url: it has white space"},
      {"e30.e30.AAAA ", "its signature is not base64url: it has white space"},
      {"e30.e30.AAAA\r",
       "its signature is not base64url: it has a carriage return"},
      {"e30.e30.AAA=", "its signature is not base64url: it has padding (=)"},
      {"e30.e30.AAAAA",
       "its signature is not base64url: it is not complete, its last character "
       "makes no byte"},
      {"e30.e30.AB",
       "its signature is not base64url: it was cut or changed, its last "
       "character has bits that belong to no byte"},
      // The JSON serialization (RFC 7515, section 7.2) has no place here.
      {R"({"payload":"e30","protected":"e30","signature":"AAAA"})",
       "it does not have three parts"},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(MessageOf(row.text),
              "the token is malformed: " + std::string(row.why));
  }
}

TEST(CompactJwsTest, RefusesNulBytes) {
  EXPECT_EQ(MessageOf(std::string_view("e30.e30.AAA\0", 12)),
            "the token is malformed: its signature is not base64url: it has a "
            "character other than A-Z, a-z, 0-9, - and _");
}

TEST(CompactJwsTest, TakesTheLongestTokenAndRefusesALongerOne) {
  // 8,192 characters: a header of 3, a payload of 8,184 and three around them.
  const std::string token = "e30." + std::string(8184, 'A') + ".AA";
  EXPECT_EQ(MessageOf(token + "A"), "accepted");
  EXPECT_EQ(MessageOf(token + "AA"),
            "the token is malformed: it has more than 8192 bytes");
}

TEST(CompactJwsTest, TakesTheLongestHeaderAndRefusesALongerOne) {
  EXPECT_EQ(MessageOf(std::string(1024, 'A') + ".e30."), "accepted");
  EXPECT_EQ(MessageOf(std::string(1026, 'A') + ".e30."),
            "the token is malformed: its encoded header has 1026 bytes, and "
            "1024 is the limit");
}

TEST(CompactJwsTest, RefusesAMebibyteForItsSizeAlone) {
  for (const char c : {'.', 'A', '\0'}) {
    EXPECT_EQ(MessageOf(std::string(1 << 20, c)),
              "the token is malformed: it has more than 8192 bytes");
  }
}

TEST(CompactJwsTest, RefusalsAreParameterErrors) {
  const Result<CompactJws> jws = CompactJws::Parse("x");
  ASSERT_FALSE(jws);
  EXPECT_EQ(ToIcsf(jws.error()), kParameterInvalid);
}

}  // namespace
}  // namespace sigtoken
