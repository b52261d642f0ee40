#include <string>

#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

const Words kGenerate = {"key", "generate", "--token", "IDTTKN.JWT.SECRET"};

class KeyGenerateTest : public CommandLineTest {
 protected:
  KeyGenerateTest() { WithToken(); }
};

TEST_F(KeyGenerateTest, GivesAllItsMembers) {
  json key = Json(kGenerate + Words{"--alg", "HS384", "--label", "my key"});
  const json token = Json({"token", "list"})["tokens"].at(0);
  EXPECT_THAT(key["kcv"].get<std::string>(), MatchesRegex("[0-9A-F]{6}"));
  key.erase("kcv");
  EXPECT_EQ(
      key, (json{{"handle", kKeyHandle},
                 {"token", "IDTTKN.JWT.SECRET"},
                 {"sequence", "00000001"},
                 {"category", "T"},
                 {"bytes", 48},
                 {"label", "my key"},
                 {"uri", token["uri"].get<std::string>() +
                             ";id=IDTTKN.JWT.SECRET:00000001T;type=secret-key"},
                 {"idtparms",
                  "IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET) SIGSEQNUM(00000001) "
                  "SIGCAT(T) SIGALG(HS384))"},
                 {"disabled", false},
                 {"existed", false},
                 {"not_kept", json::array()}}));
}

TEST_F(KeyGenerateTest, PrintsOneFactALine) {
  EXPECT_THAT(Text(kGenerate + Words{"--alg", "HS256", "--label", "a"}),
              MatchesRegex(
                  "key         IDTTKN.JWT.SECRET:00000001T\n"
                  "handle      'IDTTKN.JWT.SECRET               00000001T   '\n"
                  "label       a\n"
                  "bytes       32\n"
                  "kcv         [0-9A-F]{6}\n"
                  "uri         pkcs11:token=IDTTKN.JWT.SECRET;[^\n]*\n"
                  "idtparms    IDTPARMS.SIGTOKEN.IDTTKN.JWT.SECRET. "
                  "SIGSEQNUM.00000001. SIGCAT.T. SIGALG.HS256..\n"));
}

TEST_F(KeyGenerateTest, TheSizeFollowsFromTheAlgorithm) {
  struct Row {
    Words options;
    int bytes;
    const char* algorithm;
  };
  for (const Row& row : std::vector<Row>{{{"--alg", "HS256"}, 32, "HS256"},
                                         {{"--alg", "HS384"}, 48, "HS384"},
                                         {{"--alg", "HS512"}, 64, "HS512"},
                                         {{}, 64, "HS256"},
                                         {{"--bytes", "32"}, 32, "HS256"},
                                         {{"--bytes", "33"}, 33, "HS256"},
                                         {{"--bytes", "256"}, 256, "HS256"}}) {
    const json key = Json(kGenerate + row.options);
    EXPECT_EQ(key["bytes"], row.bytes);
    EXPECT_THAT(key["idtparms"].get<std::string>(),
                HasSubstr(std::string("SIGALG(") + row.algorithm + ")"));
  }
}

TEST_F(KeyGenerateTest, TheNumberIsHexadecimal) {
  for (int i = 0; i < 15; ++i) Text(kGenerate);
  EXPECT_EQ(Json(kGenerate)["sequence"], "00000010");
  EXPECT_EQ(
      Json({"key", "show", "IDTTKN.JWT.SECRET:10T"})["keys"].at(0)["handle"],
      "IDTTKN.JWT.SECRET               00000010T   ");
}

TEST_F(KeyGenerateTest, MakesASecureKeyOfCategoryY) {
  const json key = Json(kGenerate + Words{"--category", "Y"});
  EXPECT_EQ(key["handle"], "IDTTKN.JWT.SECRET               00000001Y   ");
  EXPECT_EQ(key["category"], "Y");
  EXPECT_THAT(key["idtparms"].get<std::string>(), HasSubstr("SIGCAT(Y)"));
  EXPECT_EQ(Json(kGenerate)["sequence"], "00000002");
}

TEST_F(KeyGenerateTest, AVerifyOnlyKeyDoesNotSign) {
  Text(kGenerate + Words{"--alg", "HS256", "--verify-only"});
  ExpectRefusal({"sign", "--key", kKey, "--alg", "HS256"},
                kKeyFunctionNotPermitted,
                "the key IDTTKN.JWT.SECRET:00000001T may not sign: its "
                "CKA_SIGN is FALSE");
  const std::string mac(43, 'A');
  const Outcome verify =
      Run({"verify", "--key", kKey, "--alg", "HS256", "--mac", mac, "--json"});
  EXPECT_EQ(verify.status, 4);
  EXPECT_EQ(verify.json(), (json{{"verified", false}}));
  const json shown = Json({"key", "show", kKey})["keys"].at(0)["attributes"];
  EXPECT_EQ(shown["CKA_SIGN"], false);
  EXPECT_EQ(shown["CKA_VERIFY"], true);
}

