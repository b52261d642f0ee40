#include <chrono>
#include <filesystem>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/tools/bound_token.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HsmTestTest : public BoundTokenTest {
 protected:
  // A home that is not there.
  HsmTestTest() { std::filesystem::remove_all(home_); }

  std::string Uri(const std::string& more = "") const {
    return "pkcs11:token=hsm?module-path=" + FaultModule::path() + more;
  }
  std::string UriWithPin(const std::string& pin = PrivateSoftHsm2::kPin) const {
    return Uri("&pin-source=file:" + folder_.Write("pin", pin).string());
  }
  Words Test() const { return {"hsm", "test", "--uri", UriWithPin()}; }

  static json CheckOf(const json& said, const std::string& name) {
    for (const json& check : said["checks"]) {
      if (check["name"] == name) return check;
    }
    return nullptr;
  }
  static std::string LeftOver(const json& said) {
    return CheckOf(said, "scratch objects").value("detail", "");
  }
  // As pkcs11-tool shows them.
  std::string Objects() const { return Pkcs11Tool({"--list-objects"}).out; }
};

TEST_F(HsmTestTest, AnswersOneDocument) {
  const json said = Json(Test());
  EXPECT_EQ(said.size(), 5U);
  EXPECT_EQ(said["ok"], true);
  EXPECT_THAT(said["verdict"].get<std::string>(),
              StartsWith("this token works with sigtoken"));
  EXPECT_EQ(said["module"], FaultModule::path());
  EXPECT_THAT(said["uri"].get<std::string>(), StartsWith("pkcs11:token=hsm;"));
  ASSERT_GT(said["checks"].size(), 30U);
  for (const json& check : said["checks"]) {
    EXPECT_EQ(check.size(), 4U);
    for (const char* member : {"name", "status", "detail", "consequence"}) {
      EXPECT_NE(check[member].get<std::string>(), "") << check;
    }
    EXPECT_TRUE(check["status"] == "ok" || check["status"] == "limited")
        << check;
  }
}

TEST_F(HsmTestTest, PrintsAnAlignedLineForEachCheck) {
  const json said = Json(Test());
  std::istringstream lines(Text(Test()));
  const std::regex shape(
      "[a-z0-9 ]{18}  (ok|limited|missing|failed) *  [^ ].* -> [^ ].*");
  std::string line;
  for (const json& check : said["checks"]) {
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_THAT(line, StartsWith(check["name"].get<std::string>() + " "));
    EXPECT_TRUE(std::regex_match(line, shape)) << line;
    EXPECT_EQ(
        line.substr(20, 7),
        check["status"].get<std::string>() +
            std::string(7 - check["status"].get<std::string>().size(), ' '));
    EXPECT_TRUE(IsPlain(line)) << line;
  }
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(line, "");
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(line,
            "This token works with sigtoken: keys are generated and imported");
  EXPECT_FALSE(std::getline(lines, line));
}

TEST_F(HsmTestTest, MakesNoHomeAndLeavesNothingInTheToken) {
  MakeTheirKey("theirs", "0a0b");
  const std::string before = Objects();
  EXPECT_THAT(before, HasSubstr("theirs"));
  EXPECT_EQ(Run(Test()).status, 0);
  EXPECT_FALSE(std::filesystem::exists(home_));
  EXPECT_EQ(Objects(), before);
}

TEST_F(HsmTestTest, AModuleThatCannotBeUsedIsStatus4) {
  struct Row {
    std::string script;
    std::string verdict;
  };
  for (const Row& row : std::vector<Row>{
           {"C_GenerateKey * return CKR_FUNCTION_NOT_SUPPORTED\n"
            "C_CreateObject * return CKR_ATTRIBUTE_VALUE_INVALID",
            "this token does not work with sigtoken: it neither makes an HMAC "
            "key nor takes one, and has none of others"},
           {"C_Sign * corrupt",
            "this token does not work with sigtoken: its MACs are wrong"}}) {
    fault_.Script(row.script);
    const Outcome plain = Run(Test());
    EXPECT_EQ(plain.status, 4);
    EXPECT_EQ(plain.err, "sigtoken: " + row.verdict + "\n");
    EXPECT_THAT(plain.out, EndsWith("\nT" + row.verdict.substr(1) + "\n"));
    const Outcome outcome = Run(Test() + Words{"--json"});
    EXPECT_EQ(outcome.status, 4);
    EXPECT_EQ(outcome.json()["ok"], false);
    EXPECT_EQ(outcome.json()["verdict"], row.verdict);
    EXPECT_EQ(outcome.err, plain.err);
  }
}

