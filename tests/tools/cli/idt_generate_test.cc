#include <string>

#include "signer/jws/compact.h"
#include "tests/tools/command_line.h"
#include "tests/tools/identity_token.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const Words kGenerate = {"idt",    "generate", "--appl",
                         "APPL01", "--user",   "USER01"};
const Words kWithKey = {"--key", kKey, "--alg", "HS256"};
const Words kRacroute = {"--service", "racroute"};

class IdtGenerateTest : public CommandLineTest {
 protected:
  IdtGenerateTest() { WithKey(); }

  void ConfigureMissingModule() const {
    folder_.Write("home/sigtoken.toml",
                  "embedded = true\n[[token]]\nname = \"GONE\"\nuri = "
                  "\"pkcs11:token=A?module-path=/nonexistent/module.so\"\n");
  }
};

struct Codes {
  int status;
  int idt_gen_rc;
  int saf_rc;
  int racf_rc;
  int racf_reason;
  const char* code;

  // The tests have no code that both services give to who gets no token.
  bool is_racroutes() const {
    return saf_rc == 0 || racf_rc > 16 || (racf_rc == 8 && racf_reason == 0);
  }
};

// All members that must be there when no token came, but `error` and `icsf`.
json NoToken(const Codes& codes, const json& key) {
  return {{"token", nullptr},
          {"signed", false},
          {"returned", false},
          {"auth_done", false},
          {"idt_gen_rc", codes.idt_gen_rc},
          {"saf_rc", codes.saf_rc},
          {"racf_rc", codes.racf_rc},
          {"racf_reason", codes.racf_reason},
          {"code", codes.code},
          {"racroute_code", codes.is_racroutes() ? json(codes.code) : json()},
          {"profile", nullptr},
          {"key", key},
          {"claims", nullptr}};
}

void ExpectNoToken(const Outcome& outcome, const Codes& codes, IcsfCode icsf,
                   const std::string& message, const json& key = nullptr) {
  EXPECT_EQ(outcome.status, codes.status);
  json document = outcome.json();
  EXPECT_EQ(document["icsf"]["return_code"], icsf.return_code);
  EXPECT_EQ(document["icsf"]["reason_code"], icsf.reason_code);
  ASSERT_TRUE(document.contains("error"));
  EXPECT_EQ(document["error"]["icsf"], document["icsf"]);
  EXPECT_THAT(document["error"]["message"].get<std::string>(),
              ::testing::StartsWith(message));
  document.erase("icsf");
  document.erase("error");
  EXPECT_EQ(document, NoToken(codes, key));
  EXPECT_THAT(outcome.err, ::testing::StartsWith("sigtoken: " + message));
  EXPECT_THAT(outcome.err,
              HasSubstr(std::string(" ") + codes.code + ", IDTA_IDT_Gen_RC " +
                        std::to_string(codes.idt_gen_rc) + "]\n"));
}

