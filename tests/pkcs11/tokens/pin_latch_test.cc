// A wrong PIN is not tried again, by any process.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/fault_module.h"
#include "tests/pkcs11/temporary_folder.h"
#include "tests/private_soft_hsm2.h"
#include "tests/program.h"

namespace sigtoken {
namespace {

using ::testing::HasSubstr;
using testing::Outcome;

class PinLatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    hsm_.MakeToken("one");
    hsm_.MakeToken("two");
    std::filesystem::create_directory(home());
    std::filesystem::permissions(home(), std::filesystem::perms::owner_all);
    for (const auto& [name, value] : fault_.environment()) {
      programs_.SetEnvironment(name, value);
    }
    programs_.SetEnvironment("SOFTHSM2_CONF", hsm_.conf());
  }

  std::filesystem::path home() const { return folder_.path() / "home"; }
  std::filesystem::path PinFile(const std::string& name) const {
    return folder_.path() / name;
  }

  struct Bound {
    std::string name;   // The ICSF token
    std::string label;  // of this PKCS#11 token,
    std::string pin;    // whose PIN is in this file.
  };
  void Configure(const std::vector<Bound>& tokens) const {
    std::string text;
    for (const Bound& token : tokens) {
      text += "[[token]]\nname = \"" + token.name +
              "\"\nuri = \"pkcs11:token=" + token.label +
              "?module-path=" + testing::FaultModule::path() +
              "&pin-source=file:" + PinFile(token.pin).string() + "\"\n";
    }
    folder_.Write("home/sigtoken.toml", text);
  }

  Outcome List(const std::string& name) const {
    return programs_.Sigtoken({"--json", "key", "list", "--token", name});
  }
  void ExpectDone(const std::string& name) const {
    const Outcome outcome = List(name);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
  }
  // A refusal of our own contract, which names the file.
  void ExpectRefused(const Outcome& outcome, const std::string& pin) const {
    EXPECT_EQ(outcome.status, 8);
    EXPECT_EQ(outcome.json()["error"]["icsf"]["return_code"], 8);
    EXPECT_EQ(outcome.json()["error"]["icsf"]["reason_code"], 16000);
    EXPECT_THAT(outcome.err, HasSubstr("'" + PinFile(pin).string() + "'"));
    EXPECT_THAT(outcome.err + outcome.out, ::testing::Not(HasSubstr(kWrong)));
  }
  std::size_t Logins() const { return fault_.Calls("C_Login"); }

  static constexpr const char* kWrong = "86420975";
  static constexpr const char* kRight = testing::PrivateSoftHsm2::kPin;

  testing::PrivateSoftHsm2 hsm_;
  testing::FaultModule fault_;
  testing::TemporaryFolder folder_;
  testing::Programs programs_{home().string()};
};

TEST_F(PinLatchTest, AHundredProcessesTryAWrongPinOnce) {
  folder_.Write("pin", kWrong);
  Configure({{"IDT.KEYS", "one", "pin"}});
  const Outcome first = List("IDT.KEYS");
  ExpectRefused(first, "pin");
  EXPECT_EQ(first.json()["error"]["cryptoki"]["function"], "C_Login");
  EXPECT_EQ(first.json()["error"]["cryptoki"]["rv"], "CKR_PIN_INCORRECT");
  for (int i = 1; i < 100; ++i) {
    const Outcome again = List("IDT.KEYS");
    ExpectRefused(again, "pin");
    EXPECT_EQ(again.json()["error"]["cryptoki"]["rv"], "CKR_PIN_INCORRECT");
  }
  EXPECT_EQ(Logins(), 1U);
}

TEST_F(PinLatchTest, ProcessesThatComeTogetherTryItOnceToo) {
  folder_.Write("pin", kWrong);
  Configure({{"IDT.KEYS", "one", "pin"}});
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] { ExpectRefused(List("IDT.KEYS"), "pin"); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Logins(), 1U);
}

TEST_F(PinLatchTest, EveryCommandThatLogsInIsRefused) {
  folder_.Write("pin", kWrong);
  Configure({{"IDT.KEYS", "one", "pin"}});
  const std::vector<std::vector<std::string>> commands = {
      {"--json", "key", "generate", "--token", "IDT.KEYS"},
      {"--json", "key", "show", "IDT.KEYS:1T"},
      {"--json", "sign", "--key", "IDT.KEYS:1T", "--alg", "HS256"},
      {"--json", "token", "create", "IDT.KEYS"},
      {"--json", "key", "delete", "IDT.KEYS:1T"}};
  for (const auto& command : commands) {
    ExpectRefused(programs_.Sigtoken(command), "pin");
  }
  EXPECT_EQ(Logins(), 1U);
}

TEST_F(PinLatchTest, TheRightPinInThatFileCuresItAtOnce) {
  folder_.Write("pin", kWrong);
  Configure({{"IDT.KEYS", "one", "pin"}});
  ExpectRefused(List("IDT.KEYS"), "pin");
  folder_.Write("pin", kRight);
  ExpectDone("IDT.KEYS");
  ExpectDone("IDT.KEYS");
  EXPECT_EQ(Logins(), 3U);
}

TEST_F(PinLatchTest, AnotherWrongPinIsTriedOnceMore) {
  folder_.Write("pin", "00000000");
  Configure({{"IDT.KEYS", "one", "pin"}});
  ExpectRefused(List("IDT.KEYS"), "pin");
  folder_.Write("pin", kWrong);
  ExpectRefused(List("IDT.KEYS"), "pin");
  ExpectRefused(List("IDT.KEYS"), "pin");
  EXPECT_EQ(Logins(), 2U);
}