TEST_F(HsmTestTest, ATokenOfTheConfigurationIsTestedByItsName) {
  MakePrivate(home_);
  Configure("file:" + folder_.Write("pin", PrivateSoftHsm2::kPin).string());
  const json said = Json({"hsm", "test", "--token", kBound});
  EXPECT_EQ(said["ok"], true);
  EXPECT_EQ(LeftOver(said), "20 objects made and destroyed");
  // Neither a record nor a number of it.
  EXPECT_EQ(Json({"token", "list"})["tokens"][0]["last_sequence"], "00000000");
  ASSERT_EQ(Generate().status, 0);
  EXPECT_EQ(Json({"key", "list"})["keys"][0]["sequence"], "00000001");
  ExpectRefusal(
      {"hsm", "test", "--token", "NONE"}, kTokenNotFound,
      "the configuration does not bind the name NONE and does not use "
      "the embedded store");
  ExpectRefusal({"hsm", "test", "--token", "hsm.keys"}, kHandleInvalid,
                "'hsm.keys' is not a token name");
  ExpectRefusal({"hsm", "test", "--token", "SYSTOK-SESSION-ONLY"},
                kTokenNotFound,
                "the token SYSTOK-SESSION-ONLY holds session objects alone, "
                "which each process sees for itself: there is nothing to "
                "show");
}

TEST_F(HsmTestTest, ATokenOfTheEmbeddedStoreToo) {
  WithToken();
  EXPECT_EQ(Json({"hsm", "test", "--token", "IDTTKN.JWT.SECRET"})["ok"], true);
  EXPECT_EQ(Json({"token", "list"})["tokens"][0]["keys"], 0);
}

TEST_F(HsmTestTest, ArgumentsThatDoNotFitAreRefused) {
  struct Row {
    Words words;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {{}, "hsm test needs --uri or --token"},
           {{"--uri", Uri(), "--token", "A"},
            "--uri and --token are given, of which one is enough"},
           {{"--token", "A", "--init", "x"}, "--init belongs to --uri"},
           {{"--init", "x"}, "hsm test needs --uri or --token"},
           {{"--uri", ""}, "--uri is empty"},
           {{"--uri", "pkcs11:token=hsm"}, "'uri' has no module-path"},
           {{"--uri", "pkcs11:token=hsm?module-path=m.so"},
            "the module-path of 'uri' is not absolute"},
           {{"--uri", "pkcs11:?module-path=" + FaultModule::path()},
            "'uri' does not say which token it names"},
           {{"--uri", Uri("&pin-source=env:PIN")},
            "the PIN source is an environment variable: children and other "
            "tools see those"},
           {{"--uri", Uri(), "more"},
            "The following argument was not expected: more"},
       }) {
    ExpectRefusal(Words{"hsm", "test"} + row.words, kParameterInvalid,
                  row.message);
  }
  const Outcome outcome =
      Run({"hsm", "test", "--uri", Uri("&pin-value=86420975")});
  EXPECT_EQ(outcome.status, 8);
  EXPECT_THAT(outcome.err, ::testing::Not(HasSubstr("86420975")));
  EXPECT_FALSE(std::filesystem::exists(home_));
}

TEST_F(HsmTestTest, AModuleThatIsNotThereIsNotAvailable) {
  for (const std::string path : {"/nonexistent.so", "/etc/passwd"}) {
    const Outcome outcome = Run({"hsm", "test", "--json", "--uri",
                                 "pkcs11:token=hsm?module-path=" + path});
    EXPECT_EQ(outcome.status, 12);
    EXPECT_EQ(outcome.json()["error"]["icsf"]["return_code"], 12);
    EXPECT_EQ(outcome.json()["error"]["icsf"]["reason_code"], 0);
  }
  fault_.Script("C_Initialize * return CKR_GENERAL_ERROR");
  EXPECT_EQ(Run(Test()).status, 12);
  fault_.Script("C_GetSlotList * return CKR_DEVICE_ERROR");
  EXPECT_EQ(Run(Test()).status, 12);
  fault_.Script("");
  const Outcome other =
      Run({"hsm", "test", "--uri",
           "pkcs11:token=prod-hsm?module-path=" + FaultModule::path()});
  EXPECT_EQ(other.status, 12);
  EXPECT_THAT(other.err,
              StartsWith("sigtoken: the token PROD.HSM (token=prod-hsm) is not "
                         "among the tokens that '" +
                         FaultModule::path() +
                         "' shows (ICSF 12/0, X'0'). Check label and serial "
                         "number, the device and its daemon: it shows "));
}

