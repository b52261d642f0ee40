#include <string>

#include "tests/tools/command_line.h"
#include "tests/tools/shell.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::MatchesRegex;

class MacTest : public CommandLineTest {
 protected:
  MacTest() {
    WithToken();
    Text({"key", "generate", "--token", "IDTTKN.JWT.SECRET", "--bytes", "64"});
  }

  static Words Signing(const std::string& algorithm = "HS256") {
    return {"sign", "--key", kKey, "--alg", algorithm};
  }
  static Words Verifying(const std::string& mac,
                         const std::string& algorithm = "HS256") {
    return {"verify", "--key", kKey, "--alg", algorithm, "--mac", mac};
  }
  std::string Mac(const std::string& data) const {
    return Json(Signing(), data)["mac"];
  }

  void ExpectNo(const Words& words, const std::string& data) const {
    const Outcome plain = Run(words, data);
    EXPECT_EQ(plain.status, 4);
    EXPECT_EQ(plain.out, "not verified\n");
    EXPECT_EQ(plain.err,
              "sigtoken: the MAC does not fit (ICSF 4/8000, X'1F40'). Compare "
              "key, algorithm and data with those that made it\n");
    const Outcome outcome = Run(words + Words{"--json"}, data);
    EXPECT_EQ(outcome.status, 4);
    EXPECT_EQ(outcome.json(), (json{{"verified", false}}));
    EXPECT_EQ(outcome.err, plain.err);
  }
};

TEST_F(MacTest, AMacHasTheLengthOfItsAlgorithm) {
  for (const auto& [algorithm, pattern] :
       {std::pair("HS256", "[A-Za-z0-9_-]{43}"),
        std::pair("HS384", "[A-Za-z0-9_-]{64}"),
        std::pair("HS512", "[A-Za-z0-9_-]{86}")}) {
    const json document = Json(Signing(algorithm), "text");
    const std::string mac = document["mac"];
    EXPECT_EQ(document, (json{{"alg", algorithm}, {"mac", mac}}));
    EXPECT_THAT(mac, MatchesRegex(pattern));
    EXPECT_EQ(Text(Signing(algorithm), "text"), mac + "\n");
    EXPECT_EQ(Text(Verifying(mac, algorithm), "text"), "verified\n");
    EXPECT_EQ(Json(Verifying(mac, algorithm), "text"),
              (json{{"verified", true}}));
  }
}

TEST_F(MacTest, ReadsAFileOrStandardInput) {
  const std::string mac = Mac("hello\n");
  const std::string file = folder_.Write("-data", "hello\n");
  EXPECT_EQ(Json(Signing() + Words{file})["mac"], mac);
  EXPECT_EQ(Json(Signing() + Words{"-"}, "hello\n")["mac"], mac);
  EXPECT_EQ(Json({"sign", file, "--alg", "HS256", "--key", kKey})["mac"], mac);
  EXPECT_EQ(Text(Verifying(mac) + Words{file}), "verified\n");
  EXPECT_EQ(Text(Verifying(mac) + Words{"-"}, "hello\n"), "verified\n");
  EXPECT_NE(Mac("hello"), mac);
}

TEST_F(MacTest, DataMayBeEmptyOrHoldAnyByte) {
  for (const std::string& data :
       {std::string(), std::string(1, '\0'), std::string("\xff\xfe\n\0\n", 5),
        std::string(3'000'000, 'x')}) {
    EXPECT_EQ(Text(Verifying(Mac(data)), data), "verified\n");
    ExpectNo(Verifying(Mac(data + "x")), data);
  }
}

