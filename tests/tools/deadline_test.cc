// What a user sees of a module that does not come back.

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <vector>

#include "tests/tools/bound_token.h"

namespace sigtoken::testing {
namespace {

using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Clock = std::chrono::steady_clock;

class DeadlineTest : public BoundTokenTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(Generate().status, 0);
    Configure("file:" + folder_.Write("pin", PrivateSoftHsm2::kPin).string(),
              "deadline_seconds = 2\n");
  }

  // Within the deadline, and a margin of five.
  Outcome InTime(const Words& words, const std::string& input = "") const {
    const auto begin = Clock::now();
    Outcome outcome = Run(words, input);
    EXPECT_LT(Clock::now() - begin, std::chrono::seconds{10});
    return outcome;
  }
};

TEST_F(DeadlineTest, TheCallThatHangsIsNamed) {
  for (const std::string function : {"C_SignInit", "C_Initialize"}) {
    fault_.Script(function + " * hang door");
    const Outcome outcome = InTime(Signing("HSM.KEYS:1T"), "data");
    EXPECT_EQ(outcome.status, 12);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err,
              "sigtoken: the PKCS#11 module has not come back from " +
                  function +
                  " within the 2 s of this request (ICSF 12/0, X'0'). See "
                  "whether the device and its daemon still answer, and what "
                  "was done; then try again. Where it is slow, raise "
                  "deadline_seconds in the configuration\n");
  }
}

// Its constructors may connect to a device, too.
TEST_F(DeadlineTest, AModuleThatHangsWhileItIsLoadedIsNamedSo) {
  programs_.SetEnvironment("SIGTOKEN_FAULT_HANGS_LOADING", "1");
  const Outcome outcome = InTime(Signing("HSM.KEYS:1T"), "data");
  EXPECT_EQ(outcome.status, 12);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err,
              StartsWith("sigtoken: the PKCS#11 module has not come back from "
                         "C_GetFunctionList within the 2 s of this request "
                         "(ICSF 12/0, X'0'). "));
}

// As many as there are wait for the first one's end, and not for each other's.
TEST_F(DeadlineTest, IsOfThoseTooWhoWaitBehindOneThatHangs) {
  fault_.Script("C_Login * hang door");
  std::vector<std::future<Outcome>> all;
  for (int i = 0; i < 8; ++i) {
    // Work of an administrator, too, and lists.
    const Words words = i % 4 == 0 ? Words{"key", "generate", "--token", kBound}
                        : i % 4 == 1 ? Words{"key", "list"}
                                     : Signing("HSM.KEYS:1T");
    all.push_back(std::async(std::launch::async,
                             [this, words] { return InTime(words, "data"); }));
  }
  for (auto& each : all) {
    const Outcome outcome = each.get();
    EXPECT_EQ(outcome.status, 12);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(
        outcome.err,
        // Whatever it is at when its time is over.
        AnyOf(HasSubstr("has not come back from C_"),
              HasSubstr(", and what it waited for, have taken 2 s "),
              ContainsRegex(
                  "^sigtoken: (token HSM.KEYS: )?the lock '.*' was held by "
                  "(process [0-9]+|other processes) for [0-9]+ m?s ")));
  }
}

// Each call comes back in time, and the request does not: it has one deadline.
TEST_F(DeadlineTest, ARequestHasItForAllItsCalls) {
  fault_.Script("* * delay 700");
  for (const Words& words :
       std::vector<Words>{Signing("HSM.KEYS:1T"),
                          {"key", "generate", "--token", kBound},
                          {"key", "show", "HSM.KEYS:1T"},
                          {"key", "disable", "HSM.KEYS:1T"},
                          {"key", "delete", "HSM.KEYS:1T"}}) {
    SCOPED_TRACE(words[1]);
    const Outcome outcome = InTime(words, "data");
    EXPECT_EQ(outcome.status, 12);
    EXPECT_THAT(outcome.err, HasSubstr(" 2 s"));
  }
  fault_.Script("");
  EXPECT_EQ(Run(Signing("HSM.KEYS:1T"), "data").status, 0);
}