TEST_F(HsmTestTest, WithoutAPinNothingIsTried) {
  ExpectRefusal({"hsm", "test", "--uri", Uri()}, kNotAuthorized,
                "no PIN is named for the token HSM");
  EXPECT_EQ(fault_.Calls("C_Login"), 0U);
}

TEST_F(HsmTestTest, AWrongPinIsTriedOnceByWhateverCommand) {
  const Words test = {"hsm", "test", "--uri", UriWithPin("86420975")};
  const Outcome first = Run(test + Words{"--json"});
  EXPECT_EQ(first.status, 8);
  EXPECT_EQ(first.json()["error"]["icsf"]["reason_code"], 16000);
  EXPECT_EQ(first.json()["error"]["cryptoki"],
            (json{{"function", "C_Login"}, {"rv", "CKR_PIN_INCORRECT"}}));
  EXPECT_EQ(fault_.Calls("C_Login"), 1U);
  // That it is remembered is what the home was made for.
  EXPECT_TRUE(std::filesystem::exists(home_ / "sigtoken.db"));
  EXPECT_EQ(Run(test).status, 8);
  Configure("file:" + (folder_.path() / "pin").string());
  EXPECT_EQ(Run({"key", "list"}).status, 8);
  EXPECT_EQ(Run({"hsm", "test", "--token", kBound}).status, 8);
  EXPECT_EQ(fault_.Calls("C_Login"), 1U);
  EXPECT_THAT(first.err + first.out, ::testing::Not(HasSubstr("86420975")));
  // Until its file changes.
  EXPECT_EQ(Run(Test()).status, 0);
}

TEST_F(HsmTestTest, APinThatAnotherCommandWasRefusedIsNotTried) {
  MakePrivate(home_);
  const Words test = {"hsm", "test", "--uri", UriWithPin("86420975")};
  Configure("file:" + (folder_.path() / "pin").string());
  EXPECT_EQ(Run({"key", "list"}).status, 8);
  EXPECT_EQ(Run(test).status, 8);
  EXPECT_EQ(fault_.Calls("C_Login"), 1U);
}

TEST_F(HsmTestTest, APersonAtTheTerminalIsAskedForThePinOnce) {
  const auto outcome = programs_.RunAtTerminal(
      SIGTOKEN_BINARY,
      {"hsm", "test", "--uri", Uri("&pin-source=prompt:"), "--quiet"},
      {{"User PIN of the token HSM: ",
        std::string(PrivateSoftHsm2::kPin) + "\n"}});
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("C_Login answered "
                                     "CKR_USER_ALREADY_LOGGED_IN"));
}

