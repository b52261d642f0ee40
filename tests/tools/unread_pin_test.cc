// A PIN that cannot be had: one answer, whoever asks for it.

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/tools/bound_token.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class UnreadPinTest : public BoundTokenTest {
 protected:
  UnreadPinTest() {
    MakePrivate(folder_.path() / "credentials");
    folder_.Write("credentials/empty", "");
    folder_.Write("credentials/wide", PrivateSoftHsm2::kPin, 0644);
    folder_.Write("credentials/good", PrivateSoftHsm2::kPin);
    folder_.Write("empty", "");
    folder_.Write("newline", "\n");
    folder_.Write("long", std::string(300, '1'));
    folder_.Write("wide", PrivateSoftHsm2::kPin, 0644);
    const auto open = folder_.path() / "open";
    std::filesystem::create_directory(open);
    EXPECT_EQ(chmod(open.c_str(), 0777), 0);
    folder_.Write("open/pin", PrivateSoftHsm2::kPin);
    std::filesystem::create_symlink(folder_.path() / "pin",
                                    folder_.path() / "link");
    EXPECT_EQ(mkfifo((folder_.path() / "pipe").c_str(), 0600), 0);
    programs_.SetEnvironment("CREDENTIALS_DIRECTORY",
                             folder_.path() / "credentials");
  }

  std::string File(const std::string& name) const {
    return "file:" + (folder_.path() / name).string();
  }
  Words TestUri(const std::string& source) const {
    return {"hsm", "test", "--uri",
            "pkcs11:token=hsm?module-path=" + FaultModule::path() +
                "&pin-source=" + source};
  }
  static const std::vector<Words>& Commands() {
    static const auto& commands = *new std::vector<Words>{
        {"key", "list", "--token", kBound},
        {"key", "generate", "--token", kBound},
        {"token", "create", kBound},
        {"sign", "--key", std::string(kBound) + ":1T", "--alg", "HS256"},
        {"hsm", "test", "--token", kBound}};
    return commands;
  }
  void ExpectNoPin(const Words& words, const std::string& message) const {
    SCOPED_TRACE(::testing::PrintToString(words));
    const Outcome outcome = Run(words + Words{"--json"});
    EXPECT_EQ(outcome.status, 8);
    EXPECT_EQ(outcome.json()["error"]["icsf"], (json{{"return_code", 8},
                                                     {"reason_code", 16000},
                                                     {"reason_hex", "3E80"}}));
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_EQ(outcome.err.find(PrivateSoftHsm2::kPin), std::string::npos);
  }
};

TEST_F(UnreadPinTest, IsTheSameToEveryCommand) {
  struct Row {
    std::string source;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {File("none"), "cannot open '"},
           {File("none/below"), "cannot open '"},
           {File("empty"), "there is no PIN in '"},
           {File("newline"), "there is no PIN in '"},
           {File("long"), "has more than 255 bytes"},
           {File("wide"), "has mode 0644: others than its owner may use it"},
           {File("open/pin"), "anybody may replace files in '"},
           {File("open"), "is not a regular file"},
           {File("pipe"), "is not a regular file"},
           {File("link"), "is a symbolic link"},
           {"credential:none", "cannot open '"},
           {"credential:empty", "there is no PIN in 'credential:empty'"},
           {"credential:wide", "has mode 0644"}}) {
    SCOPED_TRACE(row.source);
    Configure(row.source);
    for (const Words& words : Commands()) ExpectNoPin(words, row.message);
    ExpectNoPin(TestUri(row.source), row.message);
    ExpectNoPin({"config", "check"}, row.message);
  }
  EXPECT_EQ(fault_.Calls("C_Login"), 0U);
}

TEST_F(UnreadPinTest, IsNotThereForAllThatHaveNoTerminal) {
  Configure("prompt:");
  for (const Words& words : Commands()) {
    const Outcome outcome = programs_.Run(
        "/usr/bin/setsid", Words{"--wait", SIGTOKEN_BINARY, "--json"} + words);
    EXPECT_EQ(outcome.status, 8);
    EXPECT_EQ(outcome.json()["error"]["icsf"]["reason_code"], 16000);
  }
  // It is the configuration that is asked about, and not who is there.
  EXPECT_EQ(Run({"config", "check"}).status, 0);
}

TEST_F(UnreadPinTest, IsAnErrorOfIcsfToWhoWantsAnIdentityToken) {
  ASSERT_EQ(Generate().status, 0);
  Configure(File("none"));
  for (const char* service : {"initacee", "racroute"}) {
    const Outcome outcome = Run(
        {"idt", "generate", "--appl", "A", "--user", "U", "--service", service,
         "--key", std::string(kBound) + ":1T", "--alg", "HS256", "--json"});
    EXPECT_EQ(outcome.status, 8);
    EXPECT_EQ(outcome.json()["idt_gen_rc"], 5);
    EXPECT_EQ(outcome.json()["icsf"]["reason_code"], 16000);
  }
}

TEST_F(UnreadPinTest, OneThatIsThereIsTakenByAll) {
  for (const std::string& source :
       {File("pin"), std::string("credential:good")}) {
    Configure(source);
    EXPECT_EQ(Run({"config", "check"}).status, 0);
    EXPECT_EQ(Run({"key", "list", "--token", kBound}).status, 0);
    EXPECT_EQ(Run(TestUri(source)).status, 0);
  }
}

// A file that comes back is read again, without a restart.
TEST_F(UnreadPinTest, IsNotRememberedAsAWrongOne) {
  Configure(File("later"));
  ExpectNoPin(Commands()[0], "cannot open '");
  folder_.Write("later", PrivateSoftHsm2::kPin);
  EXPECT_EQ(Run(Commands()[0]).status, 0);
}

}  // namespace
}  // namespace sigtoken::testing