TEST_F(MacTest, AMacMayBeginWithAHyphen) {
  std::string data;
  std::string mac;
  // One MAC in 64 begins so.
  do {
    data += "x";
    mac = Mac(data);
  } while (mac[0] != '-' && data.size() < 2'000);
  ASSERT_EQ(mac[0], '-');
  EXPECT_EQ(Text(Verifying(mac), data), "verified\n");
  EXPECT_EQ(
      Text({"verify", "--mac=" + mac, "--key", kKey, "--alg", "HS256"}, data),
      "verified\n");
  EXPECT_EQ(Text({"verify", "--mac", mac, "--key", kKey, "--alg", "HS256", "-"},
                 data),
            "verified\n");
}

TEST_F(MacTest, AnotherMacIsNotVerified) {
  const std::string mac = Mac("text");
  std::string flipped = mac;
  flipped[0] = flipped[0] == 'A' ? 'B' : 'A';
  ExpectNo(Verifying(flipped), "text");
  ExpectNo(Verifying(mac), "texT");
  ExpectNo(Verifying(mac), "");
  ExpectNo(Verifying(std::string(43, 'A')), "text");
  ExpectNo(Verifying(Json(Signing("HS512"), "text")["mac"], "HS256"), "text");
  ExpectNo(Verifying(mac, "HS384"), "text");
}

TEST_F(MacTest, AMacOfTheWrongLengthIsNotVerified) {
  const std::string mac = Mac("text");
  for (const std::string& other :
       {std::string(), std::string("AA"), mac.substr(0, 40), mac + "AAA",
        std::string(64, 'A'), std::string(86, 'A'),
        mac.substr(0, 42) + "A" + mac.substr(0, 42) + "A"}) {
    SCOPED_TRACE(other);
    ExpectNo(Verifying(other), "text");
  }
}

TEST_F(MacTest, RefusesAMacThatIsNotBase64UrlAndSaysWhy) {
  const std::string mac = Mac("text");
  const std::string padding = "it has padding (=)";
  const std::string base64 =
      "it has + or /, which base64 has and base64url has not";
  const std::string space = "it has white space";
  const std::string other =
      "it has a character other than A-Z, a-z, 0-9, - and _";
  const std::string incomplete =
      "it is not complete, its last character makes no byte";
  const std::string bits =
      "it was cut or changed, its last character has bits that belong to no "
      "byte";
  for (const auto& [text, why] :
       std::vector<std::pair<std::string, std::string>>{
           {mac + "=", padding},
           {mac + "A=", padding},
           {std::string(41, 'A') + "B", bits},
           {std::string(42, 'A') + "B", bits},
           {mac + " ", space},
           {" " + mac, space},
           {mac + "\n", space},
           {mac + "\r\n", "it has a carriage return"},
           {std::string(43, '+'), base64},
           {std::string(43, '/'), base64},
           {"a", incomplete},
           {mac.substr(0, 41), incomplete},
           {"--json", bits},
           {mac.substr(0, 20) + "." + mac.substr(20), other},
           {"\xc3\xa4", other}}) {
    ExpectRefusal(Verifying(text), kLengthInvalid,
                  "the MAC is not base64url: " + why, "text");
  }
}

TEST_F(MacTest, AKeyThatIsTooShortForTheModuleSaysWhatItNeeds) {
  Text({"key", "generate", "--token", "IDTTKN.JWT.SECRET", "--alg", "HS256"});
  const Words sign = {"sign", "--key", "IDTTKN.JWT.SECRET:2T", "--alg",
                      "HS512"};
  const Outcome outcome = Run(sign + Words{"--json"}, "text");
  EXPECT_EQ(outcome.status, 8);
  EXPECT_EQ(outcome.err,
            "sigtoken: the module does not use a key of 32 bytes for HS512: "
            "C_SignInit answered CKR_KEY_SIZE_RANGE (ICSF 8/3038, X'BDE'). "
            "This module needs 64 bytes or more for HS512, ICSF has no such "
            "limit: generate a key with --alg HS512\n");
  EXPECT_EQ(
      outcome.json(),
      (json{{"error",
             {{"message",
               "the module does not use a key of 32 bytes for HS512. This "
               "module needs 64 bytes or more for HS512, ICSF has no such "
               "limit: generate a key with --alg HS512"},
              {"icsf",
               {{"return_code", 8},
                {"reason_code", 3038},
                {"reason_hex", "BDE"}}},
              {"cryptoki",
               {{"function", "C_SignInit"}, {"rv", "CKR_KEY_SIZE_RANGE"}}}}}}));
}

TEST_F(MacTest, RefusesWhatIsNoAlgorithm) {
  struct Row {
    const char* algorithm;
    const char* cure;
  };
  for (const Row& row : std::vector<Row>{
           {"hs256", "Write it in upper case: HS256"},
           {"Hs512", "Write it in upper case: HS512"},
           {"HS257", "Use"},
           {"none", "Use"},
           {"RS256", "Use"},
           {"HS256 ", "Use"},
           {"SHA256", "Use"},
       }) {
    const std::string text = "'" + std::string(row.algorithm) +
                             "' is not an algorithm for identity tokens";
    ExpectRefusal(Signing(row.algorithm), kRuleArrayInvalid, text);
    ExpectRefusal(Verifying("AAAA", row.algorithm), kRuleArrayInvalid, text);
    EXPECT_THAT(Run(Signing(row.algorithm)).err,
                ::testing::HasSubstr(std::string("X'BB8'). ") + row.cure));
  }
}

TEST_F(MacTest, RefusesAKeyThatIsNotThere) {
  for (const char* verb : {"sign", "verify"}) {
    const Words mac =
        verb == std::string("verify") ? Words{"--mac", "AAAA"} : Words{};
    ExpectRefusal(
        Words{verb, "--key", "IDTTKN.JWT.SECRET:2T", "--alg", "HS256"} + mac,
        kObjectNotFound, "there is no key IDTTKN.JWT.SECRET:00000002T");
    ExpectRefusal(Words{verb, "--key", "NONE:1T", "--alg", "HS256"} + mac,
                  kTokenNotFound, "there is no token NONE");
    ExpectRefusal(Words{verb, "--key", "none:1T", "--alg", "HS256"} + mac,
                  kHandleInvalid,
                  "'none:1T' is not a handle: 'none' is not a token name, "
                  "names are upper case: write NONE");
  }
}

// A command that waits for its input must not hold a lock meanwhile.
TEST_F(MacTest, OthersMakeKeysWhileOneWaitsForItsInput) {
  const Outcome outcome = RunShell(home_, R"(
    mkfifo data
    "$SIGTOKEN" sign --key IDTTKN.JWT.SECRET:1T --alg HS256 data & signer=$!
    exec 3>data  # Waits until it is opened to be read.
    timeout 20 "$SIGTOKEN" key generate --token IDTTKN.JWT.SECRET >made || exit 1
    timeout 20 "$SIGTOKEN" key list >list || exit 2
    printf text >&3; exec 3>&-
    wait $signer)");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, Mac("text") + "\n");
}

}  // namespace
}  // namespace sigtoken::testing