TEST_F(HsmTestTest, WhatCannotBeRemovedIsAWarning) {
  fault_.Script("C_DestroyObject * return CKR_FUNCTION_FAILED");
  const Outcome outcome = Run(Test() + Words{"--json"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err,
            "sigtoken: warning: what was made in the token could not all be "
            "removed: it is labelled 'sigtoken hsm test'\n");
  EXPECT_EQ(CheckOf(outcome.json(), "scratch objects")["status"], "failed");
  EXPECT_THAT(Objects(), HasSubstr("sigtoken hsm test"));
  fault_.Script("");
  EXPECT_EQ(LeftOver(Json(Test())),
            "20 objects made and destroyed; 4 of an interrupted run too");
  EXPECT_THAT(Objects(), ::testing::Not(HasSubstr("sigtoken hsm test")));
}

TEST_F(HsmTestTest, WhatAKilledRunLeftTheNextOneRemoves) {
  MakeTheirKey("theirs", "0a0b");
  const std::string before = Objects();
  struct Row {
    std::string script;
    int left;
  };
  // In the middle of `generate`, of `data objects`, and of `id and label`,
  // whose key has another label by then.
  for (const Row& row :
       std::vector<Row>{{"C_GenerateKey 3 kill after", 1},
                        {"C_SetAttributeValue 2 kill after", 1},
                        {"C_CopyObject 1 kill after", 2}}) {
    SCOPED_TRACE(row.script);
    fault_.Script(row.script);
    EXPECT_EQ(Run(Test()).status, 128 + SIGKILL);
    EXPECT_NE(Objects(), before);
    fault_.Script("");
    EXPECT_EQ(LeftOver(Json(Test())), "20 objects made and destroyed; " +
                                          std::to_string(row.left) +
                                          " of an interrupted run too");
    EXPECT_EQ(Objects(), before);
  }
}

TEST_F(HsmTestTest, TwoAtOnceDoNotDisturbEachOther) {
  std::vector<Outcome> outcomes(2);
  std::vector<std::thread> threads;
  const Words test = Test() + Words{"--json"};
  for (Outcome& outcome : outcomes) {
    threads.emplace_back([&] { outcome = Run(test); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Outcome& outcome : outcomes) {
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const json said = outcome.json();
    EXPECT_EQ(LeftOver(said), "20 objects made and destroyed");
    for (const json& check : said["checks"]) {
      EXPECT_NE(check["status"], "failed") << check;
      EXPECT_NE(check["status"], "missing") << check;
    }
  }
  EXPECT_EQ(Objects().find("sigtoken hsm test"), std::string::npos);
}

// By others too: keys are made and listed beside it.
TEST_F(HsmTestTest, OthersAreNotDisturbed) {
  MakePrivate(home_);
  Configure("file:" + folder_.Write("pin", PrivateSoftHsm2::kPin).string());
  Outcome tested;
  std::thread thread([&] {
    tested = Run({"hsm", "test", "--token", kBound, "--json"});
  });
  for (int made = 0; made < 5; ++made) EXPECT_EQ(Generate().status, 0);
  thread.join();
  EXPECT_EQ(tested.status, 0) << tested.err;
  const json keys = Json({"key", "list"})["keys"];
  EXPECT_EQ(keys.size(), 5U);
  for (int key = 1; key <= 5; ++key) {
    EXPECT_EQ(Run(Signing("HSM.KEYS:" + std::to_string(key) + "T"), "x").status,
              0);
  }
}

TEST_F(HsmTestTest, ACallThatHangsCostsTheDeadline) {
  MakePrivate(home_);
  folder_.Write("home/sigtoken.toml", "deadline_seconds = 1\n");
  struct Row {
    std::string script;
    std::string function;
    std::string check;
  };
  // The last one in one of eight threads.
  for (const Row& row : std::vector<Row>{
           {"C_Initialize * hang door", "C_Initialize", ""},
           {"C_GenerateKey 5 hang door", "C_GenerateKey", "generate"},
           {"C_VerifyInit 1 hang door", "C_VerifyInit", "generate"}}) {
    SCOPED_TRACE(row.script);
    fault_.Script(row.script);
    const auto begin = std::chrono::steady_clock::now();
    const Outcome outcome = Run(Test());
    EXPECT_LT(std::chrono::steady_clock::now() - begin,
              std::chrono::seconds{10});
    EXPECT_EQ(outcome.status, 12);
    const std::string message = "the PKCS#11 module has not come back from " +
                                row.function + " for 1 s";
    EXPECT_THAT(outcome.err,
                StartsWith("sigtoken: " + message + " (ICSF 12/0, X'0'). "));
    const std::string left =
        "; what it had made in the token, labelled 'sigtoken hsm test', may be "
        "left: the next run removes it\n";
    if (row.function == "C_Initialize") {
      EXPECT_EQ(outcome.out, "");
      EXPECT_THAT(outcome.err, ::testing::Not(EndsWith(left)));
    } else {
      // What was found until then, and not what comes behind it.
      EXPECT_THAT(outcome.out, ::testing::MatchesRegex(
                                   "module .*\nrandom .*\n" + row.check +
                                   " +failed +" + message + " -> not known\n"));
      EXPECT_THAT(outcome.err, EndsWith(left));
    }
  }
  fault_.Script("");
  EXPECT_THAT(LeftOver(Json(Test())), HasSubstr(" of an interrupted run too"));
  EXPECT_EQ(Objects().find("sigtoken hsm test"), std::string::npos);
}

TEST_F(HsmTestTest, ADeviceThatGoesAwayIsNotAvailable) {
  fault_.Script("C_OpenSession 30- return CKR_DEVICE_REMOVED");
  const Outcome outcome = Run(Test() + Words{"--json"});
  EXPECT_EQ(outcome.status, 12);
  EXPECT_EQ(outcome.json()["error"]["cryptoki"]["rv"], "CKR_DEVICE_REMOVED");
  EXPECT_THAT(outcome.err, HasSubstr("labelled 'sigtoken hsm test'"));
  const json checks = outcome.json()["checks"];
  ASSERT_GT(checks.size(), 1U);
  EXPECT_EQ(checks.front()["name"], "module");
  EXPECT_EQ(checks.back()["status"], "failed");
  EXPECT_THAT(outcome.json()["error"]["message"],
              StartsWith(std::string(checks.back()["detail"]) + ". "));
}

}  // namespace
}  // namespace sigtoken::testing
