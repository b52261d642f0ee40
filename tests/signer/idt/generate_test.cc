#include "signer/idt/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "signer/idt/inspect.h"
#include "signer/idt/validate.h"
#include "tests/signer/software_key.h"
#include "tests/signer/vectors.h"

namespace sigtoken {
namespace {

using ::testing::MatchesRegex;
using testing::SoftwareKey;
using ::testing::StartsWith;

constexpr Instant kNow{1'736'963'652'106'359'000};

std::string CodeOf(const GenerateRequest& request,
                   const GenerateResult& result) {
  return FormatRacfCode(SurfaceOf(request.service), result.code);
}

class GenerateIdtTest : public ::testing::Test {
 protected:
  GenerateRequest Request(IdtService service = IdtService::kRacroute) {
    GenerateRequest request;
    request.service = service;
    request.appl = "TSOIM13";
    request.user = "RACFU01";
    request.now = kNow;
    request.key.named = key_.Source();
    return request;
  }

  ValidateResult Validate(const std::string& token) {
    ValidateRequest request;
    request.token = token;
    request.appl = "TSOIM13";
    request.at = kNow;
    request.key.named = key_.Source();
    return ValidateIdt(request);
  }

  SoftwareKey key_{std::vector<std::uint8_t>(32, 0x5A)};
};

void ExpectNoToken(const GenerateResult& result) {
  EXPECT_EQ(result.token, "");
  EXPECT_FALSE(result.returned);
  EXPECT_FALSE(result.is_signed);
  EXPECT_FALSE(result.auth_done);
  EXPECT_EQ(result.claims_json, "");
  EXPECT_TRUE(result.error);
}

TEST_F(GenerateIdtTest, MakesATokenThatIsValid) {
  for (const auto service : {IdtService::kInitAcee, IdtService::kRacroute}) {
    const GenerateRequest request = Request(service);
    const GenerateResult result = GenerateIdt(request);
    EXPECT_TRUE(result.returned);
    EXPECT_TRUE(result.is_signed);
    EXPECT_TRUE(result.auth_done);
    EXPECT_EQ(result.idt_gen_rc, 0);
    EXPECT_EQ(CodeOf(request, result), "0/0/0");
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_FALSE(result.error);
    const ValidateResult valid = Validate(result.token);
    EXPECT_TRUE(valid.valid);
    EXPECT_EQ(valid.claims_json, result.claims_json);
  }
}

TEST_F(GenerateIdtTest, WritesTheClaimsAsRacfDoes) {
  const GenerateResult result = GenerateIdt(Request());
  // jti: the STCKE value of 2025-01-15 17:54:12.106359 begins as in IBM's
  // example, whose clock bits below the microsecond are its own.
  EXPECT_THAT(
      result.claims_json,
      MatchesRegex(
          R"re(\{"jti":"00E04D2A635587[0-9A-F]{14}0001","txn":"[0-9A-F]{32}","iss":"saf","sub":"RACFU01","aud":\["TSOIM13","\*ANYAPPL\*"\],"iat":1736963652,"exp":1736963952,"amr":\["saf-pwd"\]\})re"));
  EXPECT_THAT(result.token, StartsWith("eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiIw"));
  const auto shown = InspectIdt(result.token);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->header_json, R"({"alg":"HS256"})");
  EXPECT_EQ(shown->claims_json, result.claims_json);
  const auto claims = nlohmann::json::parse(result.claims_json);
  EXPECT_EQ(claims["txn"], claims["jti"]);
}

TEST_F(GenerateIdtTest, InitAceeWritesSafAcee) {
  const auto result = GenerateIdt(Request(IdtService::kInitAcee));
  const auto claims = nlohmann::json::parse(result.claims_json);
  EXPECT_EQ(claims["amr"], nlohmann::json({"saf-acee"}));
}

TEST_F(GenerateIdtTest, AudienceAndLifetimeAreTheProfiles) {
  GenerateRequest request = Request();
  IdtPolicy policy;
  policy.parms.anyappl = false;
  policy.parms.idttimeout = 30;
  policy.parms.sigtoken = "TOKEN";
  request.key.named = nullptr;
  request.key.rules = {
      []() -> Result<bool> { return true; },
      [&](const std::string&, const std::string&) -> Result<IdtPolicy> {
        return policy;
      },
      [&](const Handle&, const MacAlgorithm&) { return key_.Source()(); }};
  const auto claims = nlohmann::json::parse(GenerateIdt(request).claims_json);
  EXPECT_EQ(claims["aud"], nlohmann::json({"TSOIM13"}));
  EXPECT_EQ(claims["exp"], 1736963652 + 1800);
}

TEST_F(GenerateIdtTest, SignsWithTheAlgorithmOfTheKey) {
  for (std::string_view algorithm : {"HS256", "HS384", "HS512"}) {
    SoftwareKey key(std::vector<std::uint8_t>(64, 1), algorithm);
    GenerateRequest request = Request();
    request.key.named = key.Source();
    const auto shown = InspectIdt(GenerateIdt(request).token);
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->header_json,
              R"({"alg":")" + std::string(algorithm) + "\"}");
  }
}

