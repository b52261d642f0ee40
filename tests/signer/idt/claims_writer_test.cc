#include "signer/idt/claims_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/signer/vectors.h"

namespace sigtoken {
namespace {

Claims RacfClaims() {
  Claims claims;
  claims.jti = "00E04D2A63558772960000000B500001";
  claims.txn = "00E04D2A63558772960000000B500001";
  claims.iss = "saf";
  claims.sub = "RACFU01";
  claims.aud = {"TSOIM13", "*ANYAPPL*"};
  claims.iat = {1736963652, 0};
  claims.exp = {1736963952, 0};
  claims.amr = {"saf-pwd"};
  return claims;
}

TEST(ClaimsWriterTest, WritesTheBodyOfRacfToTheByte) {
  const std::string body =
      testing::ReadVectors("idt-racf-body.json").at("body");
  EXPECT_EQ(WriteClaims(RacfClaims()), body);
}

TEST(ClaimsWriterTest, WritesOneAudienceAsAnArray) {
  Claims claims = RacfClaims();
  claims.aud = {"TSOIM13"};
  claims.amr = {"mfa-comp", "saf-pwd"};
  EXPECT_EQ(WriteClaims(claims),
            R"({"jti":"00E04D2A63558772960000000B500001",)"
            R"("txn":"00E04D2A63558772960000000B500001",)"
            R"("iss":"saf","sub":"RACFU01","aud":["TSOIM13"],)"
            R"("iat":1736963652,"exp":1736963952,)"
            R"("amr":["mfa-comp","saf-pwd"]})");
}

TEST(ClaimsWriterTest, WritesWholeSeconds) {
  Claims claims = RacfClaims();
  claims.iat.nanoseconds = 106'359'000;
  EXPECT_EQ(WriteClaims(claims), WriteClaims(RacfClaims()));
}

TEST(ClaimsWriterTest, KnowsWhatNeedsAnEscape) {
  for (std::string_view text : {"", "abcXYZ019", "*ANYAPPL*", "@#$ ~/'"}) {
    EXPECT_TRUE(NeedsNoEscape(text)) << text;
  }
  for (std::string_view text :
       {"\"", "\\", "a\"b", "\n", "\x1f", "\x7f", "\xc3\xa9"}) {
    EXPECT_FALSE(NeedsNoEscape(text)) << text;
  }
  EXPECT_FALSE(NeedsNoEscape(std::string_view("\0", 1)));
}

}  // namespace
}  // namespace sigtoken
