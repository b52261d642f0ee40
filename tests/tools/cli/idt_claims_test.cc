// Tokens that are signed as they should be, and claim what they should not.

#include <string>

#include "tests/tools/command_line.h"
#include "tests/tools/identity_token.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

class IdtClaimsTest : public CommandLineTest {
 protected:
  IdtClaimsTest() { WithKey(); }

  Outcome Validate(const std::string& payload) const {
    return Run({"idt", "validate", "--key", kKey, "--alg", "HS256", "--at",
                "1736963652", "--json"},
               Sign(kHeader, payload));
  }
  void ExpectRefused(const std::string& payload,
                     const std::string& code) const {
    SCOPED_TRACE(payload.substr(0, 300));
    const Outcome outcome = Validate(payload);
    EXPECT_EQ(outcome.status, 4) << outcome.err;
    const json document = outcome.json();
    EXPECT_EQ(document["valid"], false);
    EXPECT_EQ(document["saf_rc"], 8);
    EXPECT_EQ(document["racf_rc"], 0x6C);
    EXPECT_EQ(document["code"], code) << outcome.err;
    EXPECT_TRUE(IsPlain(outcome.err)) << outcome.err;
  }
  void ExpectValid(const std::string& payload) const {
    SCOPED_TRACE(payload.substr(0, 300));
    const Outcome outcome = Validate(payload);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.json()["claims"], json::parse(payload));
  }
};

TEST_F(IdtClaimsTest, AllEightAreRequired) {
  for (const auto& [name, text] : RacfClaims()) {
    ExpectRefused(Payload(With(name, "")), "8/6C/A05");
  }
  ExpectRefused("{}", "8/6C/A05");
}

struct Row {
  const char* name;
  std::string text;
  const char* code;
};

TEST_F(IdtClaimsTest, AClaimOfAnotherTypeIsRefused) {
  for (const auto& [name, code] :
       {std::pair("jti", "8/6C/A08"), std::pair("txn", "8/6C/A09"),
        std::pair("iss", "8/6C/A06"), std::pair("sub", "8/6C/A06"),
        std::pair("aud", "8/6C/A06"), std::pair("iat", "8/6C/A06"),
        std::pair("exp", "8/6C/A06"), std::pair("amr", "8/6C/A0A")}) {
    for (const char* text :
         {"null", "true", "{}", "[]", "[1]", "[[\"saf\"]]"}) {
      ExpectRefused(Payload(With(name, text)), code);
    }
  }
}