TEST_F(GenerateIdtTest, NoTwoTokensHaveOneJti) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(
        nlohmann::json::parse(GenerateIdt(Request()).claims_json)["jti"]);
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST_F(GenerateIdtTest, RacrouteWritesTheAmrOfTheCaller) {
  GenerateRequest request = Request();
  request.amr = {"mfa-comp", "saf-phr"};
  const GenerateResult result = GenerateIdt(request);
  EXPECT_EQ(nlohmann::json::parse(result.claims_json)["amr"],
            nlohmann::json({"mfa-comp", "saf-phr"}));
  EXPECT_TRUE(result.auth_done);
}

TEST_F(GenerateIdtTest, AUserInTheMiddleOfMfaIsNotAuthenticated) {
  for (const char* value : {"mfa-exp", "mfa-newinv", "mfa-nmi"}) {
    GenerateRequest request = Request();
    request.amr = {value};
    const GenerateResult result = GenerateIdt(request);
    EXPECT_TRUE(result.returned) << value;
    EXPECT_FALSE(result.auth_done) << value;
  }
}

TEST_F(GenerateIdtTest, RefusesParametersThatAreNotValid) {
  struct Row {
    IdtService service;
    std::string appl;
    std::string user;
    std::vector<std::string> amr;
  };
  constexpr auto kAcee = IdtService::kInitAcee;
  constexpr auto kRoute = IdtService::kRacroute;
  const std::vector<Row> rows = {
      {kAcee, "", "USER01", {}},
      {kAcee, "APPL", "", {}},
      {kAcee, "appl", "USER01", {}},
      {kAcee, "APPL", "user01", {}},
      {kAcee, "TOOLONG01", "USER01", {}},
      {kAcee, "APPL", "TOOLONG01", {}},
      {kAcee, "A.B", "USER01", {}},
      {kAcee, "APPL", "A\"B", {}},
      {kAcee, "APPL", "USER01", {"saf-pwd"}},
      {kAcee, "APPL", "USER01", {"saf-acee", "saf-pwd"}},
      {kRoute, "", "USER01", {}},
      {kRoute, "APPL", "A*", {}},
      {kRoute, "APPL", "USER01", {"saf-acee"}},
      {kRoute, "APPL", "USER01", {"mfa-comp"}},
      {kRoute, "APPL", "USER01", {"saf-pwd", "saf-pwd"}},
      {kRoute, "APPL", "USER01", {"password"}},
      {kRoute, "APPL", "USER01", {""}},
  };
  for (const Row& row : rows) {
    GenerateRequest request = Request(row.service);
    request.appl = row.appl;
    request.user = row.user;
    request.amr = row.amr;
    const GenerateResult result = GenerateIdt(request);
    EXPECT_EQ(CodeOf(request, result),
              row.service == kAcee ? "8/8/4" : "8/70/A01");
    EXPECT_EQ(result.exit_status, 8);
    EXPECT_EQ(result.idt_gen_rc, 0);
    ExpectNoToken(result);
  }
  EXPECT_EQ(key_.lookups, 0);
}

