#include <sys/stat.h>

#include <string>

#include "tests/tools/command_line.h"
#include "tests/tools/shell.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class ConfigCheckTest : public CommandLineTest {
 protected:
  std::string Write(const std::string& text) const {
    return folder_.Write("sigtoken.toml", text);
  }
};

TEST_F(ConfigCheckTest, AHomeWithoutAFileIsGood) {
  EXPECT_EQ(Json({"config", "check"}),
            (json{{"ok", true},
                  {"file", nullptr},
                  {"home", home_.string()},
                  {"store", (home_ / "sigtoken.db").string()},
                  {"embedded", true},
                  {"default_appl", "OMVSAPPL"},
                  {"deadline_seconds", 5},
                  {"strict_users", false},
                  {"audit",
                   {{"path", (home_ / "audit.jsonl").string()},
                    {"max_bytes", 67'108'864},
                    {"keep", 8},
                    {"on_failure", "refuse"}}},
                  {"tokens", json::array()},
                  {"isolated", json::array()}}));
  EXPECT_EQ(Text({"config", "check"}),
            "ok: no configuration file, home '" + home_.string() + "'\n");
  EXPECT_FALSE(std::filesystem::exists(home_));
}

TEST_F(ConfigCheckTest, GivesWhatTheFileSays) {
  const std::string module = SIGTOKEN_SOFTHSM2_MODULE;
  const std::string audit = folder_.path() / "audit";
  const std::string store = folder_.path() / "new" / "db";
  const std::string other = folder_.Write("module.so", "");
  const std::string file = Write(
      "deadline_seconds = 7\ndefault_appl = \"APPL01\"\n[audit]\npath = '" +
      audit +
      "'\nmax_bytes = 70000\nkeep = 2\non_failure = 'continue'\n"
      "[users]\nstrict = true\n[store]\npath = '" +
      store +
      "'\n"
      "[[token]]\nname = \"B\"\nuri = \"pkcs11:token=b?module-path=" +
      module + "\"\nisolated = true\n[[token]]\nname = \"A\"\nuri = " +
      "\"pkcs11:token=a?module-path=" + other + "\"\n");
  const json expected = {{"ok", true},
                         {"file", file},
                         {"home", home_.string()},
                         {"store", store},
                         {"embedded", false},
                         {"default_appl", "APPL01"},
                         {"deadline_seconds", 7},
                         {"strict_users", true},
                         {"audit",
                          {{"path", audit},
                           {"max_bytes", 70'000},
                           {"keep", 2},
                           {"on_failure", "continue"}}},
                         {"tokens", {"B", "A"}},
                         {"isolated", {"B"}}};
  EXPECT_EQ(Json({"config", "check", "--config", file}), expected);
  programs_.SetEnvironment("SIGTOKEN_CONFIG", file);
  EXPECT_EQ(Json({"config", "check"}), expected);
  EXPECT_EQ(Text({"config", "check"}),
            "ok: '" + file + "', home '" + home_.string() + "'\n");
}

TEST_F(ConfigCheckTest, WhatItNamesMustBeThereAndFit) {
  const std::string module = SIGTOKEN_SOFTHSM2_MODULE;
  const std::string pin = folder_.Write("pin", "1234");
  const std::string token = "[[token]]\nname = \"A\"\nuri = \"pkcs11:token=a";
  struct Row {
    std::string uri;
    std::string what;
    int status = 8;
  };
  for (const Row& row : std::vector<Row>{
           {"?module-path=/nonexistent.so", "'/nonexistent.so'", 12},
           {"?module-path=/tmp", "'/tmp'", 12},
           {"?module-path=" + module + "&pin-source=file:/nonexistent",
            "'/nonexistent'"},
           {"?module-path=" + module + "&pin-source=file:" + pin + ".wide",
            "others than its owner may use it"},
           {"?module-path=" + module + "&pin-source=credential:none",
            "CREDENTIALS_DIRECTORY is not set"}}) {
    SCOPED_TRACE(row.uri);
    ASSERT_EQ(chmod(folder_.Write("pin.wide", "1234").c_str(), 0640), 0);
    const std::string file = Write(token + row.uri + "\"\n");
    const Outcome outcome = Run({"config", "check", "--config", file});
    EXPECT_EQ(outcome.status, row.status);
    EXPECT_THAT(outcome.err, ::testing::StartsWith("sigtoken: '" + file +
                                                   "':3:7: token A: "));
    EXPECT_THAT(outcome.err, ::testing::HasSubstr(row.what));
  }
}

TEST_F(ConfigCheckTest, TheAuditFileMustBeOneThatCanBeWritten) {
  const std::string folder = folder_.path();
  std::filesystem::create_directory(folder + "/open");
  ASSERT_EQ(chmod((folder + "/open").c_str(), 0777), 0);
  folder_.Write("wide", "", 0644);
  std::filesystem::create_symlink(folder + "/nowhere", folder + "/link");
  struct Row {
    std::string path;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {"/nonexistent/a",
            "cannot look at '/nonexistent': No such file or directory"},
           {folder + "/open/a", "anybody may replace files in '" + folder +
                                    "/open', which has mode 0777"},
           {folder + "/wide",
            "'" + folder +
                "/wide' has mode 0644: others than its owner may use it"},
           {folder + "/link", "'" + folder + "/link' is a symbolic link"}}) {
    const std::string file = Write("[audit]\npath = '" + row.path + "'\n");
    ExpectRefusal({"config", "check", "--config", file}, kParameterInvalid,
                  "[audit]: " + row.message);
  }
}