void SetTime(const std::filesystem::path& file) {
  const timespec times[] = {{1'700'000'000, 5}, {1'700'000'000, 5}};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
}

TEST_F(PinLatchTest, ANewFileOfTheSameTimeCuresItToo) {
  SetTime(folder_.Write("pin", kWrong));
  Configure({{"IDT.KEYS", "one", "pin"}});
  ExpectRefused(List("IDT.KEYS"), "pin");
  SetTime(folder_.Write("fresh", kRight));
  std::filesystem::rename(PinFile("fresh"), PinFile("pin"));
  ExpectDone("IDT.KEYS");
  EXPECT_EQ(Logins(), 2U);
}

TEST_F(PinLatchTest, EveryRefusalOfAPinIsRemembered) {
  Configure({{"IDT.KEYS", "one", "pin"}});
  std::size_t logins = 0;
  const char* const write = "Write the right PIN into '";
  struct Row {
    const char* code;
    const char* cure;
  };
  for (const auto& [code, cure] :
       {Row{"CKR_PIN_LOCKED", "--login-type so --init-pin"},
        {"CKR_PIN_EXPIRED", "--login --change-pin"},
        {"CKR_PIN_INCORRECT", write},
        {"CKR_PIN_INVALID", write},
        {"CKR_PIN_LEN_RANGE", write},
        {"CKR_USER_PIN_NOT_INITIALIZED", "--login-type so --init-pin"}}) {
    SCOPED_TRACE(code);
    std::filesystem::remove(PinFile("pin"));
    folder_.Write("pin", kRight);
    fault_.Script(std::string("C_Login * return ") + code);
    const Outcome first = List("IDT.KEYS");
    ExpectRefused(first, "pin");
    EXPECT_THAT(first.err, HasSubstr(cure));
    fault_.Script("");
    for (int i = 0; i < 2; ++i) {
      const Outcome again = List("IDT.KEYS");
      ExpectRefused(again, "pin");
      EXPECT_THAT(again.err, HasSubstr(cure));
      EXPECT_EQ(again.json()["error"]["cryptoki"]["rv"], code);
    }
    EXPECT_EQ(Logins(), ++logins);
  }
}

TEST_F(PinLatchTest, ADeviceThatFailsSaysNothingOfThePin) {
  folder_.Write("pin", kRight);
  Configure({{"IDT.KEYS", "one", "pin"}});
  for (const std::string code :
       {"CKR_DEVICE_ERROR", "CKR_GENERAL_ERROR", "CKR_FUNCTION_FAILED",
        "CKR_TOKEN_NOT_PRESENT"}) {
    fault_.Script("C_Login * return " + code);
    EXPECT_EQ(List("IDT.KEYS").status, 12) << code;
    fault_.Script("");
    ExpectDone("IDT.KEYS");
  }
}

TEST_F(PinLatchTest, TokensAndFilesDoNotLatchEachOther) {
  folder_.Write("wrong", kWrong);
  folder_.Write("right", kRight);
  Configure({{"ONE", "one", "wrong"},
             {"ONE.AGAIN", "one", "wrong"},
             {"ONE.RIGHT", "one", "right"},
             {"TWO", "two", "wrong"}});
  ExpectRefused(List("ONE"), "wrong");
  EXPECT_EQ(Logins(), 1U);
  // The same token and the same file, whatever the name.
  ExpectRefused(List("ONE.AGAIN"), "wrong");
  EXPECT_EQ(Logins(), 1U);
  ExpectDone("ONE.RIGHT");
  EXPECT_EQ(Logins(), 2U);
  ExpectRefused(List("TWO"), "wrong");
  ExpectRefused(List("TWO"), "wrong");
  EXPECT_EQ(Logins(), 3U);
  // Another name's login does not make the PIN right.
  ExpectRefused(List("ONE"), "wrong");
  EXPECT_EQ(Logins(), 3U);
}

// Those who share a token need not share a state store.
TEST_F(PinLatchTest, FromAnotherHomeItIsNotTriedAgainEither) {
  folder_.Write("pin", kWrong);
  Configure({{"IDT.KEYS", "one", "pin"}});
  ExpectRefused(List("IDT.KEYS"), "pin");
  const auto other = folder_.path() / "other";
  std::filesystem::create_directory(other);
  std::filesystem::permissions(other, std::filesystem::perms::owner_all);
  std::filesystem::copy_file(home() / "sigtoken.toml", other / "sigtoken.toml");
  const auto list_there = [&] {
    return programs_.Sigtoken({"--home", other, "--json", "key", "list"});
  };
  ExpectRefused(list_there(), "pin");
  EXPECT_EQ(Logins(), 1U);
  folder_.Write("pin", kRight);
  EXPECT_EQ(list_there().status, 0);
  EXPECT_EQ(Logins(), 2U);
}

TEST_F(PinLatchTest, AFileThatHasTwoNamesHasOnePin) {
  folder_.Write("pin", kWrong);
  std::filesystem::create_hard_link(PinFile("pin"), PinFile("link"));
  Configure({{"ONE", "one", "pin"}, {"ONE.AGAIN", "one", "link"}});
  ExpectRefused(List("ONE"), "pin");
  ExpectRefused(List("ONE.AGAIN"), "link");
  EXPECT_EQ(Logins(), 1U);
}

}  // namespace
}  // namespace sigtoken