TEST_F(KeyGenerateTest, AnExportableKeyIsAnnouncedLoudly) {
  const Outcome outcome = Run(kGenerate + Words{"--exportable", "--json"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err,
            "sigtoken: warning: THIS KEY IS EXPORTABLE: whoever has the "
            "token's PIN can read its value and sign elsewhere\n");
  EXPECT_EQ(outcome.json()["category"], "T");
  const json shown = Json({"key", "show", kKey})["keys"].at(0)["attributes"];
  EXPECT_EQ(shown["CKA_SENSITIVE"], false);
  EXPECT_EQ(shown["CKA_EXTRACTABLE"], true);
}

TEST_F(KeyGenerateTest, IfAbsentAnswersWithTheKeyThatIsThere) {
  const Words words =
      kGenerate + Words{"--alg", "HS256", "--label", "jwt", "--if-absent"};
  const json first = Json(words);
  EXPECT_EQ(first["existed"], false);
  const Outcome again = Run(words + Words{"--json"});
  EXPECT_EQ(again.status, 0);
  EXPECT_EQ(again.err,
            "sigtoken: warning: a key of that label was there already: nothing "
            "was generated\n");
  json second = again.json();
  EXPECT_EQ(second["existed"], true);
  second["existed"] = false;
  EXPECT_EQ(second, first);
  EXPECT_EQ(Json({"key", "list"})["keys"].size(), 1U);
}

TEST_F(KeyGenerateTest, WithoutIfAbsentALabelMayBeThereTwice) {
  Text(kGenerate + Words{"--label", "jwt"});
  EXPECT_EQ(Json(kGenerate + Words{"--label", "jwt"})["sequence"], "00000002");
  const Outcome outcome =
      Run(kGenerate + Words{"--label", "jwt", "--if-absent"});
  EXPECT_EQ(outcome.status, 8);
  EXPECT_EQ(Json({"key", "list"})["keys"].size(), 2U);
}

struct Mistake {
  Words options;
  IcsfCode code;
  std::string message;
};

TEST_F(KeyGenerateTest, RefusesWhatDoesNotFitAndMakesNothing) {
  for (const Mistake& mistake : std::vector<Mistake>{
           {{"--alg", "HS256", "--bytes", "32"},
            kParameterInvalid,
            "--alg and --bytes both say how long the key is"},
           {{"--alg", "hs256"},
            kRuleArrayInvalid,
            "'hs256' is not an algorithm for identity tokens"},
           {{"--alg", "RS256"},
            kRuleArrayInvalid,
            "'RS256' is not an algorithm for identity tokens"},
           {{"--alg", "none"},
            kRuleArrayInvalid,
            "'none' is not an algorithm for identity tokens"},
           {{"--bytes", "0"},
            kParameterInvalid,
            "a key of 0 bytes cannot be generated"},
           {{"--bytes", "257"},
            kParameterInvalid,
            "a key of 257 bytes cannot be generated"},
           {{"--bytes", "32.0"},
            kParameterInvalid,
            "'32.0' is not a number of bytes"},
           {{"--bytes", "0x20"},
            kParameterInvalid,
            "'0x20' is not a number of bytes"},
           {{"--bytes", "+32"},
            kParameterInvalid,
            "'+32' is not a number of bytes"},
           {{"--bytes", " 32"},
            kParameterInvalid,
            "' 32' is not a number of bytes"},
           {{"--bytes=-1"}, kParameterInvalid, "'-1' is not a number of bytes"},
           {{"--bytes", "99999999999999999999"},
            kParameterInvalid,
            "'99999999999999999999' is not a number of bytes"},
           {{"--category", "S"},
            kParameterInvalid,
            "keys of category 'S' do not outlive the process that makes them"},
           {{"--category", "E"},
            kHandleInvalid,
            "the category 'E' belongs to the regional cryptographic server, "
            "which sigtoken does not have"},
           {{"--category", "t"},
            kHandleInvalid,
            "the category 't' is none of T, Y, S, X, U, Z"},
           {{"--category", "TY"},
            kParameterInvalid,
            "the category 'TY' is not one letter"},
           {{"--category", "Y", "--exportable"},
            kAttributeValueInvalid,
            "a key of category Y is never exportable"},
           {{"--if-absent"},
            kParameterInvalid,
            "--if-absent needs a label to look for"},
           {{"--if-absent", "--label", ""},
            kParameterInvalid,
            "--if-absent needs a label to look for"},
           {{"--label", std::string(33, 'a')},
            kParameterInvalid,
            "the label '" + std::string(33, 'a') + "' is longer than 32 bytes"},
           {{"--label", "a\x1b[2J"},
            kParameterInvalid,
            "the label 'a\\x1B[2J' has control characters"},
       }) {
    ExpectRefusal(kGenerate + mistake.options, mistake.code, mistake.message);
  }
  EXPECT_EQ(Json({"key", "list"}), (json{{"keys", json::array()}}));
  EXPECT_EQ(Json({"token", "list"})["tokens"].at(0)["last_sequence"],
            "00000000");
}

TEST_F(KeyGenerateTest, RefusesATokenThatIsNotThere) {
  ExpectRefusal({"key", "generate", "--token", "NONE"}, kTokenNotFound,
                "there is no token NONE");
  ExpectRefusal({"key", "generate", "--token", "none"}, kHandleInvalid,
                "'none' is not a token name");
}

// SoftHSM2 does not sign with less than the MAC has; no such key may stay.
TEST_F(KeyGenerateTest, AKeyThatTheModuleDoesNotUseIsRefusedAndDestroyed) {
  const Outcome outcome = Run(kGenerate + Words{"--bytes", "16", "--json"});
  EXPECT_EQ(outcome.status, 8);
  const json error = outcome.json()["error"];
  EXPECT_EQ(error["icsf"]["reason_code"], 3038);
  EXPECT_EQ(error["cryptoki"],
            (json{{"function", "C_SignInit"}, {"rv", "CKR_KEY_SIZE_RANGE"}}));
  EXPECT_THAT(error["message"].get<std::string>(),
              HasSubstr("ICSF has no such limit"));
  EXPECT_EQ(Json({"key", "list"}), (json{{"keys", json::array()}}));
}

}  // namespace
}  // namespace sigtoken::testing