TEST_F(ConfigCheckTest, AMistakeIsNamedByFileAndLine) {
  struct Row {
    const char* text;
    const char* place;
  };
  for (const Row& row : std::vector<Row>{
           {"default_appl = \n", ":1:"},
           {"\n\nfoo = 1\n", ":3:1: "},
           {"default_appl = \"appl01\"\n", ":1:"},
           {"default_appl = 1\n", ":1:"},
           {"embedded = \"yes\"\n", ":1:"},
           {"[store]\nfolder = \"/a\"\n", ":2:1: "},
           {"[store]\npath = \"relative\"\n", ":2:"},
           {"[[token]]\nname = \"A\"\n", ":1:"},
           {"[[token]]\nname = \"a\"\nuri = "
            "\"pkcs11:token=a?module-path=/m.so\"\n",
            ":2:"},
           {"[[token]]\nname = \"A\"\nuri = \"pkcs11:token=a\"\n", ":3:"},
           {"[[token]]\nname = \"A\"\nuri = "
            "\"pkcs11:token=a?module-path=/m.so&pin-value=1234\"\n",
            ":3:"},
           {"token = 1\n", ":1:"},
           {"a = \"\x1b[31m\"\n", ":1:"},
           {"\x1b[31m = 1\n", ":1:"},
           {"a = \"\xff\"\n", ":1:"},
       }) {
    SCOPED_TRACE(row.text);
    const std::string file = Write(row.text);
    const Outcome outcome =
        Run({"config", "check", "--config", file, "--json"});
    EXPECT_EQ(outcome.status, 8);
    EXPECT_THAT(outcome.err,
                ::testing::StartsWith("sigtoken: '" + file + "'" + row.place));
    EXPECT_TRUE(IsPlain(outcome.err));
    EXPECT_EQ(outcome.err.find("1234"), std::string::npos);
    EXPECT_EQ(outcome.json()["error"]["icsf"]["reason_code"], 3002);
    EXPECT_EQ(Run({"token", "list", "--config", file}).status, 8);
  }
}

TEST_F(ConfigCheckTest, RefusesAFileThatIsNotThere) {
  ExpectRefusal({"config", "check", "--config", "/nonexistent"},
                kParameterInvalid,
                "the configuration file '/nonexistent' that --config names is "
                "not there");
  programs_.SetEnvironment("SIGTOKEN_CONFIG", "/nonexistent");
  for (const Words& words : std::vector<Words>{
           {"config", "check"}, {"token", "list"}, {"key", "show", kKey}}) {
    ExpectRefusal(words, kParameterInvalid,
                  "the configuration file '/nonexistent' that SIGTOKEN_CONFIG "
                  "names is not there");
  }
}

TEST_F(ConfigCheckTest, RefusesAFileThatOthersMayChange) {
  const auto file = folder_.Write("sigtoken.toml", "", 0622);
  ExpectRefusal({"config", "check", "--config", file}, kParameterInvalid,
                "configuration: '" + file.string() +
                    "' has mode 0622: others than its owner may write to it");
  ExpectRefusal(
      {"config", "check", "--config", folder_.path()}, kParameterInvalid,
      "configuration: '" + folder_.path().string() + "' is not a regular file");
}

