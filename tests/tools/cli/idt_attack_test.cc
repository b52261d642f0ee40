// What a forger may send to `idt validate`: no such token is valid, and each is
// answered, not failed at.

#include <string>

#include "signer/jws/base64url.h"
#include "signer/jws/compact.h"
#include "tests/tools/command_line.h"
#include "tests/tools/identity_token.h"

namespace sigtoken::testing {
namespace {

class IdtAttackTest : public CommandLineTest {
 protected:
  IdtAttackTest() {
    WithToken();
    Text({"key", "generate", "--token", "IDTTKN.JWT.SECRET", "--alg", "HS512"});
    payload_ = Payload(RacfClaims());
    token_ = Sign(kHeader, payload_);
    const std::size_t first = token_.find('.');
    const std::size_t second = token_.rfind('.');
    parts_[0] = token_.substr(0, first);
    parts_[1] = token_.substr(first + 1, second - first - 1);
    parts_[2] = token_.substr(second + 1);
  }

  // `token` is refused with `code`, whoever sends it, and with one line.
  void ExpectRefused(const std::string& token, const std::string& code) const {
    SCOPED_TRACE(token.substr(0, 400));
    for (const char* sender : {"--end-user", "--trusted-caller"}) {
      const Outcome outcome =
          Run({"idt", "validate", "--key", kKey, "--alg", "HS256", "--at",
               "1736963652", sender, "--json"},
              token);
      EXPECT_EQ(outcome.status, 4) << outcome.err;
      const auto document = outcome.json();
      EXPECT_EQ(document["valid"], false);
      EXPECT_EQ(document["code"], code) << outcome.err;
      EXPECT_EQ(document["user"], nullptr);
      EXPECT_EQ(document["claims"], nullptr);
      EXPECT_TRUE(IsPlain(outcome.err)) << outcome.err;
      EXPECT_LT(outcome.err.size(), 600U);
    }
  }
  void ExpectMalformed(const std::string& token) const {
    ExpectRefused(token, "8/6C/A01");
  }
  // With a header of the forger's, signed with the right key.
  void ExpectBadHeader(const std::string& header) const {
    ExpectMalformed(Sign(header, payload_));
  }