TEST_F(IdtClaimsTest, AValueOutOfItsRangeIsRefused) {
  const std::string sixty_five = "\"" + std::string(65, 'x') + "\"";
  for (const Row& row : std::vector<Row>{
           {"jti", R"("1234567")", "8/6C/A08"},
           {"jti", R"("")", "8/6C/A08"},
           {"jti", sixty_five, "8/6C/A08"},
           {"jti", "12345678", "8/6C/A08"},
           {"txn", R"("1234567")", "8/6C/A09"},
           {"txn", sixty_five, "8/6C/A09"},
           {"iss", R"("SAF")", "8/6C/A03"},
           {"iss", R"("saf ")", "8/6C/A03"},
           {"iss", R"("")", "8/6C/A03"},
           {"iss", R"("https://issuer.example")", "8/6C/A03"},
           {"sub", R"("")", "8/6C/A06"},
           {"sub", R"("racfu01")", "8/6C/A06"},
           {"sub", R"("RACFU0123")", "8/6C/A06"},
           {"sub", R"("RACF*")", "8/6C/A06"},
           {"sub", R"("A.B")", "8/6C/A06"},
           {"sub", R"("A ")", "8/6C/A06"},
           {"sub", R"("\u001b[31m")", "8/6C/A06"},
           {"aud", R"(["TSOIM13",1])", "8/6C/A06"},
           {"aud", R"("tsoim13")", "8/6C/A07"},
           {"aud", R"("*anyappl*")", "8/6C/A07"},
           {"aud", R"("*")", "8/6C/A07"},
           {"aud", R"("")", "8/6C/A07"},
           {"iat", R"("1736963652")", "8/6C/A06"},
           {"iat", "-1", "8/6C/A06"},
           {"iat", "253402300800", "8/6C/A06"},
           {"exp", R"("1736963952")", "8/6C/A06"},
           {"exp", "-1", "8/6C/A06"},
           {"exp", "-0.5", "8/6C/A06"},
           {"exp", "253402300800", "8/6C/A06"},
           {"exp", "1e300", "8/6C/A06"},
           {"exp", "9223372036854775807", "8/6C/A06"},
           {"exp", "-9223372036854775808", "8/6C/A06"},
           {"exp", "0", "8/6C/F"},
           {"exp", "1736963651", "8/6C/F"},
           {"exp", "1736963651.999", "8/6C/F"},
           {"amr", R"("saf-pwd")", "8/6C/A0A"},
           {"amr", R"(["saf-pwd",1])", "8/6C/A0A"},
           {"amr", R"(["SAF-PWD"])", "8/6C/A0A"},
           {"amr", R"(["pwd"])", "8/6C/A0A"},
           {"amr", R"([""])", "8/6C/A0A"},
           {"amr", R"(["saf-pwd","saf-phr"])", "8/6C/A0A"},
           {"amr", R"(["saf-pwd","saf-pwd"])", "8/6C/A0A"},
           {"amr", R"(["saf-acee","saf-pwd"])", "8/6C/A0A"},
           {"amr", R"(["mfa-comp"])", "8/6C/A0A"},
           {"amr", R"(["mfa-comp","saf-ptkt"])", "8/6C/A0A"},
           {"amr", R"(["mfa-bypass"])", "8/6C/A0A"},
       }) {
    ExpectRefused(Payload(With(row.name, row.text)), row.code);
  }
}

TEST_F(IdtClaimsTest, NumbersThatNoProgramReadsAlikeAreMalformed) {
  for (const char* name : {"iat", "exp"}) {
    for (const char* number :
         {"1e400", "-1e400", "9223372036854775808", "18446744073709551615",
          "18446744073709551616", "NaN", "Infinity", "01736963952",
          "+1736963952", "1736963952.", ".5", "0x67881234", "1_000"}) {
      ExpectRefused(Payload(With(name, number)), "8/6C/A01");
    }
  }
}

TEST_F(IdtClaimsTest, APayloadThatIsNoStrictJsonIsMalformed) {
  const std::string good = Payload(RacfClaims());
  const std::string open = good.substr(0, good.size() - 1);
  std::string many = open;
  for (int i = 0; i < 64; ++i) many += ",\"m" + std::to_string(i) + "\":0";
  for (const std::string& payload : std::vector<std::string>{
           open,
           good + "x",
           good + good,
           good + std::string(1, '\0'),
           "[" + good + "]",
           "null",
           "\"" + std::string("saf") + "\"",
           " ",
           "\xef\xbb\xbf" + good,
           open + R"(,"sub":"IBMUSER"})",
           open + R"(,"s\u0075b":"IBMUSER"})",
           open + R"(,"exp":9999999999})",
           open + R"(,"a":)" + std::string(8, '[') + std::string(8, ']') + "}",
           open + R"(,"a":)" + std::string(3'000, '[') + "}",
           open + R"(,"a":")"
                  "\xff"
                  R"("})",
           open + R"(,"a":"\ud800"})",
           open + R"(,"a":"\udc00"})",
           open + R"(,"a":"\u0000"})",
           open + R"(,"\u0000":1})",
           open + ",\"a\":\"\n\"}",
           open + R"(,"a":1e999})",
           open + R"(,"a":18446744073709551616})",
           open + R"(,"a":1,"a":1})",
           open + R"(,"a":{"b":1,"b":2}})",
           many + "}",
       }) {
    ExpectRefused(payload, "8/6C/A01");
  }
}

TEST_F(IdtClaimsTest, WhatTheStandardsAllowIsValid) {
  const std::string good = Payload(RacfClaims());
  const std::string open = good.substr(0, good.size() - 1);
  ExpectValid(good);
  ExpectValid(open + R"(,"nbf":9999999999,"unknown":{"a":[1.5,null]}})");
  ExpectValid(" {\n" + good.substr(1));
  ExpectValid(Payload(With("jti", R"("12345678")")));
  ExpectValid(Payload(With("txn", "\"" + std::string(64, 'x') + "\"")));
  ExpectValid(Payload(With("aud", R"("OMVSAPPL")")));
  ExpectValid(Payload(With("aud", R"("*ANYAPPL*")")));
  ExpectValid(Payload(With("sub", R"("A#@$1234")")));
  ExpectValid(Payload(With("exp", "1736963652")));
  ExpectValid(Payload(With("exp", "1736963652.0")));
  ExpectValid(Payload(With("exp", "1.736963952e9")));
  ExpectValid(Payload(With("exp", "253402300799")));
  ExpectValid(Payload(With("iat", "0")));
  ExpectValid(Payload(With("iat", "1736963652.473")));
  ExpectValid(Payload(With("amr", R"(["mfa-comp","saf-phr"])")));
  ExpectValid(Payload(With("amr", R"(["saf-acee"])")));
}

}  // namespace
}  // namespace sigtoken::testing
