#include <string>
#include <utility>

#include "signer/jws/compact.h"
#include "tests/tools/command_line.h"
#include "tests/tools/identity_token.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const Words kValidate = {"idt", "validate"};
const Words kWithKey = {"--key", kKey, "--alg", "HS256"};
const Words kAtIssue = {"--at", "1736963652"};

class IdtValidateTest : public CommandLineTest {
 protected:
  IdtValidateTest() {
    WithKey();
    token_ = Sign(kHeader, Payload(RacfClaims()));
  }

  // The body of RACF's own token, judged when it was issued.
  Outcome Validate(const Words& words) const {
    return Run(kValidate + kWithKey + words + Words{"--json"}, token_);
  }

  std::string token_;
};

json Refused(int racf_reason, const char* code, const std::string& reason) {
  return {{"valid", false},
          {"auth_done", false},
          {"saf_rc", 8},
          {"racf_rc", 0x6C},
          {"racf_reason", racf_reason},
          {"code", code},
          {"racroute_code", code},
          {"reason", reason},
          {"user", nullptr},
          {"profile", nullptr},
          {"key", nullptr},
          {"claims", nullptr}};
}

TEST_F(IdtValidateTest, AGoodTokenGivesUserKeyAndClaims) {
  const Outcome outcome = Validate(kAtIssue + Words{"--appl", "TSOIM13"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.json(),
            (json{{"valid", true},
                  {"auth_done", true},
                  {"saf_rc", 0},
                  {"racf_rc", 0},
                  {"racf_reason", 0},
                  {"code", "0/0/0"},
                  {"racroute_code", "0/0/0"},
                  {"reason", "the token is valid"},
                  {"user", "RACFU01"},
                  {"profile", nullptr},
                  {"key", kKeyHandle},
                  {"claims", json::parse(Payload(RacfClaims()))}}));
  EXPECT_EQ(Text(kValidate + kWithKey + kAtIssue, token_),
            "valid 0/0/0 user RACFU01\n");
}

TEST_F(IdtValidateTest, ReadsAFileOrStandardInput) {
  const std::string file = folder_.Write("token.jwt", token_ + "\n");
  for (const Words& words : {Words{file}, Words{"--appl", "TSOIM13", file}}) {
    EXPECT_EQ(Json(kValidate + kWithKey + kAtIssue + words)["valid"], true);
  }
  for (const std::string& input : {token_, token_ + "\n"}) {
    EXPECT_EQ(Json(kValidate + kWithKey + kAtIssue, input)["valid"], true);
    EXPECT_EQ(
        Json(kValidate + kWithKey + kAtIssue + Words{"-"}, input)["valid"],
        true);
  }
}

TEST_F(IdtValidateTest, ATokenOfIdtGenerateIsValidNow) {
  for (const char* service : {"initacee", "racroute"}) {
    const std::string token =
        Text(Words{"idt", "generate", "--appl", "APPL01", "--user", "USER01",
                   "--service", service} +
             kWithKey);
    EXPECT_EQ(Json(kValidate + kWithKey +
                       Words{"--appl", "APPL01", "--user", "USER01"},
                   token)["user"],
              "USER01");
    EXPECT_EQ(Json(kValidate + kWithKey, token)["valid"], true);
  }
}

TEST_F(IdtValidateTest, WithoutAKeyTheClassIsNotActive) {
  const std::string reason =
      "the class IDTDATA is not active, and no key was named";
  for (const std::string& token : {token_, std::string(), std::string("x")}) {
    const Outcome outcome = Run(kValidate + Words{"--json"}, token);
    EXPECT_EQ(outcome.status, 4);
    EXPECT_EQ(outcome.json(), Refused(0x1A, "8/6C/1A", reason));
    EXPECT_EQ(WithoutConsole(outcome.err),
              "sigtoken: " + reason +
                  ". Activate the class: SETROPTS CLASSACT(IDTDATA) "
                  "RACLIST(IDTDATA); for a try, a command takes a key with "
                  "--key and --alg instead [RACROUTE REQUEST=VERIFY "
                  "8/6C/1A]\n");
  }
  EXPECT_EQ(Run(kValidate, token_).out, "not valid 8/6C/1A\n");
}

TEST_F(IdtValidateTest, ExpIsComparedToTheSecond) {
  for (const auto& [at, status] :
       {std::pair("1736963651", 0), std::pair("1736963951", 0),
        std::pair("1736963952", 0), std::pair("1736963953", 4),
        std::pair("2025-01-15T17:59:12Z", 0),
        std::pair("2025-01-15T17:59:13Z", 4), std::pair("0", 0)}) {
    SCOPED_TRACE(at);
    const Outcome outcome = Validate({"--at", at});
    EXPECT_EQ(outcome.status, status);
    EXPECT_EQ(outcome.json()["code"], status == 0 ? "0/0/0" : "8/6C/F");
  }
  const Outcome expired = Validate({});
  EXPECT_EQ(expired.status, 4);
  EXPECT_EQ(WithoutConsole(expired.err),
            "sigtoken: the token has expired. Generate a new one; IDTTIMEOUT "
            "of the profile sets how long it lasts [RACROUTE REQUEST=VERIFY "
            "8/6C/F]\n");
  EXPECT_EQ(expired.json()["racf_reason"], 15);
  EXPECT_EQ(expired.json()["user"], "RACFU01");
  EXPECT_EQ(expired.json()["claims"], json::parse(Payload(RacfClaims())));
}

TEST_F(IdtValidateTest, AnIatOfTheFutureIsNoted) {
  const std::string note =
      "iat is in the future: the clocks of issuer and validator differ";
  const Outcome outcome = Validate({"--at", "1736963651"});
  EXPECT_EQ(outcome.json()["notes"], (json{note}));
  EXPECT_EQ(outcome.err, "sigtoken: warning: " + note + "\n");
  EXPECT_EQ(Validate({"--at", "1736963651", "--quiet"}).err, "");
}

TEST_F(IdtValidateTest, TheAudienceMustHaveTheValidatorsApplication) {
  const std::string only =
      Sign(kHeader, Payload(With("aud", R"(["TSOIM13"])")));
  const Words words = kValidate + kWithKey + kAtIssue;
  EXPECT_EQ(Json(words + Words{"--appl", "TSOIM13"}, only)["valid"], true);
  for (const Words& other :
       {Words{"--appl", "CICSPROD"}, Words{"--appl", "TSOIM1"}, Words{}}) {
    const Outcome outcome = Run(words + other + Words{"--json"}, only);
    EXPECT_EQ(outcome.status, 4);
    EXPECT_EQ(outcome.json()["code"], "8/6C/A07");
    EXPECT_THAT(outcome.err, HasSubstr("for other applications than"));
  }
  // *ANYAPPL* of RACF's own token.
  EXPECT_EQ(Validate(kAtIssue + Words{"--appl", "CICSPROD"}).status, 0);
}

TEST_F(IdtValidateTest, TheDefaultApplicationIsTheConfigurations) {
  const std::string only = Sign(kHeader, Payload(With("aud", R"("TSOIM13")")));
  EXPECT_EQ(Run(kValidate + kWithKey + kAtIssue, only).status, 4);
  folder_.Write("home/sigtoken.toml", "default_appl = \"TSOIM13\"\n");
  EXPECT_EQ(Run(kValidate + kWithKey + kAtIssue, only).status, 0);
}

TEST_F(IdtValidateTest, AnotherUsersTokenIsRefused) {
  EXPECT_EQ(Validate(kAtIssue + Words{"--user", "RACFU01"}).status, 0);
  for (const char* user : {"RACFU02", "RACFU0", "RACFU011", "U"}) {
    const Outcome outcome = Validate(kAtIssue + Words{"--user", user});
    EXPECT_EQ(outcome.status, 4);
    EXPECT_EQ(outcome.json(),
              Refused(0xA04, "8/6C/A04",
                      "the token is not one of the user that the request "
                      "names"));
  }
}

TEST_F(IdtValidateTest, AnotherKeyOrAlgorithmIsASignatureThatDoesNotFit) {
  Text({"key", "generate", "--token", "IDTTKN.JWT.SECRET"});
  const std::string other = "IDTTKN.JWT.SECRET:2T";
  for (const char* alg : {"HS256", "HS384", "HS512"}) {
    const Outcome outcome = Run(
        kValidate + kAtIssue + Words{"--key", other, "--alg", alg, "--json"},
        token_);
    EXPECT_EQ(outcome.status, 4);
    const json document = outcome.json();
    EXPECT_EQ(document["code"], "8/8/0");
    EXPECT_EQ(document["saf_rc"], 8);
    EXPECT_EQ(document["racf_rc"], 8);
    EXPECT_EQ(document["racf_reason"], 0);
    EXPECT_EQ(document["valid"], false);
    EXPECT_EQ(document["claims"], nullptr);
  }
  const Outcome wrong_alg = Run(
      kValidate + kAtIssue + Words{"--key", kKey, "--alg", "HS512"}, token_);
  EXPECT_EQ(wrong_alg.status, 4);
  EXPECT_EQ(wrong_alg.out, "not valid 8/8/0\n");
  EXPECT_EQ(WithoutConsole(wrong_alg.err),
            "sigtoken: the token is not signed with HS512. Check with the same "
            "key and algorithm that the issuer signed with [RACROUTE "
            "REQUEST=VERIFY 8/8/0]\n");
  const Outcome wrong_key = Run(
      kValidate + kAtIssue + Words{"--key", other, "--alg", "HS256"}, token_);
  EXPECT_EQ(WithoutConsole(wrong_key.err),
            "sigtoken: the signature does not fit (ICSF 4/8000, X'1F40'). "
            "Check with the same key and algorithm that the issuer signed with "
            "[RACROUTE REQUEST=VERIFY 8/8/0]\n");
}

TEST_F(IdtValidateTest, ARefusalSaysWhatToDo) {
  const std::string other = Sign(kHeader, Payload(With("iss", R"("me")")));
  const std::string unsigned_token =
      MakeSigningInput(R"({"alg":"none"})", Payload(RacfClaims())) + ".";
  for (const auto& [token, cure] :
       {std::pair(token_ + "\r\n",
                  "its signature is not base64url: it has a carriage return. "
                  "Send the token as it was issued; 'sigtoken idt inspect' "
                  "shows what can be read [RACROUTE REQUEST=VERIFY 8/6C/A01]"),
        std::pair(std::string(1 << 20, 'A'),
                  "it has more than 8192 bytes. Send the token as it was "
                  "issued; 'sigtoken idt inspect' shows what can be read "
                  "[RACROUTE REQUEST=VERIFY 8/6C/A01]"),
        std::pair(other,
                  ". Send an identity token; other issuers' tokens are not "
                  "accepted [RACROUTE REQUEST=VERIFY 8/6C/A03]"),
        std::pair(unsigned_token,
                  ". Have tokens signed: name a key in the IDTDATA profile "
                  "[RACROUTE REQUEST=VERIFY 8/6C/14]")}) {
    const Outcome outcome = Run(kValidate + kWithKey + kAtIssue, token);
    EXPECT_EQ(outcome.status, 4);
    EXPECT_THAT(WithoutConsole(outcome.err),
                ::testing::EndsWith(cure + std::string("\n")));
  }
}

TEST_F(IdtValidateTest, ATokenAsAnArgumentIsNotRepeated) {
  const Outcome outcome = Run(kValidate + kWithKey + Words{token_, "--json"});
  EXPECT_EQ(outcome.status, 8);
  EXPECT_EQ(WithoutConsole(outcome.err),
            "sigtoken: the name of the file looks like a token (ICSF 8/3002, "
            "X'BBA'). Tokens come by file or standard input: everybody on this "
            "machine can read arguments [RACROUTE REQUEST=VERIFY 8/70/A01]\n");
  EXPECT_EQ((outcome.out + outcome.err).find("eyJ"), std::string::npos);
}

TEST_F(IdtValidateTest, AKeyThatIsNotThereDecidesNothing) {
  for (const auto& [key, reason] :
       {std::pair("IDTTKN.JWT.SECRET:2T", 3025), std::pair("NONE:1T", 3024),
        std::pair("pkcs11:token=NONE;type=secret-key", 3025)}) {
    const Outcome outcome = Run(
        kValidate + kAtIssue + Words{"--key", key, "--alg", "HS256", "--json"},
        token_);
    EXPECT_EQ(outcome.status, 12);
    const json document = outcome.json();
    EXPECT_EQ(document["valid"], false);
    EXPECT_EQ(document["code"], "8/6C/A0C");
    EXPECT_EQ(document["error"]["icsf"]["reason_code"], reason);
    EXPECT_EQ(document["user"], nullptr);
    EXPECT_THAT(document["reason"].get<std::string>(),
                ::testing::StartsWith("not decided: "));
  }
  EXPECT_EQ(
      Run(kValidate + kAtIssue + Words{"--key", "NONE:1T", "--alg", "HS256"},
          token_)
          .out,
      "undecided 8/6C/A0C\n");
}

TEST_F(IdtValidateTest, ADisabledKeyDecidesNothing) {
  Text({"key", "disable", kKey});
  const Outcome outcome = Validate(kAtIssue);
  EXPECT_EQ(outcome.status, 12);
  EXPECT_EQ(outcome.json()["code"], "8/6C/A0C");
  EXPECT_EQ(outcome.json()["error"]["icsf"]["reason_code"], 3023);
}

// 8/8/0 would count against the user's password attempts.
TEST_F(IdtValidateTest, AModuleThatIsNotThereDecidesNothing) {
  folder_.Write("home/sigtoken.toml",
                "embedded = true\n[[token]]\nname = \"GONE\"\nuri = "
                "\"pkcs11:token=A?module-path=/nonexistent/module.so\"\n");
  const Outcome outcome =
      Run(kValidate + Words{"--key", "GONE:1T", "--alg", "HS256", "--json"},
          token_);
  EXPECT_EQ(outcome.status, 12);
  const json document = outcome.json();
  EXPECT_EQ(document["saf_rc"], 8);
  EXPECT_EQ(document["racf_rc"], 0x6C);
  EXPECT_EQ(document["racf_reason"], 0xA0B);
  EXPECT_EQ(document["code"], "8/6C/A0B");
  EXPECT_EQ(document["valid"], false);
  EXPECT_EQ(document["error"]["icsf"]["return_code"], 12);
  EXPECT_THAT(outcome.err, HasSubstr("/nonexistent/module.so"));
}

TEST_F(IdtValidateTest, AVerifyOnlyKeyValidates) {
  const Words import = {"key", "import", "--token", "IDTTKN.JWT.SECRET"};
  const std::string value(32, 'k');
  Text(import, value);
  Text(import + Words{"--verify-only"}, value);
  const Words with_verifier =
      kValidate + kAtIssue +
      Words{"--key", "IDTTKN.JWT.SECRET:3T", "--alg", "HS256"};
  EXPECT_EQ(Json(with_verifier, Sign(kHeader, Payload(RacfClaims()),
                                     "IDTTKN.JWT.SECRET:2T"))["valid"],
            true);
  const Outcome refused = Run(with_verifier + Words{"--json"}, token_);
  EXPECT_EQ(refused.status, 4);
  EXPECT_EQ(refused.json()["code"], "8/8/0");
  EXPECT_EQ(
      Run({"sign", "--key", "IDTTKN.JWT.SECRET:3T", "--alg", "HS256"}).status,
      8);
}

struct Mistake {
  Words words;
  std::string message;
  int reason_code = 3002;
};

TEST_F(IdtValidateTest, AParameterThatIsWrongHasItsCodesToo) {
  for (const Mistake& mistake : std::vector<Mistake>{
           {{"--appl", ""}, "--appl is empty"},
           {{"--user", ""}, "--user is empty"},
           {{"--at", ""}, "--at is empty"},
           {{"--key", "", "--alg", ""}, "--key is empty"},
           {{""}, "FILE is empty"},
           {{"--appl", "tsoim13"},
            "'tsoim13' is not valid as application name"},
           {{"--user", "racfu01"}, "'racfu01' is not valid as user"},
           {{"--user", "RACFU01 "}, "'RACFU01 ' is not valid as user"},
           {{"--at", "yesterday"}, "'yesterday' is not a time"},
           {{"--at=-1"}, "'-1' is not a time"},
           {{"--at", "1736963652.5"}, "'1736963652.5' is not a time"},
           {{"--at", "2025-02-30T00:00:00Z"},
            "'2025-02-30T00:00:00Z' is not a time"},
           {{"--at", "2025-01-15 17:54:12"},
            "'2025-01-15 17:54:12' is not a time"},
           {{"--at", "99999999999999999999"},
            "'99999999999999999999' is not a time"},
           {{"--key", kKey}, "--key is given without --alg"},
           {{"--alg", "HS256"}, "--alg is given without --key"},
           {{"--key", kKey, "--alg", "none"},
            "'none' is not an algorithm for identity tokens",
            3000},
           {{"--key", "x", "--alg", "HS256"},
            "'x' is not a handle: it has 1 characters, not 44",
            3001},
           {{"--trusted-caller", "--end-user"},
            "--trusted-caller and --end-user contradict each other"},
           {{"/nonexistent"}, "the file '/nonexistent' could not be read"},
           {{"a", "b"}, "The following argument was not expected: b"},
           {{"--amr", "saf-pwd"}, "The following argument was not expected"},
           {{"--config", "/nonexistent"},
            "the configuration file '/nonexistent' that --config names is not "
            "there"},
       }) {
    SCOPED_TRACE(::testing::PrintToString(mistake.words));
    const Outcome outcome =
        Run(Words{"--json"} + kValidate + mistake.words, token_);
    EXPECT_EQ(outcome.status, 8);
    json document = outcome.json();
    EXPECT_EQ(document["error"]["icsf"]["reason_code"], mistake.reason_code);
    EXPECT_THAT(document["reason"].get<std::string>(),
                ::testing::StartsWith(mistake.message));
    EXPECT_THAT(WithoutConsole(outcome.err),
                ::testing::StartsWith("sigtoken: " + mistake.message));
    EXPECT_THAT(WithoutConsole(outcome.err),
                ::testing::EndsWith(" [RACROUTE REQUEST=VERIFY 8/70/A01]\n"));
    document.erase("error");
    json expected = Refused(0xA01, "8/70/A01", document["reason"]);
    expected["racf_rc"] = 0x70;
    EXPECT_EQ(document, expected);
  }
}

}  // namespace
}  // namespace sigtoken::testing