  std::string payload_;
  std::string token_;
  std::string parts_[3];
};

std::string Base64Url(const std::string& text) {
  return EncodeBase64Url(AsBytes(text));
}

TEST_F(IdtAttackTest, TheTokenItselfIsValid) {
  EXPECT_EQ(Json({"idt", "validate", "--key", kKey, "--alg", "HS256", "--at",
                  "1736963652"},
                 token_)["valid"],
            true);
}

TEST_F(IdtAttackTest, NoneIsRefusedInAllItsSpellings) {
  const std::string unsigned_token =
      Base64Url(R"({"alg":"none"})") + "." + parts_[1] + ".";
  const Words words = {"idt",   "validate", "--key",      kKey,    "--alg",
                       "HS256", "--at",     "1736963652", "--json"};
  EXPECT_EQ(Run(words, unsigned_token).json()["code"], "8/6C/14");
  EXPECT_EQ(Run(words, unsigned_token).status, 4);
  EXPECT_EQ(
      Run(words + Words{"--trusted-caller"}, unsigned_token).json()["code"],
      "8/6C/A02");
  EXPECT_EQ(Run(words + Words{"--trusted-caller"}, unsigned_token).status, 4);

  ExpectMalformed(unsigned_token + parts_[2]);
  for (const char* alg : {"None", "NONE", "nOnE", "none ", " none", "",
                          "none\\u0000", "no\\u006e\\u0065x", "null"}) {
    const std::string header = std::string(R"({"alg":")") + alg + "\"}";
    ExpectMalformed(Base64Url(header) + "." + parts_[1] + ".");
    ExpectMalformed(Base64Url(header) + "." + parts_[1] + "." + parts_[2]);
    ExpectBadHeader(header);
  }
}

TEST_F(IdtAttackTest, AHeaderThatSaysNoAlgorithmOfOursIsRefused) {
  for (const char* header :
       {"{}", R"({"alg":null})", R"({"alg":256})", R"({"alg":["HS256"]})",
        R"({"alg":{"alg":"HS256"}})", R"({"ALG":"HS256"})",
        R"({"alg":"hs256"})", R"({"alg":"HS256 "})", R"({"alg":"RS256"})",
        R"({"alg":"ES256"})", R"({"alg":"PS512"})", R"({"alg":"HS1"})",
        R"({"alg":"SHA256"})", R"({"alg":"HS256\u0000"})", R"({"alg":true})",
        R"({"typ":"JWT"})"}) {
    ExpectBadHeader(header);
  }
}

TEST_F(IdtAttackTest, AnotherAlgorithmOfTheSameKeyIsRefused) {
  ExpectRefused(Sign(R"({"alg":"HS384"})", payload_, kKey, "HS384"), "8/8/0");
  ExpectRefused(Sign(R"({"alg":"HS512"})", payload_, kKey, "HS512"), "8/8/0");
  ExpectRefused(Sign(R"({"alg":"HS512"})", payload_), "8/8/0");
  ExpectRefused(Sign(kHeader, payload_, kKey, "HS512"), "8/8/0");
}

TEST_F(IdtAttackTest, AHeaderThatChangesTheCheckIsRefused) {
  for (const char* member :
       {R"("crit":["b64"])", R"("crit":[])", R"("crit":null)", R"("b64":false)",
        R"("b64":true)", R"("zip":"DEF")", R"("enc":"A128GCM")",
        R"("jwk":{"kty":"oct","k":"AAAA"})", R"("jku":"http://localhost/")",
        R"("x5u":"http://localhost/")", R"("x5c":["AAAA"])", R"("x5t":"AAAA")",
        R"("x5t#S256":"AAAA")", R"("c\u0072it":[])", R"("typ":null)"}) {
    ExpectBadHeader(std::string(R"({"alg":"HS256",)") + member + "}");
  }
}

TEST_F(IdtAttackTest, AKidThatIsNoStringHasACodeOfItsOwn) {
  for (const char* kid : {"1", "null", "[\"a\"]", "{}", "true"}) {
    ExpectRefused(
        Sign(std::string(R"({"alg":"HS256","kid":)") + kid + "}", payload_),
        "8/6C/1C");
  }
}

TEST_F(IdtAttackTest, AKidIsNoAddress) {
  for (const char* kid :
       {"../../etc/passwd", "' OR 1=1 --", "*", "", "IDTTKN.JWT.SECRET:2T"}) {
    const std::string header =
        std::string(R"({"alg":"HS256","kid":")") + kid + "\"}";
    EXPECT_EQ(Json({"idt", "validate", "--key", kKey, "--alg", "HS256", "--at",
                    "1736963652"},
                   Sign(header, payload_))["key"],
              kKeyHandle);
  }
}

TEST_F(IdtAttackTest, AHeaderThatIsNoStrictJsonIsRefused) {
  const std::string deep(9, '[');
  const std::string deep_end(9, ']');
  for (const std::string& header : std::vector<std::string>{
           R"({"alg":"HS256","alg":"HS256"})",
           R"({"alg":"none","alg":"HS256"})",
           R"({"alg":"HS256","\u0061lg":"none"})",
           R"({"alg":"HS256"} )"
           "x",
           R"({"alg":"HS256"}{})",
           R"({"alg":"HS256",})",
           R"({alg:"HS256"})",
           R"({'alg':'HS256'})",
           R"(["HS256"])",
           R"("HS256")",
           "null",
           "{",
           "\xef\xbb\xbf"
           R"({"alg":"HS256"})",
           R"({"alg":"HS256","typ":")"
           "\xff"
           R"("})",
           R"({"alg":"HS256","typ":"\ud800"})",
           R"({"alg":"HS256","typ":"\udc00"})",
           R"({"alg":"HS256","typ":")"
           "\xc0\xaf"
           R"("})",
           R"({"alg":"HS256","typ":"\u0000"})",
           std::string("{\"alg\":\"HS256\"}\0", 16),
           R"({"alg":"HS256","a":)" + deep + deep_end + "}",
           R"({"alg":"HS256","a":1e400})",
           R"({"alg":"HS256","a":01})",
           R"({"alg":"HS256","a":NaN})",
           R"({"alg":"HS256","pad":")" + std::string(1000, 'x') + "\"}",
       }) {
    ExpectBadHeader(header);
  }
}