// From then on it has the deadline for each call.
TEST_F(DeadlineTest, WhatHasBegunToChangeIsNotGivenUpHalfWay) {
  // Six of them: the key that was made is proved.
  fault_.Script("C_GetAttributeValue * delay 600");
  const Outcome made = Generate();
  EXPECT_EQ(made.status, 0) << made.err;
  // The first is of the login, which tries a key.
  fault_.Script("C_DestroyObject 2 delay 1500\nC_FindObjects * delay 120");
  const Outcome deleted = Run({"key", "delete", "HSM.KEYS:1T", "--force"});
  EXPECT_EQ(deleted.status, 0) << deleted.err;
  fault_.Script("");
  const auto keys = Run({"key", "list", "--json"}).json()["keys"];
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0]["handle"], "HSM.KEYS                        00000002T   ");
  // A call that hangs has it still.
  fault_.Script("C_GenerateKey * hang door");
  EXPECT_EQ(InTime({"key", "generate", "--token", kBound}).status, 12);
}

// As long as a list is, so long it takes.
TEST_F(DeadlineTest, AListHasItForEachCall) {
  fault_.Script("C_FindObjectsInit * delay 1200\nC_Login * delay 1200");
  const Outcome outcome = Run({"key", "list", "--json"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["keys"].size(), 1U);
}

// The helper is ended with the request.
TEST_F(DeadlineTest, AnIsolatedModuleLeavesNoProcessBehind) {
  // A path of its own, by which its processes are known.
  const auto module = folder_.path() / "module.so";
  std::filesystem::copy_file(FaultModule::path_of_helpers(), module);
  ASSERT_EQ(chmod(module.c_str(), 0755), 0);
  folder_.Write("home/sigtoken.toml",
                "deadline_seconds = 1\n[[token]]\nname = \"HSM.KEYS\"\n"
                "uri = \"pkcs11:token=hsm?module-path=" +
                    module.string() +
                    "&pin-source=file:" + (folder_.path() / "pin").string() +
                    "\"\nisolated = true\n");
  const auto helpers = [&] {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::ifstream file(entry.path() / "cmdline", std::ios::binary);
      const std::string line((std::istreambuf_iterator<char>(file)), {});
      if (line.find(module.string()) != std::string::npos) ++count;
    }
    return count;
  };
  ASSERT_EQ(Run(Signing("HSM.KEYS:1T"), "data").status, 0);
  EXPECT_EQ(helpers(), 0);
  for (const std::string function : {"C_Initialize", "C_Login", "C_Sign"}) {
    SCOPED_TRACE(function);
    fault_.Script(function + " * hang door");
    const Outcome outcome = InTime(Signing("HSM.KEYS:1T"), "data");
    EXPECT_EQ(outcome.status, 12);
    EXPECT_THAT(outcome.err, HasSubstr("has not come back from " + function));
    const auto end = Clock::now() + std::chrono::seconds{5};
    while (helpers() > 0 && Clock::now() < end) {
    }
    EXPECT_EQ(helpers(), 0);
  }
  // A crash.
  fault_.Script("C_Sign * kill");
  const Outcome crashed = InTime(Signing("HSM.KEYS:1T"), "data");
  EXPECT_EQ(crashed.status, 12) << crashed.err;
  EXPECT_EQ(crashed.out, "");
  fault_.Script("");
  const Outcome next = Run(Signing("HSM.KEYS:1T"), "data");
  EXPECT_EQ(next.status, 0) << next.err;
  EXPECT_EQ(next.err, "");
}

TEST_F(DeadlineTest, WithJsonItIsOneDocument) {
  fault_.Script("C_OpenSession * hang door");
  const Outcome outcome = InTime({"key", "list", "--json"});
  EXPECT_EQ(outcome.status, 12);
  const auto json = outcome.json();
  EXPECT_EQ(json["error"]["icsf"]["return_code"], 12);
  EXPECT_EQ(json["error"]["icsf"]["reason_code"], 0);
  EXPECT_EQ(json["error"].count("cryptoki"), 0U);
}