TEST_F(GenerateIdtTest, AnswersClassNotActiveWithoutAKey) {
  for (const auto service : {IdtService::kInitAcee, IdtService::kRacroute}) {
    GenerateRequest request = Request(service);
    request.key.named = nullptr;
    const GenerateResult result = GenerateIdt(request);
    EXPECT_EQ(CodeOf(request, result),
              service == IdtService::kInitAcee ? "8/8/16" : "0/0/0");
    EXPECT_EQ(result.exit_status, 8);
    EXPECT_EQ(result.idt_gen_rc, 0);
    ExpectNoToken(result);
  }
}

TEST_F(GenerateIdtTest, TellsAnUnavailableDeviceFromAnError) {
  struct Row {
    Error error;
    int gen_rc;
    int exit_status;
  };
  const std::vector<Row> rows = {
      {Unavailable("no module", ""), 4, 12},
      {Error{CKR_DEVICE_ERROR, "C_Sign", "", ""}, 4, 12},
      {Error{CKR_GENERAL_ERROR, "C_Sign", "", ""}, 4, 12},
      {Error{CK_RV{0x80000123}, "C_Sign", "", ""}, 4, 12},
      {Refusal(kTokenNotFound, CKR_TOKEN_NOT_PRESENT, "", ""), 5, 8},
      {Refusal(kObjectNotFound, CKR_KEY_HANDLE_INVALID, "", ""), 5, 8},
      {Error{CKR_PIN_INCORRECT, "C_Login", "", ""}, 5, 8},
      {Error{CKR_KEY_FUNCTION_NOT_PERMITTED, "C_SignInit", "", ""}, 5, 8},
      {Error{CKR_KEY_SIZE_RANGE, "C_SignInit", "", ""}, 5, 8},
      {Error{CKR_MECHANISM_INVALID, "C_SignInit", "", ""}, 5, 8},
  };
  for (const Row& row : rows) {
    for (const bool lookup : {true, false}) {
      for (const auto service :
           {IdtService::kInitAcee, IdtService::kRacroute}) {
        SoftwareKey key({1});
        (lookup ? key.lookup_error : key.operation_error) = row.error;
        GenerateRequest request = Request(service);
        request.key.named = key.Source();
        const GenerateResult result = GenerateIdt(request);
        EXPECT_EQ(result.idt_gen_rc, row.gen_rc);
        EXPECT_EQ(CodeOf(request, result),
                  service == IdtService::kRacroute
                      ? "0/0/0"
                      : "8/16/" + std::to_string(row.gen_rc));
        EXPECT_EQ(result.exit_status, row.exit_status);
        ExpectNoToken(result);
        EXPECT_EQ(result.error->rv, row.error.rv);
      }
    }
  }
}

TEST_F(GenerateIdtTest, CarriesATxnOver) {
  GenerateRequest request = Request();
  request.txn = "00E04D2A63558772960000000B500001";
  const auto claims = nlohmann::json::parse(GenerateIdt(request).claims_json);
  EXPECT_EQ(claims["txn"], "00E04D2A63558772960000000B500001");
  EXPECT_NE(claims["jti"], claims["txn"]);
}

TEST_F(GenerateIdtTest, SignsNothingThatHasNoRoom) {
  const std::size_t length = GenerateIdt(Request()).token.size();
  for (const IdtService service :
       {IdtService::kRacroute, IdtService::kInitAcee}) {
    GenerateRequest request = Request(service);
    const std::size_t needed = service == IdtService::kRacroute
                                   ? length
                                   : GenerateIdt(request).token.size();
    request.room = needed;
    EXPECT_TRUE(GenerateIdt(request).returned);
    request.room = needed - 1;
    const int before = key_.operations;
    const GenerateResult result = GenerateIdt(request);
    EXPECT_EQ(CodeOf(request, result),
              service == IdtService::kRacroute ? "8/70/1" : "8/12/5");
    EXPECT_EQ(result.needed_bytes, needed);
    EXPECT_EQ(result.error->message, "the token has " + std::to_string(needed) +
                                         " characters, and the buffer " +
                                         std::to_string(needed - 1));
    EXPECT_EQ(key_.operations, before);
    ExpectNoToken(result);
  }
}

}  // namespace
}  // namespace sigtoken