TEST_F(IdtAttackTest, ATokenHasThreeParts) {
  const std::string body = parts_[0] + "." + parts_[1];
  for (const std::string& token : std::vector<std::string>{
           "",
           ".",
           "..",
           "...",
           parts_[0],
           body,
           token_ + ".",
           "." + token_,
           body + ".." + parts_[2],
           parts_[0] + "." + token_,
           token_ + ".AAAA.AAAA",
           "." + parts_[1] + "." + parts_[2],
           parts_[0] + ".." + parts_[2],
           token_ + "." + token_,
           std::string(8'000, '.'),
           std::string(1 << 20, '.'),
           R"({"payload":")" + parts_[1] + R"(","signatures":[]})",
       }) {
    ExpectMalformed(token);
  }
}

TEST_F(IdtAttackTest, TheBase64UrlIsStrict) {
  const std::string head = parts_[0] + "." + parts_[1] + ".";
  for (const std::string& token : std::vector<std::string>{
           token_ + "=",
           token_ + "==",
           parts_[0] + "=." + parts_[1] + "." + parts_[2],
           parts_[0] + "." + parts_[1] + "=." + parts_[2],
           " " + token_,
           token_ + " ",
           "\n" + token_,
           token_ + "\n\n",
           token_ + "\r\n",
           token_ + "\t",
           parts_[0] + ".\n" + parts_[1] + "." + parts_[2],
           parts_[0] + " ." + parts_[1] + "." + parts_[2],
           token_.substr(0, 40) + "\n" + token_.substr(40),
           token_ + std::string(1, '\0'),
           std::string(1, '\0') + token_,
           head + std::string(43, '+'),
           head + std::string(43, '/'),
           head + std::string(42, 'A') + "B",  // Stray bits.
           head + "A",
           head + std::string(40, 'A') + "%3D",
           "Bearer " + token_,
           "\xef\xbb\xbf" + token_,
           token_ + "\xc3\xa4",
           token_ + "#",
           "\"" + token_ + "\"",
       }) {
    ExpectMalformed(token);
  }
}

TEST_F(IdtAttackTest, SizesAreLimited) {
  ExpectMalformed(std::string(1 << 20, 'A'));
  ExpectMalformed(token_ + std::string(1 << 20, 'A'));
  ExpectMalformed(
      Sign(kHeader, "{" + std::string(8'000, ' ') + payload_.substr(1)));
  ExpectBadHeader(std::string(R"({"alg":"HS256")") + std::string(800, ' ') +
                  "}");
}

TEST_F(IdtAttackTest, AMacThatIsCutOrExtendedDoesNotFit) {
  const std::string head = parts_[0] + "." + parts_[1] + ".";
  for (const std::string& mac : std::vector<std::string>{
           "", parts_[2].substr(0, 40), parts_[2].substr(0, 4),
           std::string(43, 'A'), std::string(64, 'A'), std::string(86, 'A'),
           parts_[2].substr(0, 42) + "AAAAAA"}) {
    ExpectRefused(head + mac, "8/8/0");
  }
}

TEST_F(IdtAttackTest, AFlippedBitIsSeenInEachPart) {
  // The middle of each part, with a character that stays in the alphabet.
  std::size_t begin = 0;
  for (const std::string& part : parts_) {
    std::string flipped = token_;
    char& c = flipped[begin + part.size() / 2];
    c = c == 'A' ? 'B' : 'A';
    begin += part.size() + 1;
    const Outcome outcome = Run({"idt", "validate", "--key", kKey, "--alg",
                                 "HS256", "--at", "1736963652", "--json"},
                                flipped);
    EXPECT_EQ(outcome.status, 4);
    EXPECT_EQ(outcome.json()["valid"], false);
  }
  std::string mac = token_;
  mac[mac.size() - 10] = mac[mac.size() - 10] == 'A' ? 'B' : 'A';
  ExpectRefused(mac, "8/8/0");
}

TEST_F(IdtAttackTest, ClaimsThatAreChangedDoNotFit) {
  for (const auto& [name, text] :
       {std::pair("sub", R"("IBMUSER")"), std::pair("exp", "9999999999"),
        std::pair("aud", R"(["OTHER"])"),
        std::pair("amr", R"(["mfa-only"])")}) {
    ExpectRefused(parts_[0] + "." + Base64Url(Payload(With(name, text))) + "." +
                      parts_[2],
                  "8/8/0");
  }
  // White space is not signed away either.
  ExpectRefused(
      Base64Url(R"({"alg": "HS256"})") + "." + parts_[1] + "." + parts_[2],
      "8/8/0");
}

TEST_F(IdtAttackTest, AnotherKeysTokenDoesNotFit) {
  Text({"key", "generate", "--token", "IDTTKN.JWT.SECRET", "--alg", "HS256"});
  ExpectRefused(Sign(kHeader, payload_, "IDTTKN.JWT.SECRET:2T"), "8/8/0");
}

}  // namespace
}  // namespace sigtoken::testing