TEST_F(DeadlineTest, AnIdentityTokenIsNotMadeAndIcsfIsNotAvailable) {
  fault_.Script("C_SignInit * hang door");
  const Outcome outcome =
      InTime({"idt", "generate", "--appl", "APPL01", "--user", "USER01",
              "--key", "HSM.KEYS:1T", "--alg", "HS256", "--json"});
  EXPECT_EQ(outcome.status, 12);
  const auto json = outcome.json();
  EXPECT_EQ(json["token"], nullptr);
  EXPECT_EQ(json["returned"], false);
  EXPECT_EQ(json["idt_gen_rc"], 4);
  EXPECT_EQ(json["code"], "8/16/4");
  EXPECT_THAT(json["error"]["message"].get<std::string>(),
              StartsWith("the PKCS#11 module has not come back from "));
  EXPECT_THAT(outcome.err, HasSubstr("\nsigtoken: ICH408I USER(USER01  ) "));
}

// The thread that would have written the record does not come back.
TEST_F(DeadlineTest, ARequestThatIsGivenUpIsOnRecordOnce) {
  const auto records = [&] {
    std::ifstream file(home_ / "audit.jsonl");
    std::vector<nlohmann::json> all;
    for (std::string line; std::getline(file, line);) {
      all.push_back(nlohmann::json::parse(line));
    }
    return all;
  };
  const Words key = {"--key", "HSM.KEYS:1T", "--alg", "HS256"};
  const Words named = Words{"--appl", "APPL01", "--user", "USER01"} + key;
  const Outcome made = Run(Words{"idt", "generate"} + named);
  ASSERT_EQ(made.status, 0);
  fault_.Script("C_SignInit * hang door");
  InTime(Words{"idt", "generate"} + named);
  InTime(Words{"idt", "generate", "--service", "racroute"} + named);
  InTime(Words{"idt", "validate"} + named, made.out);
  const auto all = records();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[1]["event"], "INITACEE");
  EXPECT_EQ(all[1]["code"], "8/16/4");
  EXPECT_EQ(all[1]["INTA_IDT_BUILD_RSNC"], "00000004");
  EXPECT_EQ(all[1]["racf_audits"], true);
  EXPECT_EQ(all[2]["event"], "JOBINIT");
  EXPECT_EQ(all[2]["code"], "0/0/0");
  EXPECT_EQ(all[2]["INIT_IDT_BUILD_RSNC"], "00000004");
  EXPECT_EQ(all[3]["code"], "8/6C/A0B");
  for (const auto& record : all) EXPECT_EQ(record["user"], "USER01");
}

TEST_F(DeadlineTest, AnIdentityTokenIsNotCheckedAndNobodyIsCounted) {
  const Outcome made =
      Run({"idt", "generate", "--appl", "APPL01", "--user", "USER01", "--key",
           "HSM.KEYS:1T", "--alg", "HS256"});
  ASSERT_EQ(made.status, 0);
  fault_.Script("C_Login * hang door");
  const Outcome outcome =
      InTime({"idt", "validate", "--appl", "APPL01", "--key", "HSM.KEYS:1T",
              "--alg", "HS256", "--json"},
             made.out);
  EXPECT_EQ(outcome.status, 12);
  const auto json = outcome.json();
  EXPECT_EQ(json["valid"], false);
  EXPECT_NE(json["code"], "8/8/0");
}

TEST_F(DeadlineTest, AtTheEndItChangesNoAnswer) {
  fault_.Script("C_Finalize * hang door");
  const Outcome outcome = InTime({"key", "show", "HSM.KEYS:1T", "--json"});
  EXPECT_EQ(outcome.json()["keys"].size(), 1U);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
}

TEST_F(DeadlineTest, TheSampleJobEndsToo) {
  fault_.Script("C_GenerateKey * hang door");
  const auto begin = Clock::now();
  const Outcome outcome = programs_.Zweseckg({kBound});
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds{10});
  EXPECT_EQ(outcome.status, 12);
  EXPECT_THAT(outcome.out, HasSubstr(" Return Code = 0012\n"));
  EXPECT_THAT(outcome.err, HasSubstr("has not come back from C_GenerateKey"));
  // Nothing is lost, and the next one works.
  fault_.Script("");
  EXPECT_EQ(Run(Signing("HSM.KEYS:1T"), "data").status, 0);
  EXPECT_EQ(programs_.Zweseckg({kBound}).status, 0);
}

}  // namespace
}  // namespace sigtoken::testing
