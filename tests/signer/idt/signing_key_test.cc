#include "signer/idt/signing_key.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "signer/idt/generate.h"
#include "signer/idt/validate.h"
#include "tests/embedded_home.h"

namespace sigtoken {
namespace {

// Identity tokens with keys that stay in a real PKCS #11 token.
class SigningKeyTest : public testing::TokenTest {
 protected:
  KeySource Source(std::uint32_t sequence, std::string_view algorithm) {
    return [this, sequence, algorithm]() -> Result<SigningKey> {
      SIGTOKEN_ASSIGN(const Key key, Key::Find(token_, {sequence, 'T'}));
      return UseKey(key, *FindMacAlgorithm(algorithm));
    };
  }

  GenerateResult MakeToken(std::uint32_t sequence, std::string_view algorithm) {
    GenerateRequest request;
    request.appl = "TSOIM13";
    request.user = "RACFU01";
    request.key.named = Source(sequence, algorithm);
    return GenerateIdt(request);
  }

  ValidateResult Validate(const std::string& token, std::uint32_t sequence,
                          std::string_view algorithm) {
    ValidateRequest request;
    request.token = token;
    request.appl = "TSOIM13";
    request.key.named = Source(sequence, algorithm);
    return ValidateIdt(request);
  }
};

std::string CodeOf(const ValidateResult& result) {
  return FormatRacfCode(RacfSurface::kRacroute, result.code);
}

TEST_F(SigningKeyTest, TokensOfEachAlgorithmAreValid) {
  Generate();
  for (std::string_view algorithm : {"HS256", "HS384", "HS512"}) {
    const GenerateResult made = MakeToken(1, algorithm);
    ASSERT_TRUE(made.returned) << algorithm;
    const ValidateResult result = Validate(made.token, 1, algorithm);
    EXPECT_TRUE(result.valid) << result.reason;
    EXPECT_EQ(result.claims_json, made.claims_json);
  }
}

TEST_F(SigningKeyTest, ATokenIsStillValidInAnotherProcess) {
  Generate();
  const GenerateResult made = MakeToken(1, "HS256");
  Reopen();
  EXPECT_TRUE(Validate(made.token, 1, "HS256").valid);
}

TEST_F(SigningKeyTest, ATokenOfAnotherKeyIsABadSignature) {
  Generate();
  Generate();
  const ValidateResult result =
      Validate(MakeToken(1, "HS256").token, 2, "HS256");
  EXPECT_EQ(CodeOf(result), "8/8/0");
  EXPECT_EQ(result.exit_status, 4);
}

TEST_F(SigningKeyTest, ATokenOfAnotherAlgorithmIsABadSignature) {
  Generate();
  const ValidateResult result =
      Validate(MakeToken(1, "HS256").token, 1, "HS512");
  EXPECT_EQ(CodeOf(result), "8/8/0");
}

TEST_F(SigningKeyTest, ATokenWithAShortenedSignatureIsABadSignature) {
  Generate();
  const std::string token = MakeToken(1, "HS256").token;
  // 40 characters are 30 of the 32 bytes.
  const ValidateResult result =
      Validate(token.substr(0, token.rfind('.') + 1 + 40), 1, "HS256");
  EXPECT_EQ(CodeOf(result), "8/8/0");
}

TEST_F(SigningKeyTest, AKeyThatIsNotThereIsAnIcsfError) {
  Generate();
  const GenerateResult made = MakeToken(2, "HS256");
  EXPECT_EQ(FormatRacfCode(RacfSurface::kInitAcee, made.code), "8/16/5");
  EXPECT_EQ(made.idt_gen_rc, kGenRcIcsfError);
  EXPECT_EQ(made.exit_status, 8);

  const ValidateResult result =
      Validate(MakeToken(1, "HS256").token, 2, "HS256");
  EXPECT_EQ(CodeOf(result), "8/6C/A0C");
  EXPECT_EQ(result.exit_status, 12);
}

TEST_F(SigningKeyTest, AKeyThatOnlyVerifiesMakesNoToken) {
  KeySpec spec;
  spec.verify_only = true;
  Generate(spec);
  const GenerateResult made = MakeToken(1, "HS256");
  EXPECT_EQ(FormatRacfCode(RacfSurface::kInitAcee, made.code), "8/16/5");
  ASSERT_TRUE(made.error);
  EXPECT_EQ(ToIcsf(*made.error), kKeyFunctionNotPermitted);
}

TEST_F(SigningKeyTest, AKeyThatOnlyVerifiesJudgesTokens) {
  Generate();
  KeySpec spec;
  spec.verify_only = true;
  Generate(spec);
  const ValidateResult result =
      Validate(MakeToken(1, "HS256").token, 2, "HS256");
  EXPECT_EQ(CodeOf(result), "8/8/0");
}

}  // namespace
}  // namespace sigtoken