TEST_F(ConfigCheckTest, WithoutAnyHomeItSaysHowToNameOne) {
  for (const char* home : {"unset HOME", "HOME=", "HOME=relative"}) {
    const Outcome outcome = RunShell(
        home_, std::string("unset SIGTOKEN_HOME XDG_DATA_HOME XDG_CONFIG_HOME "
                           "SIGTOKEN_CONFIG\n") +
                   home + "\n\"$SIGTOKEN\" token list --json");
    EXPECT_EQ(outcome.status, 8);
    EXPECT_THAT(outcome.err,
                ::testing::StartsWith("sigtoken: there is no home directory: "
                                      "HOME is not "));
    EXPECT_THAT(
        outcome.err,
        ::testing::EndsWith("Name one with the environment variable "
                            "SIGTOKEN_HOME, or a command's with --home DIR\n"));
    EXPECT_EQ(outcome.json()["error"]["icsf"]["reason_code"], 3002);
  }
}

TEST_F(ConfigCheckTest, HomeIsFoundWithoutOurVariable) {
  const Outcome outcome = RunShell(home_, R"(
    unset SIGTOKEN_HOME XDG_DATA_HOME XDG_CONFIG_HOME SIGTOKEN_CONFIG
    export HOME=$PWD/me; mkdir me
    "$SIGTOKEN" token create A >/dev/null && "$SIGTOKEN" config check --json)");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto home = folder_.path() / "me/.local/share/sigtoken";
  EXPECT_EQ(outcome.json()["home"], home.string());
  EXPECT_TRUE(std::filesystem::exists(home / "sigtoken.db"));
}

struct Home {
  std::string home;
  int status;
  std::string message;
};

TEST_F(ConfigCheckTest, AHomeThatCannotBeIsRefused) {
  const std::string file = folder_.Write("file", "");
  for (const Home& row : std::vector<Home>{
           {"/tmp/a#b", 8, "the home directory '/tmp/a#b' has a # or ="},
           {"/tmp/a=b", 8, "the home directory '/tmp/a=b' has a # or ="},
           {"/tmp/a\nb", 8,
            "the home directory '/tmp/a\\x0Ab' has a control character"},
           {"/tmp/a ", 8, "the home directory '/tmp/a ' ends with a blank"},
           {"/tmp/" + std::string(900, 'a'), 8, "the home directory '/tmp/aaa"},
           {file, 12, "'" + file + "' is not a directory"},
           {file + "/below", 12, "cannot make directory '" + file + "/below'"},
           {"/proc/sigtoken", 12, "cannot make directory '/proc/sigtoken'"},
           {"/dev/null", 12, "'/dev/null' is not a directory"},
       }) {
    SCOPED_TRACE(row.home);
    for (const Words& words : std::vector<Words>{{"config", "check"},
                                                 {"token", "list"},
                                                 {"token", "create", "A"},
                                                 {"key", "list"}}) {
      // That nothing can be made there is known when it is tried.
      if (row.home == "/proc/sigtoken" && words[0] == "config") continue;
      const Outcome outcome = Run(words + Words{"--home", row.home, "--json"});
      EXPECT_EQ(outcome.status, row.status);
      EXPECT_THAT(outcome.err,
                  ::testing::StartsWith("sigtoken: " + row.message));
      EXPECT_EQ(outcome.json()["error"]["icsf"]["return_code"], row.status);
    }
  }
}

TEST_F(ConfigCheckTest, AStoreThatIsNoDatabaseIsNotAvailable) {
  WithKey();
  folder_.Write("home/sigtoken.db", "this is no database, and long enough");
  for (const Words& words :
       std::vector<Words>{{"token", "list"},
                          {"key", "list"},
                          {"sign", "--key", kKey, "--alg", "HS256"}}) {
    const Outcome outcome = Run(words + Words{"--json"});
    EXPECT_EQ(outcome.status, 12);
    EXPECT_THAT(outcome.err, HasSubstr("sigtoken.db'"));
    EXPECT_EQ(outcome.json()["error"]["icsf"]["return_code"], 12);
  }
}

}  // namespace
}  // namespace sigtoken::testing
