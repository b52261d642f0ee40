#include <string>

#include "tests/private_soft_hsm2.h"
#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

// Two tokens, of which one has a module that is not there.
class TokenWalkTest : public CommandLineTest {
 protected:
  static constexpr const char* kMessage =
      "cannot look at '/nonexistent.so': No such file or directory";

  TokenWalkTest() {
    hsm_.MakeToken("hsm");
    programs_.SetEnvironment("SOFTHSM2_CONF", hsm_.conf());
    std::filesystem::create_directory(home_);
    std::filesystem::permissions(home_, std::filesystem::perms::owner_all);
    folder_.Write("pin", PrivateSoftHsm2::kPin);
  }

  std::string Bind(const std::string& name, const std::string& module) const {
    return "[[token]]\nname = \"" + name +
           "\"\nuri = \"pkcs11:token=hsm?module-path=" + module +
           "&pin-source=file:" + (folder_.path() / "pin").string() + "\"\n";
  }
  std::string Up() const { return Bind("UP", SIGTOKEN_SOFTHSM2_MODULE); }

  void Configure(const std::string& text) const {
    folder_.Write("home/sigtoken.toml", text);
  }

  const PrivateSoftHsm2 hsm_;
};

TEST_F(TokenWalkTest, ATokenThatIsDownHidesNoOther) {
  const std::string down = Bind("DOWN", "/nonexistent.so");
  Configure(Up());
  const std::string handle =
      Json({"key", "generate", "--token", "UP"})["handle"];
  const json expected_token = Json({"token", "list"})["tokens"].at(0);
  const json expected_key = Json({"key", "list"})["keys"].at(0);
  const std::string token_text = Text({"token", "list"});
  const std::string key_text = Text({"key", "list"});
  const std::string err = std::string("sigtoken: token DOWN: ") + kMessage +
                          " (ICSF 12/0, X'0'). Check the path, and that uid ";
  // Whichever comes first.
  for (const std::string& text : {Up() + down, down + Up()}) {
    Configure(text);
    const Outcome tokens = Run({"token", "list", "--json"});
    EXPECT_EQ(tokens.status, 12);
    EXPECT_THAT(tokens.err, ::testing::StartsWith(err));
    EXPECT_EQ(tokens.json().size(), 2U);
    EXPECT_EQ(tokens.json()["tokens"], (json::array({expected_token})));
    const json error = tokens.json()["error"];
    EXPECT_THAT(error.value("message", ""),
                ::testing::StartsWith(std::string("token DOWN: ") + kMessage));
    EXPECT_EQ(
        error["icsf"],
        (json{{"return_code", 12}, {"reason_code", 0}, {"reason_hex", "0"}}));

    const Outcome keys = Run({"key", "list", "--json"});
    EXPECT_EQ(keys.status, 12);
    EXPECT_EQ(keys.err, tokens.err);
    EXPECT_EQ(keys.json(),
              (json{{"keys", json::array({expected_key})}, {"error", error}}));

    const Outcome token_lines = Run({"token", "list"});
    EXPECT_EQ(token_lines.status, 12);
    EXPECT_EQ(token_lines.out, token_text);
    EXPECT_EQ(token_lines.err, tokens.err);
    const Outcome key_lines = Run({"key", "list"});
    EXPECT_EQ(key_lines.status, 12);
    EXPECT_EQ(key_lines.out, key_text);
    EXPECT_EQ(key_lines.err, tokens.err);
    EXPECT_EQ(Json({"key", "show", handle})["keys"].at(0), expected_key);
  }
}

TEST_F(TokenWalkTest, EachTokenThatIsDownHasItsLine) {
  Configure(Bind("DOWN1", "/nonexistent.so") + Up() +
            Bind("DOWN2", "/nonexistent.so"));
  for (const char* noun : {"token", "key"}) {
    const Outcome outcome = Run({noun, "list", "--json"});
    EXPECT_EQ(outcome.status, 12);
    EXPECT_THAT(outcome.err,
                ::testing::MatchesRegex("sigtoken: token DOWN1: [^\n]*\n"
                                        "sigtoken: token DOWN2: [^\n]*\n"));
    EXPECT_THAT(outcome.json()["error"].value("message", ""),
                ::testing::StartsWith("token DOWN1: "));
  }
}

TEST_F(TokenWalkTest, ATokenThatWasNamedIsAnErrorOfItsOwn) {
  Configure(Up() + Bind("DOWN", "/nonexistent.so"));
  for (const Words& words :
       std::vector<Words>{{"token", "show", "DOWN"},
                          {"key", "list", "--token", "DOWN"},
                          {"key", "show", "DOWN:1T"}}) {
    ExpectRefusal(words, kNotAvailable, kMessage);
  }
  EXPECT_EQ(Json({"key", "list", "--token", "UP"}),
            (json{{"keys", json::array()}}));
  EXPECT_EQ(Json({"token", "show", "UP"})["tokens"].at(0)["name"], "UP");
}

TEST_F(TokenWalkTest, ATokenThatRefusesThePinHidesNoOther) {
  hsm_.MakeToken("second");
  const std::string wrong = folder_.Write("wrong", "4321");
  Configure(Up() +
            "[[token]]\nname = \"LOCKED\"\nuri = "
            "\"pkcs11:token=second?module-path=" SIGTOKEN_SOFTHSM2_MODULE
            "&pin-source=file:" +
            wrong + "\"\n");
  const Outcome outcome = Run({"key", "list", "--json"});
  EXPECT_EQ(outcome.status, 8);
  EXPECT_EQ(outcome.json()["keys"], json::array());
  EXPECT_EQ(outcome.json()["error"]["icsf"]["reason_code"],
            kNotAuthorized.reason_code);
  EXPECT_THAT(outcome.err, ::testing::StartsWith("sigtoken: token LOCKED: "));
}

}  // namespace
}  // namespace sigtoken::testing
