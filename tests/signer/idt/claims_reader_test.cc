#include "signer/idt/claims_reader.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "signer/idt/claims_writer.h"
#include "tests/signer/vectors.h"

namespace sigtoken {
namespace {

std::string RacfBody() {
  return testing::ReadVectors("idt-racf-body.json").at("body");
}

// RACF's body with the claim `name` having `value`, a JSON text.
std::string With(std::string_view name, std::string_view value) {
  auto body = nlohmann::ordered_json::parse(RacfBody());
  body[std::string(name)] = nullptr;
  std::string text = body.dump();
  const std::string null = "\"" + std::string(name) + "\":null";
  text.replace(text.find(null) + null.size() - 4, 4, value);
  return text;
}

std::string Without(std::string_view name) {
  auto body = nlohmann::ordered_json::parse(RacfBody());
  body.erase(std::string(name));
  return body.dump();
}

JsonObject Json(std::string_view text) {
  Result<JsonObject> json = JsonObject::Parse(text, "the payload");
  EXPECT_TRUE(json) << text;
  return *std::move(json);
}

// "accepted", or the code's text.
template <typename T>
std::string CodeOf(const Checked<T>& checked) {
  const auto* refusal = std::get_if<TokenRefusal>(&checked);
  if (refusal == nullptr) return "accepted";
  EXPECT_FALSE(refusal->reason.empty());
  return FormatRacfCode(RacfSurface::kRacroute, refusal->code);
}

// Of both looks at them.
std::string ReadCode(std::string_view text) {
  const auto read = ReadClaims(Json(text));
  const auto* claims = std::get_if<Claims>(&read);
  if (claims == nullptr) return CodeOf(read);
  const auto refusal = CheckValues(*claims);
  return refusal ? CodeOf(Checked<Claims>(*refusal)) : "accepted";
}

TEST(ClaimsReaderTest, ReadsTheBodyOfRacf) {
  const auto read = ReadClaims(Json(RacfBody()));
  const auto* claims = std::get_if<Claims>(&read);
  ASSERT_NE(claims, nullptr);
  Claims expected;
  expected.jti = "00E04D2A63558772960000000B500001";
  expected.txn = "00E04D2A63558772960000000B500001";
  expected.iss = "saf";
  expected.sub = "RACFU01";
  expected.aud = {"TSOIM13", "*ANYAPPL*"};
  expected.iat = {1736963652, 0};
  expected.exp = {1736963952, 0};
  expected.amr = {"saf-pwd"};
  EXPECT_EQ(*claims, expected);
  EXPECT_EQ(WriteClaims(*claims), RacfBody());
}

TEST(ClaimsReaderTest, TakesWhatTheDocumentAllows) {
  for (const std::string& text : {
           With("aud", R"("TSOIM13")"),
           With("aud", R"(["A","B","C"])"),
           With("iat", "1736963652.473"),
           With("exp", "1.736963952e9"),
           With("exp", "0"),
           With("exp", "253402300799"),
           With("iat", "9999999999"),
           With("jti", R"("12345678")"),
           With("txn", "\"" + std::string(64, 'x') + "\""),
           With("amr", R"(["mfa-comp","saf-phr"])"),
           With("amr", R"(["mfa-exp"])"),
           With("sub", R"("@#$")"),
           With("nbf", "99999999999"),
           With("nbf", R"("never")"),
           With("role", R"({"admin":[true]})"),
           // 8 characters of two bytes each, and 64 of them.
           With("jti", R"("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9")"),
       }) {
    EXPECT_EQ(ReadCode(text), "accepted") << text;
  }
}

TEST(ClaimsReaderTest, KeepsFractionsOfASecond) {
  const auto read = ReadClaims(Json(With("exp", "1486744112.5")));
  ASSERT_TRUE(std::holds_alternative<Claims>(read));
  EXPECT_EQ(std::get<Claims>(read).exp, (NumericDate{1486744112, 500'000'000}));
}

TEST(ClaimsReaderTest, RefusesATokenThatLacksAClaim) {
  for (std::string_view name :
       {"jti", "txn", "iss", "sub", "aud", "iat", "exp", "amr"}) {
    EXPECT_EQ(ReadCode(Without(name)), "8/6C/A05") << name;
  }
  EXPECT_EQ(ReadCode("{}"), "8/6C/A05");
}

TEST(ClaimsReaderTest, RefusesValuesOfTheWrongTypeOrRange) {
  struct Row {
    std::string_view name;
    std::vector<std::string_view> values;
    std::string_view code;
  };
  const std::vector<Row> rows = {
      {"iss", {"1", "null", R"(["saf"])", "{}"}, "8/6C/A06"},
      {"iss",
       {R"("SAF")", R"("Saf")", R"("saf ")", R"("")", R"("racf")"},
       "8/6C/A03"},
      {"sub",
       {"1", "null", R"(["RACFU01"])", R"("")", R"("racfu01")",
        R"("RACFU0123")", R"("A B")", R"("A.B")", R"("*")", R"("\u00c4")",
        R"("A\nB")"},
       "8/6C/A06"},
      {"aud",
       {"1", "null", "true", "{}", "[]", R"([1])", R"(["A",1])", R"([["A"]])",
        R"([null])"},
       "8/6C/A06"},
      {"iat",
       {R"("1736963652")", "null", "-1", "-0.5", "253402300800",
        "253402300799.5", "9223372036854775807", "1e300", "[1]", "true"},
       "8/6C/A06"},
      {"exp",
       {R"("1736963652")", "null", "-1", "-0.5", "253402300800",
        "253402300799.5", "9223372036854775807", "1e300", "[1]", "true",
        R"("9999999999")", "-9223372036854775808"},
       "8/6C/A06"},
      {"jti",
       {"1", "null", R"("")", R"("1234567")", R"(["12345678"])",
        R"("\u00e9\u00e9\u00e9\u00e9")",
        R"("12345678901234567890123456789012345678901234567890123456789012345")"},
       "8/6C/A08"},
      {"txn",
       {"1", "null", R"("")", R"("1234567")", R"(["12345678"])",
        R"("12345678901234567890123456789012345678901234567890123456789012345")"},
       "8/6C/A09"},
      {"amr",
       {"1", "null", R"("saf-pwd")", "[]", R"([1])", R"(["saf-pwd",1])",
        R"(["pwd"])", R"(["mfa-comp"])", R"(["saf-acee","saf-pwd"])",
        R"(["saf-pwd","saf-pwd"])", "{}"},
       "8/6C/A0A"},
  };
  for (const Row& row : rows) {
    for (std::string_view value : row.values) {
      EXPECT_EQ(ReadCode(With(row.name, value)), row.code)
          << row.name << " " << value;
    }
  }
}

TEST(ClaimsReaderTest, TheSubjectNeedsOnlyIssuerAndSubject) {
  const auto subject = ReadSubject(Json(R"({"iss":"saf","sub":"USER01"})"));
  ASSERT_TRUE(std::holds_alternative<std::string>(subject));
  EXPECT_EQ(std::get<std::string>(subject), "USER01");
}

TEST(ClaimsReaderTest, TheSubjectIsRefusedWithABadIssuerOrSubject) {
  struct Row {
    std::string_view text;
    std::string_view code;
  };
  constexpr Row kRows[] = {
      {R"({})", "8/6C/A05"},
      {R"({"iss":"saf"})", "8/6C/A05"},
      {R"({"sub":"USER01"})", "8/6C/A05"},
      {R"({"iss":"SAF","sub":"USER01"})", "8/6C/A03"},
      {R"({"iss":null,"sub":"USER01"})", "8/6C/A06"},
      {R"({"iss":"saf","sub":"user01"})", "8/6C/A06"},
      {R"({"iss":"saf","sub":7})", "8/6C/A06"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(CodeOf(ReadSubject(Json(row.text))), row.code) << row.text;
  }
}

}  // namespace
}  // namespace sigtoken