TEST_F(IdtGenerateTest, GivesATokenAndAllItsMembers) {
  const Outcome outcome = Run(kGenerate + kWithKey + Words{"--json"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  json document = outcome.json();
  const json claims = document["claims"];
  const std::string token = document["token"];
  document.erase("claims");
  document.erase("token");
  EXPECT_EQ(
      document,
      (json{{"signed", true},
            {"returned", true},
            {"auth_done", true},
            {"idt_gen_rc", 0},
            {"saf_rc", 0},
            {"racf_rc", 0},
            {"racf_reason", 0},
            {"code", "0/0/0"},
            {"racroute_code", nullptr},
            {"profile", nullptr},
            {"key", kKeyHandle},
            {"icsf",
             {{"return_code", 0}, {"reason_code", 0}, {"reason_hex", "0"}}}}));

  EXPECT_THAT(claims["jti"].get<std::string>(),
              ::testing::MatchesRegex("00[0-9A-F]{26}0001"));
  EXPECT_EQ(claims["txn"], claims["jti"]);
  EXPECT_EQ(claims["iss"], "saf");
  EXPECT_EQ(claims["sub"], "USER01");
  EXPECT_EQ(claims["aud"], (json{"APPL01", "*ANYAPPL*"}));
  EXPECT_EQ(claims["amr"], (json{"saf-acee"}));
  ASSERT_TRUE(claims["iat"].is_number_integer());
  EXPECT_EQ(claims["exp"].get<long>(), claims["iat"].get<long>() + 300);
  EXPECT_EQ(claims.size(), 8U);

  const auto parts = CompactJws::Parse(token);
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(parts->header(), kHeader);
  EXPECT_EQ(json::parse(parts->payload()), claims);
  std::string payload = R"({"jti":)" + claims["jti"].dump() + R"(,"txn":)" +
                        claims["txn"].dump() +
                        R"(,"iss":"saf","sub":"USER01","aud":["APPL01",)"
                        R"("*ANYAPPL*"],"iat":)" +
                        claims["iat"].dump() + R"(,"exp":)" +
                        claims["exp"].dump() + R"(,"amr":["saf-acee"]})";
  EXPECT_EQ(parts->payload(), payload);
  EXPECT_EQ(Sign(kHeader, payload), token);
}

TEST_F(IdtGenerateTest, PrintsTheTokenAlone) {
  const Outcome outcome = Run(kGenerate + kWithKey);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out,
              ::testing::MatchesRegex("eyJhbGciOiJIUzI1NiJ9\\.[A-Za-z0-9_-]+"
                                      "\\.[A-Za-z0-9_-]{43}\n"));
}

TEST_F(IdtGenerateTest, RacrouteWritesItsOwnAmr) {
  const json plain = Json(kGenerate + kRacroute + kWithKey);
  EXPECT_EQ(plain["claims"]["amr"], (json{"saf-pwd"}));
  EXPECT_EQ(plain["code"], "0/0/0");
  const json two = Json(kGenerate + kRacroute + kWithKey +
                        Words{"--amr", "mfa-comp", "--amr", "saf-phr"});
  EXPECT_EQ(two["claims"]["amr"], (json{"mfa-comp", "saf-phr"}));
  EXPECT_EQ(two["auth_done"], true);
  const json unfinished =
      Json(kGenerate + kRacroute + kWithKey + Words{"--amr", "mfa-exp"});
  EXPECT_EQ(unfinished["auth_done"], false);
  EXPECT_EQ(unfinished["returned"], true);
}

TEST_F(IdtGenerateTest, TheTxnOfAnInputTokenIsPassedOn) {
  const std::string first = Text(kGenerate + kRacroute + kWithKey);
  const auto file = folder_.Write("first", first);
  const json claims = Json({"idt", "inspect", file})["claims"];
  const json next = Json(kGenerate + kRacroute + kWithKey +
                         Words{"--input-idt", file})["claims"];
  EXPECT_EQ(next["txn"], claims["txn"]);
  EXPECT_NE(next["jti"], claims["jti"]);
}

TEST_F(IdtGenerateTest, AnInputTokenThatIsNotValidMakesNone) {
  const auto file = folder_.Write("old", Sign(kHeader, Payload(RacfClaims())));
  const Words words = {"idt",     "generate", "--appl",
                       "TSOIM13", "--user",   "RACFU01"};
  ExpectNoToken(
      Run(words + kRacroute + kWithKey + Words{"--input-idt", file, "--json"}),
      {8, 0, 8, 0x6C, 0xF, "8/6C/F"}, kParameterInvalid,
      "the input token is not accepted: the token has expired", kKeyHandle);
  ExpectNoToken(Run(words + kWithKey + Words{"--input-idt", file, "--json"}),
                {8, 0, 8, 12, 6, "8/12/6"}, kParameterInvalid,
                "initACEE takes no input token");
}

TEST_F(IdtGenerateTest, WithoutAKeyTheClassIsNotActive) {
  const std::string message =
      "the class IDTDATA is not active, and no key was named";
  ExpectNoToken(Run(kGenerate + Words{"--json"}), {8, 0, 8, 8, 16, "8/8/16"},
                kParameterInvalid, message);
  ExpectNoToken(Run(kGenerate + kRacroute + Words{"--json"}),
                {8, 0, 0, 0, 0, "0/0/0"}, kParameterInvalid, message);
  const Outcome plain = Run(kGenerate);
  EXPECT_EQ(plain.status, 8);
  EXPECT_EQ(plain.out, "");
}

TEST_F(IdtGenerateTest, AKeyThatIsNotThereIsAnIcsfError) {
  const Words key = {"--key", "IDTTKN.JWT.SECRET:2T", "--alg", "HS256",
                     "--json"};
  const std::string message =
      "there is no key IDTTKN.JWT.SECRET:00000002T (ICSF 8/3025, X'BD1')";
  const std::string start = "there is no key IDTTKN.JWT.SECRET:00000002T";
  ExpectNoToken(Run(kGenerate + key), {8, 5, 8, 16, 5, "8/16/5"},
                kObjectNotFound, start);
  // RACROUTE itself succeeds; the generation code says why no token came.
  ExpectNoToken(Run(kGenerate + kRacroute + key), {8, 5, 0, 0, 0, "0/0/0"},
                kObjectNotFound, start);
  ExpectNoToken(
      Run(kGenerate + Words{"--key", "NONE:1T", "--alg", "HS256", "--json"}),
      {8, 5, 8, 16, 5, "8/16/5"}, kTokenNotFound, "there is no token NONE");
  EXPECT_THAT(Run(kGenerate + key).err, HasSubstr(message));
}

TEST_F(IdtGenerateTest, AKeyThatMayNotSignIsAnIcsfError) {
  Text({"key", "disable", kKey});
  Outcome outcome = Run(kGenerate + kWithKey + Words{"--json"});
  EXPECT_EQ(outcome.status, 8);
  json document = outcome.json();
  EXPECT_EQ(document["code"], "8/16/5");
  EXPECT_EQ(document["idt_gen_rc"], 5);
  EXPECT_EQ(document["key"], kKeyHandle);
  EXPECT_EQ(document["icsf"]["reason_code"], kObjectDisabled.reason_code);

  Text({"key", "enable", kKey});
  outcome = Run(kGenerate + Words{"--key", kKey, "--alg", "HS512", "--json"});
  EXPECT_EQ(outcome.status, 8);
  document = outcome.json();
  EXPECT_EQ(document["code"], "8/16/5");
  EXPECT_EQ(document["error"]["cryptoki"],
            (json{{"function", "C_SignInit"}, {"rv", "CKR_KEY_SIZE_RANGE"}}));
}

TEST_F(IdtGenerateTest, AModuleThatIsNotThereIsIcsfNotAvailable) {
  ConfigureMissingModule();
  const Words key = {"--key", "GONE:1T", "--alg", "HS256", "--json"};
  for (const auto& [service, codes] :
       {std::pair("initacee", Codes{12, 4, 8, 16, 4, "8/16/4"}),
        std::pair("racroute", Codes{12, 4, 0, 0, 0, "0/0/0"})}) {
    const Outcome outcome = Run(kGenerate + Words{"--service", service} + key);
    EXPECT_EQ(
        outcome.json()["icsf"],
        (json{{"return_code", 12}, {"reason_code", 0}, {"reason_hex", "0"}}));
    ExpectNoToken(outcome, codes, kNotAvailable, "");
    EXPECT_THAT(outcome.err, HasSubstr("/nonexistent/module.so"));
  }
}

struct Mistake {
  Words words;
  std::string message;
  IcsfCode icsf = kParameterInvalid;
};

TEST_F(IdtGenerateTest, AParameterThatIsWrongHasTheCodesOfTheService) {
  const Words generate = {"idt", "generate"};
  const Words names = {"--appl", "A", "--user", "U"};
  for (const Mistake& mistake : std::vector<Mistake>{
           {{}, "--appl is required"},
           {{"--appl", "A"}, "--user is required"},
           {{"--user", "U"}, "--appl is required"},
           {{"--appl", "", "--user", "U"}, "--appl is empty"},
           {{"--appl", "A", "--user", ""}, "--user is empty"},
           {{"--appl", "a", "--user", "U"},
            "'a' is not valid as application name"},
           {{"--appl", "A23456789", "--user", "U"},
            "'A23456789' is not valid as application name"},
           {{"--appl", "A.B", "--user", "U"},
            "'A.B' is not valid as application name"},
           {{"--appl", "A", "--user", "user01"},
            "'user01' is not valid as user"},
           {{"--appl", "A", "--user", "U 1"}, "'U 1' is not valid as user"},
           {{"--appl", "A", "--user", "*"}, "'*' is not valid as user"},
           {names + Words{"--key", kKey}, "--key is given without --alg"},
           {names + Words{"--alg", "HS256"}, "--alg is given without --key"},
           {names + Words{"--key", "", "--alg", ""}, "--key is empty"},
           {names + Words{"--key", kKey, "--alg", ""}, "--alg is empty"},
           {names + Words{"--key", kKey, "--alg", "none"},
            "'none' is not an algorithm for identity tokens",
            kRuleArrayInvalid},
           {names + Words{"--key", kKey, "--alg", "RS256"},
            "'RS256' is not an algorithm for identity tokens",
            kRuleArrayInvalid},
           {names + Words{"--key", "nonsense", "--alg", "HS256"},
            "'nonsense' is not a handle: it has 8 characters, not 44",
            kHandleInvalid},
           {names + Words{"--key", "pkcs11:nonsense", "--alg", "HS256"},
            "the text is not a usable PKCS#11 URI"},
           {names + Words{"--end-user", "--trusted-caller"} + kWithKey,
            "--trusted-caller and --end-user contradict each other"},
           {names + Words{"--input-idt", "/nonexistent"} + kWithKey,
            "the file '/nonexistent' could not be read"},
           {names + Words{"--input-idt", ""} + kWithKey,
            "--input-idt is empty"},
       }) {
    SCOPED_TRACE(::testing::PrintToString(mistake.words));
    ExpectNoToken(Run(Words{"--json"} + generate + mistake.words),
                  {8, 0, 8, 8, 4, "8/8/4"}, mistake.icsf, mistake.message);
    ExpectNoToken(Run(Words{"--json"} + generate + kRacroute + mistake.words),
                  {8, 0, 8, 0x70, 0xA01, "8/70/A01"}, mistake.icsf,
                  mistake.message);
  }
}

// Which service was meant is not known then.
TEST_F(IdtGenerateTest, ArgumentsThatCannotBeReadHaveTheCodesOfInitAcee) {
  for (const Mistake& mistake : std::vector<Mistake>{
           {{"--nonsense"},
            "The following argument was not expected: --nonsense"},
           {{"token.jwt"},
            "The following argument was not expected: token.jwt"},
           {{"--appl", "B"}, "--appl is given more than once"},
           {{"--key"}, "--key needs a value"}}) {
    ExpectNoToken(Run(Words{"--json"} + kGenerate + mistake.words),
                  {8, 0, 8, 8, 4, "8/8/4"}, kParameterInvalid, mistake.message);
  }
}

TEST_F(IdtGenerateTest, RefusesAnAmrThatTheServiceDoesNotWrite) {
  const Codes initacee = {8, 0, 8, 8, 4, "8/8/4"};
  ExpectNoToken(Run(kGenerate + kWithKey + Words{"--amr", "saf-pwd", "--json"}),
                initacee, kParameterInvalid,
                "initACEE writes saf-acee and nothing else");
  ExpectNoToken(
      Run(kGenerate + kWithKey + Words{"--service", "RACROUTE", "--json"}),
      initacee, kParameterInvalid, "'RACROUTE' is not a service");
  const Codes racroute = {8, 0, 8, 0x70, 0xA01, "8/70/A01"};
  for (const auto& [amr, message] : std::vector<std::pair<Words, std::string>>{
           {{"--amr", "saf-acee"}, "saf-acee is written by initACEE alone"},
           {{"--amr", "saf-pwd", "--amr", "saf-phr"},
            "amr is not valid: saf-pwd and saf-phr exclude each other"},
           {{"--amr", "mfa-comp"},
            "amr is not valid: mfa-comp needs a SAF value beside it"},
           {{"--amr", "bad"},
            "amr is not valid: 'bad' is not one of its values"},
           {{"--amr", "SAF-PWD"},
            "amr is not valid: 'SAF-PWD' is not one of its values"},
           {{"--amr", "saf-pwd,mfa-comp"},
            "amr is not valid: 'saf-pwd,mfa-comp' is not one of its values"},
           {{"--amr", "saf-pwd", "--amr", "m\x1b"},
            "amr is not valid: 'm\\x1B' is not one of its values"},
           {{"--amr", ""}, "--amr is empty"}}) {
    ExpectNoToken(Run(kGenerate + kRacroute + kWithKey + amr + Words{"--json"}),
                  racroute, kParameterInvalid, message);
  }
}

// Which of the two would count, nobody said.
TEST_F(IdtGenerateTest, RefusesAKeywordThatIsThereTwice) {
  const Codes racroute = {8, 0, 8, 0x70, 0xA01, "8/70/A01"};
  const auto run = [&](const char* keywords) {
    return Run(kGenerate + kRacroute + kWithKey +
               Words{"--racroute", keywords, "--json"});
  };
  for (const auto& [keywords, message] :
       std::vector<std::pair<const char*, std::string>>{
           {"RELEASE=1.9.2,RELEASE=PLV0001", "the keyword RELEASE twice"},
           {"RELEASE=PLV0001,RELEASE=PLV0001", "the keyword RELEASE twice"},
           {"PASSCHK=NO,ENVIR=CREATE,passchk=YES", "the keyword PASSCHK twice"},
           {"ENVIR=CREATE,ENVIR=CREATE", "the keyword ENVIR twice"},
           {"START,START", "the keyword START twice"},
           {"ENVRIN,ICRX,ENVRIN", "the keyword ENVRIN twice"},
           {"PASSWRD,PASSWRD", "the keyword PASSWRD twice"},
           {"PASSWRD,PHRASE", "both PASSWRD and PHRASE"},
           {"PHRASE,PASSWRD", "both PASSWRD and PHRASE"},
           {"NEWPHRASE,NEWPASS", "both NEWPASS and NEWPHRASE"}}) {
    SCOPED_TRACE(keywords);
    ExpectNoToken(run(keywords), racroute, kParameterInvalid,
                  "--racroute has " + message);
  }
  for (const char* keywords : {"RELEASE=PLV0001,PHRASE,NEWPHRASE",
                               "RELEASE=PLV0001,PASSWRD,NEWPHRASE"}) {
    EXPECT_NE(run(keywords).json()["code"], "8/70/A01") << keywords;
  }
}

TEST_F(IdtGenerateTest, SaysThatAmrIsRepeated) {
  for (const char* amr : {"bad", "saf-pwd,mfa-comp", "mfa-comp"}) {
    EXPECT_THAT(Run(kGenerate + kRacroute + kWithKey + Words{"--amr", amr}).err,
                HasSubstr("; repeat --amr for a second value [RACROUTE"));
  }
}

// Who names a key wants a signed token, whoever keeps it.
TEST_F(IdtGenerateTest, TheEndUserFlagsAreTaken) {
  EXPECT_EQ(Json(kGenerate + kWithKey + Words{"--end-user"})["signed"], true);
  EXPECT_EQ(Json(kGenerate + kWithKey + Words{"--trusted-caller"})["signed"],
            true);
}

TEST_F(IdtGenerateTest, TwoTokensDiffer) {
  EXPECT_NE(Text(kGenerate + kWithKey), Text(kGenerate + kWithKey));
}

}  // namespace
}  // namespace sigtoken::testing
