#include "signer/idt/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/signer/software_key.h"
#include "tests/signer/vectors.h"

namespace sigtoken {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using testing::SoftwareKey;

constexpr std::string_view kHeader = R"({"alg":"HS256"})";
constexpr std::int64_t kIat = 1736963652;
constexpr std::int64_t kExp = 1736963952;
Instant At(std::int64_t seconds) { return {seconds * 1'000'000'000}; }

std::string CodeOf(const ValidateResult& result) {
  return FormatRacfCode(RacfSurface::kRacroute, result.code);
}

class ValidateIdtTest : public ::testing::Test {
 protected:
  // The token of RACF's body, one second before it expires.
  ValidateRequest Request() {
    ValidateRequest request;
    request.token = Vector("HS256");
    request.appl = "TSOIM13";
    request.at = At(kExp - 1);
    request.key.named = key_.Source();
    return request;
  }

  ValidateRequest Request(std::string_view header, std::string_view payload) {
    ValidateRequest request = Request();
    request.token = key_.Token(header, payload);
    return request;
  }

  std::string Vector(std::string_view algorithm) const {
    for (const auto& row : vectors_.at("tokens")) {
      if (row.at("alg") == algorithm) return row.at("token");
    }
    return "";
  }

  std::string Body() const { return vectors_.at("body"); }

  std::string BodyWith(std::string_view old, std::string_view text) const {
    std::string body = Body();
    return body.replace(body.find(old), old.size(), text);
  }

  const nlohmann::json vectors_ = testing::ReadVectors("idt-racf-body.json");
  SoftwareKey key_{testing::FromHex(std::string(vectors_.at("key_hex")))};
};

void ExpectNothingOfTheToken(const ValidateResult& result) {
  EXPECT_FALSE(result.valid);
  EXPECT_EQ(result.user, "");
  EXPECT_EQ(result.claims_json, "");
  EXPECT_FALSE(result.claims);
  EXPECT_THAT(result.notes, IsEmpty());
}

TEST_F(ValidateIdtTest, TakesTheTokenOfRacfForItsUser) {
  ValidateRequest request = Request();
  request.user = "RACFU01";
  const ValidateResult result = ValidateIdt(request);
  EXPECT_TRUE(result.valid);
  EXPECT_EQ(CodeOf(result), "0/0/0");
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_EQ(result.user, "RACFU01");
  EXPECT_EQ(result.claims_json, Body());
  EXPECT_EQ(result.claims->txn, "00E04D2A63558772960000000B500001");
  EXPECT_THAT(result.notes, IsEmpty());
  EXPECT_FALSE(result.error);
}

TEST_F(ValidateIdtTest, TakesEachAlgorithmWithItsKey) {
  for (std::string_view algorithm : {"HS256", "HS384", "HS512"}) {
    SoftwareKey key(testing::FromHex(std::string(vectors_.at("key_hex"))),
                    algorithm);
    ValidateRequest request = Request();
    request.token = Vector(algorithm);
    request.key.named = key.Source();
    EXPECT_TRUE(ValidateIdt(request).valid) << algorithm;
  }
}

TEST_F(ValidateIdtTest, RefusesATokenOfAnotherAlgorithmAsABadSignature) {
  for (std::string_view algorithm : {"HS384", "HS512"}) {
    ValidateRequest request = Request();
    request.token = Vector(algorithm);
    const ValidateResult result = ValidateIdt(request);
    EXPECT_EQ(CodeOf(result), "8/8/0");
    EXPECT_EQ(result.exit_status, 4);
    EXPECT_EQ(result.icsf, std::nullopt);
    ExpectNothingOfTheToken(result);
  }
  EXPECT_EQ(key_.operations, 0);
}

TEST_F(ValidateIdtTest, RefusesASignatureThatDoesNotFit) {
  const std::string good = Vector("HS256");
  const std::string signed_part = good.substr(0, good.rfind('.'));
  const SoftwareKey other(std::vector<std::uint8_t>(32, 7));
  for (const std::string& token : {
           signed_part + ".",
           signed_part + ".AAAA",
           good.substr(0, good.size() - 4) + "AAAA",
           signed_part + "." + EncodeBase64Url(AsBytes(std::string(31, 'x'))),
           signed_part + "." + EncodeBase64Url(AsBytes(std::string(64, 'x'))),
           good + "AAAA",  // the MAC, and three bytes more
           other.Token(kHeader, Body()),
           // The claims of one token with the signature of another.
           MakeSigningInput(kHeader, BodyWith("RACFU01", "ROOT")) +
               good.substr(good.rfind('.')),
       }) {
    ValidateRequest request = Request();
    request.token = token;
    const ValidateResult result = ValidateIdt(request);
    EXPECT_EQ(CodeOf(result), "8/8/0") << token;
    EXPECT_EQ(result.exit_status, 4);
    EXPECT_EQ(result.icsf, kMacNotVerified);
    ExpectNothingOfTheToken(result);
  }
}

TEST_F(ValidateIdtTest, RefusesAnUnsignedTokenFromAnEndUser) {
  ValidateRequest request = Request();
  request.token = Vector("none");
  const ValidateResult result = ValidateIdt(request);
  EXPECT_EQ(CodeOf(result), "8/6C/14");
  EXPECT_EQ(result.exit_status, 4);
  ExpectNothingOfTheToken(result);
  EXPECT_EQ(key_.lookups, 0);
}

TEST_F(ValidateIdtTest, RefusesAnUnsignedTokenWhereAKeyWasNamed) {
  ValidateRequest request = Request();
  request.token = Vector("none");
  request.end_user = false;
  const ValidateResult result = ValidateIdt(request);
  EXPECT_EQ(CodeOf(result), "8/6C/A02");
  EXPECT_EQ(result.exit_status, 4);
  ExpectNothingOfTheToken(result);
}

TEST_F(ValidateIdtTest, AnswersClassNotActiveWithoutAKey) {
  for (const char* token : {"", "x", "e30.e30."}) {
    ValidateRequest request = Request();
    request.token = token;
    request.key.named = nullptr;
    const ValidateResult result = ValidateIdt(request);
    EXPECT_EQ(CodeOf(result), "8/6C/1A");
    EXPECT_EQ(result.exit_status, 4);
    EXPECT_FALSE(result.error);
  }
}

TEST_F(ValidateIdtTest, RefusesMalformedTokensBeforeItLooksForTheKey) {
  const std::string good = Vector("HS256");
  const std::string deep(4000, '[');
  for (const std::string& token : {
           std::string(),
           std::string("x"),
           std::string("."),
           std::string("..."),
           std::string(1 << 20, '.'),
           std::string(1 << 20, 'A'),
           good + "\n",
           good + ".",
           " " + good,
           good + "=",
           key_.Token(R"({"alg":"None"})", Body()),
           key_.Token(R"({"alg":"nOnE"})", Body()),
           key_.Token(R"({"alg":"RS256"})", Body()),
           key_.Token(R"({"alg":"hs256"})", Body()),
           key_.Token(R"({})", Body()),
           key_.Token(R"({"alg":"HS256","crit":["exp"]})", Body()),
           key_.Token(R"({"alg":"HS256","b64":false})", Body()),
           key_.Token(R"({"alg":"HS256","zip":"DEF"})", Body()),
           key_.Token(R"({"alg":"HS256","enc":"A256GCM"})", Body()),
           key_.Token(R"({"alg":"HS256","jwk":{}})", Body()),
           key_.Token(R"({"alg":"HS256","jku":"x"})", Body()),
           key_.Token(R"({"alg":"HS256","x5c":[]})", Body()),
           key_.Token(R"({"alg":"none","alg":"HS256"})", Body()),
           key_.Token(R"({"alg":"HS256"})" + std::string(1000, ' '), Body()),
           key_.Token(R"({"alg":"none"})", Body()),  // with a signature
           key_.Token(kHeader, "text"),
           key_.Token(kHeader, "[]"),
           key_.Token(kHeader, Body() + "x"),
           key_.Token(kHeader, R"({"iss":"saf","sub":"A","sub":"B"})"),
           key_.Token(kHeader, R"({"iss":"saf","sub":"A\u0000"})"),
           key_.Token(kHeader, "\xef\xbb\xbf" + Body()),
           key_.Token(kHeader, R"({"iss":"saf","sub":"A","exp":1e400})"),
           key_.Token(kHeader, R"({"a":)" + deep + "}"),
       }) {
    ValidateRequest request = Request();
    request.token = token;
    const ValidateResult result = ValidateIdt(request);
    EXPECT_EQ(CodeOf(result), "8/6C/A01") << token.substr(0, 200);
    EXPECT_EQ(result.exit_status, 4);
    EXPECT_FALSE(result.error);
    ExpectNothingOfTheToken(result);
  }
  EXPECT_EQ(key_.lookups, 0);
}

TEST_F(ValidateIdtTest, JudgesIssuerAndUserBeforeItLooksForTheKey) {
  struct Row {
    std::string_view payload;
    std::string_view code;
  };
  constexpr Row kRows[] = {
      {R"({"iss":"other","sub":"RACFU01"})", "8/6C/A03"},
      {R"({"sub":"RACFU01"})", "8/6C/A05"},
      {R"({"iss":"saf"})", "8/6C/A05"},
      {R"({"iss":"saf","sub":"racfu01"})", "8/6C/A06"},
      {R"({"iss":"saf","sub":"OTHER"})", "8/6C/A04"},
  };
  for (const Row& row : kRows) {
    ValidateRequest request = Request(kHeader, row.payload);
    request.user = "RACFU01";
    const ValidateResult result = ValidateIdt(request);
    EXPECT_EQ(CodeOf(result), row.code) << row.payload;
    ExpectNothingOfTheToken(result);
  }
  EXPECT_EQ(key_.lookups, 0);
}

TEST_F(ValidateIdtTest, JudgesTheOtherClaimsAfterTheMac) {
  struct Row {
    std::string_view old;
    std::string_view text;
    std::string_view code;
  };
  constexpr Row kRows[] = {
      {R"("jti":"00E04D2A63558772960000000B500001",)", "", "8/6C/A05"},
      {"1736963952", "\"1736963952\"", "8/6C/A06"},
      {"1736963952", "253402300800", "8/6C/A06"},
      {R"(["TSOIM13","*ANYAPPL*"])", "[]", "8/6C/A06"},
      {R"(["TSOIM13","*ANYAPPL*"])", R"(["OTHER"])", "8/6C/A07"},
      {R"(["TSOIM13","*ANYAPPL*"])", R"("tsoim13")", "8/6C/A07"},
      {R"("jti":"00E0)", R"("jti":"1","x":"00E0)", "8/6C/A08"},
      {R"("txn":"00E0)", R"("txn":"1","x":"00E0)", "8/6C/A09"},
      {"saf-pwd", "mfa-comp", "8/6C/A0A"},
      {"1736963952", "1736963950", "8/6C/F"},
      {"1736963952", "0", "8/6C/F"},
  };
  for (const Row& row : kRows) {
    const std::string body = BodyWith(row.old, row.text);
    const ValidateResult result = ValidateIdt(Request(kHeader, body));
    EXPECT_EQ(CodeOf(result), row.code) << body;
    EXPECT_EQ(result.exit_status, 4);
    // The MAC fitted, so the token may be shown.
    EXPECT_FALSE(result.valid);
    EXPECT_EQ(result.user, "RACFU01");
    EXPECT_EQ(result.claims_json, body);
    EXPECT_FALSE(result.claims);
  }
}

TEST_F(ValidateIdtTest, ATokenIsValidUntilTheSecondOfExp) {
  ValidateRequest request = Request();
  request.at = At(kExp);
  EXPECT_TRUE(ValidateIdt(request).valid);
  request.at.nanoseconds += 1;
  EXPECT_EQ(CodeOf(ValidateIdt(request)), "8/6C/F");
}

TEST_F(ValidateIdtTest, ExpHasFractions) {
  ValidateRequest request =
      Request(kHeader, BodyWith("1736963952", "1736963952.5"));
  request.at = {kExp * 1'000'000'000 + 500'000'000};
  EXPECT_TRUE(ValidateIdt(request).valid);
  request.at.nanoseconds += 1;
  EXPECT_EQ(CodeOf(ValidateIdt(request)), "8/6C/F");
}

TEST_F(ValidateIdtTest, NotesAnIatInTheFuture) {
  ValidateRequest request = Request();
  request.at = At(kIat - 1);
  const ValidateResult result = ValidateIdt(request);
  EXPECT_TRUE(result.valid);
  EXPECT_THAT(result.notes, SizeIs(1));
}

TEST_F(ValidateIdtTest, TheAudienceIsTheApplicationOrAnyAppl) {
  struct Row {
    std::string_view audience;
    std::optional<std::string> appl;
    bool valid;
  };
  const Row rows[] = {
      {R"(["TSOIM13"])", "TSOIM13", true},
      {R"("TSOIM13")", "TSOIM13", true},
      {R"(["CICS","TSOIM13"])", "TSOIM13", true},
      {R"(["TSOIM13","*ANYAPPL*"])", "CICS", true},
      {R"("*ANYAPPL*")", "CICS", true},
      {R"(["TSOIM13"])", "CICS", false},
      {R"(["TSOIM13"])", std::nullopt, false},
      {R"(["MYAPPL"])", std::nullopt, true},
      {R"(["*anyappl*"])", "CICS", false},
      {R"(["*"])", "CICS", false},
      {R"([""])", "CICS", false},
      {R"(["CICS "])", "CICS", false},
  };
  for (const Row& row : rows) {
    ValidateRequest request =
        Request(kHeader, BodyWith(R"(["TSOIM13","*ANYAPPL*"])", row.audience));
    request.appl = row.appl;
    request.default_appl = "MYAPPL";
    EXPECT_EQ(ValidateIdt(request).valid, row.valid) << row.audience;
  }
}

TEST_F(ValidateIdtTest, IsUndecidedWithoutTheModule) {
  for (CK_RV rv : {CKR_DEVICE_ERROR, CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT,
                   CKR_GENERAL_ERROR, CK_RV{0x80000123}}) {
    for (const bool lookup : {true, false}) {
      SoftwareKey key({1, 2, 3});
      (lookup ? key.lookup_error : key.operation_error) =
          Error{rv, "C_Sign", "the device failed", ""};
      ValidateRequest request = Request();
      request.key.named = key.Source();
      const ValidateResult result = ValidateIdt(request);
      EXPECT_EQ(CodeOf(result), "8/6C/A0B");
      EXPECT_EQ(result.exit_status, 12);
      EXPECT_EQ(result.reason, "not decided: the device failed");
      ASSERT_TRUE(result.error);
      EXPECT_EQ(result.error->rv, rv);
      ExpectNothingOfTheToken(result);
    }
  }
}

TEST_F(ValidateIdtTest, IsUndecidedWithoutAUsableKey) {
  for (const IcsfCode icsf :
       {kTokenNotFound, kObjectNotFound, kNotAuthorized,
        kKeyFunctionNotPermitted, kObjectDisabled, IcsfCode{12, 8}}) {
    SoftwareKey key({1, 2, 3});
    key.lookup_error = Refusal(icsf, CKR_KEY_HANDLE_INVALID, "no key", "");
    ValidateRequest request = Request();
    request.key.named = key.Source();
    const ValidateResult result = ValidateIdt(request);
    EXPECT_EQ(CodeOf(result), "8/6C/A0C");
    EXPECT_EQ(result.exit_status, 12);
    ExpectNothingOfTheToken(result);
  }
}

TEST_F(ValidateIdtTest, RefusesParametersThatAreNotValid) {
  ValidateRequest appl = Request();
  appl.appl = "tsoim13";
  ValidateRequest user = Request();
  user.user = "TOOLONG01";
  ValidateRequest default_appl = Request();
  default_appl.appl.reset();
  default_appl.default_appl = "";
  for (const ValidateRequest& request : {appl, user, default_appl}) {
    const ValidateResult result = ValidateIdt(request);
    EXPECT_EQ(CodeOf(result), "8/70/A01");
    EXPECT_EQ(result.exit_status, 8);
    EXPECT_TRUE(result.error);
    ExpectNothingOfTheToken(result);
  }
  EXPECT_EQ(key_.lookups, 0);
}

TEST_F(ValidateIdtTest, ReasonsRepeatNothingOfATokenThatIsNotVerified) {
  for (const std::string& token : {
           key_.Token(R"({"alg":"FORGED"})", Body()),
           key_.Token(R"({"alg":"HS256","FORGED":1,"FORGED":2})", Body()),
           key_.Token(kHeader, R"({"iss":"FORGED","sub":"A"})"),
           key_.Token(kHeader, R"({"iss":"saf","sub":"FORGED"})") + "AAAA",
           std::string("FORGED.FORGED!.FORGED"),
       }) {
    ValidateRequest request = Request();
    request.token = token;
    const ValidateResult result = ValidateIdt(request);
    EXPECT_THAT(result.reason, Not(HasSubstr("FORGED")));
    ExpectNothingOfTheToken(result);
  }
}

}  // namespace
}  // namespace sigtoken
