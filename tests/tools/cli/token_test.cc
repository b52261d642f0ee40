#include <string>

#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

class TokenCommandTest : public CommandLineTest {};

TEST_F(TokenCommandTest, CreateGivesNameAndHandle) {
  const json document = Json({"token", "create", "IDTTKN.JWT.SECRET"});
  EXPECT_EQ(document,
            (json{{"name", "IDTTKN.JWT.SECRET"},
                  {"handle", "IDTTKN.JWT.SECRET" + std::string(27, ' ')}}));
  EXPECT_EQ(Text({"token", "create", "OTHER"}), "token OTHER created\n");
}

TEST_F(TokenCommandTest, TakesNamesOfOneAndOf32Characters) {
  const std::string longest = "A234567890123456789012345678901.";
  EXPECT_EQ(Json({"token", "create", longest})["handle"],
            longest + std::string(12, ' '));
  Text({"token", "create", "@"});
  Text({"token", "create", "#9.$"});
  EXPECT_EQ(Json({"token", "list"})["tokens"].size(), 3U);
}

TEST_F(TokenCommandTest, RefusesWhatIsNoName) {
  for (const std::string name :
       {"1A", ".A", "A B", "A-B", "A/B", "..",
        "A234567890123456789012345678901.3", "\xc3\x84", "A\n", "A:1T", "*"}) {
    SCOPED_TRACE(name);
    const Outcome outcome = Run({"token", "create", name});
    EXPECT_EQ(outcome.status, 8);
    EXPECT_THAT(outcome.err,
                ::testing::EndsWith(
                    " is not a token name (ICSF 8/3001, X'BB9'). A name has 1 "
                    "to 32 characters: first A-Z @ # $, then also 0-9 and the "
                    "period\n"));
  }
  EXPECT_FALSE(std::filesystem::exists(home_));
}

TEST_F(TokenCommandTest, RefusesLowerCaseAndGivesTheUpperCaseForm) {
  for (const char* verb : {"create", "show", "delete"}) {
    ExpectRefusal({"token", verb, "idttkn.Jwt"}, kHandleInvalid,
                  "'idttkn.Jwt' is not a token name");
    EXPECT_THAT(
        Run({"token", verb, "idttkn.Jwt"}).err,
        ::testing::EndsWith("Names are upper case: write IDTTKN.JWT\n"));
  }
}

TEST_F(TokenCommandTest, RefusesANameThatIsTaken) {
  WithKey();
  ExpectRefusal({"token", "create", "IDTTKN.JWT.SECRET"}, kTokenExists,
                "the token IDTTKN.JWT.SECRET exists already");
  EXPECT_EQ(Json({"key", "list"})["keys"].size(), 1U);
}

TEST_F(TokenCommandTest, RefusesATokenThatIsNotThere) {
  for (const char* verb : {"show", "delete"}) {
    ExpectRefusal({"token", verb, "NONE"}, kTokenNotFound,
                  "there is no token NONE");
  }
  EXPECT_THAT(Run({"token", "show", "NONE"}).err,
              ::testing::EndsWith("List the tokens with 'sigtoken token list', "
                                  "or make it with 'sigtoken token create "
                                  "NONE'\n"));
}

TEST_F(TokenCommandTest, AnEmptyStoreListsNothing) {
  EXPECT_EQ(Json({"token", "list"}), (json{{"tokens", json::array()}}));
  EXPECT_EQ(Text({"token", "list"}), "");
}

TEST_F(TokenCommandTest, ListsInTheOrderOfAscii) {
  for (const char* name : {"B", "A.B", "@Z", "A", "$1"}) {
    Text({"token", "create", name});
  }
  std::string names;
  const json document = Json({"token", "list"});
  for (const json& token : document["tokens"]) {
    names += token.value("name", "") + " ";
  }
  EXPECT_EQ(names, "$1 @Z A A.B B ");
}

TEST_F(TokenCommandTest, AListedTokenHasItsRecord) {
  Text({"token", "create", "A", "--manufacturer", "z/OS PKCS11 API", "--model",
        "HCR77E0", "--serial", "0"});
  Text({"key", "generate", "--token", "A"});
  Text({"key", "generate", "--token", "A"});
  Text({"key", "delete", "A:1T"});
  const json token = Json({"token", "list"})["tokens"].at(0);
  EXPECT_EQ(token["name"], "A");
  EXPECT_EQ(token["manufacturer"], "z/OS PKCS11 API");
  EXPECT_EQ(token["model"], "HCR77E0");
  EXPECT_EQ(token["serial"], "0");
  EXPECT_EQ(token["last_sequence"], "00000002");
  EXPECT_EQ(token["keys"], 1);
  EXPECT_EQ(token["module"], SIGTOKEN_SOFTHSM2_MODULE);
  EXPECT_EQ(token["handle"], "A" + std::string(43, ' '));
  EXPECT_EQ(token["token_info"]["label"], "A");
  EXPECT_EQ(token["token_info"]["manufacturer"], "SoftHSM project");
  EXPECT_EQ(token["token_info"]["model"], "SoftHSM v2");
  const std::string serial = token["token_info"]["serial"];
  EXPECT_THAT(serial, ::testing::MatchesRegex("[0-9a-f]{16}"));
  const std::string uri =
      "pkcs11:token=A;manufacturer=SoftHSM%20project;serial=" + serial;
  EXPECT_EQ(token["uri"], uri);
  EXPECT_FALSE(token.contains("objects"));
  EXPECT_EQ(Text({"token", "list"}),
            "A  keys 1  last sequence 00000002  " + uri + "\n");
}

TEST_F(TokenCommandTest, TheRecordIsOursUnlessItIsGiven) {
  Text({"token", "create", "A"});
  Text({"token", "create", "B", "--manufacturer", ""});
  const json tokens = Json({"token", "list"})["tokens"];
  EXPECT_EQ(tokens.at(0)["manufacturer"], "sigtoken");
  EXPECT_EQ(tokens.at(0)["model"], "");
  EXPECT_EQ(tokens.at(0)["serial"], "");
  EXPECT_EQ(tokens.at(0)["last_sequence"], "00000000");
  EXPECT_EQ(tokens.at(1)["manufacturer"], "");
}

TEST_F(TokenCommandTest, TheFieldsOfTheRecordHaveTheirLengths) {
  Text({"token", "create", "A", "--manufacturer", std::string(32, 'm'),
        "--model", std::string(16, 'm'), "--serial", std::string(16, 's')});
  struct Row {
    const char* option;
    std::string value;
    std::string what;
  };
  for (const Row& row : std::vector<Row>{
           {"--manufacturer", std::string(33, 'm'), "manufacturer"},
           {"--model", std::string(17, 'm'), "model"},
           {"--serial", std::string(17, 's'), "serial number"},
           {"--model", "a\tb", "model"},
           {"--model", "\xc3\xa4", "model"}}) {
    const Outcome outcome =
        Run({"token", "create", "B", row.option, row.value});
    EXPECT_EQ(outcome.status, 8);
    EXPECT_THAT(outcome.err,
                ::testing::StartsWith("sigtoken: the " + row.what + " '"));
    EXPECT_THAT(outcome.err,
                ::testing::HasSubstr("' does not fit a token record (ICSF "
                                     "8/3030, X'BD6')"));
  }
  EXPECT_EQ(Json({"token", "list"})["tokens"].size(), 1U);
}

TEST_F(TokenCommandTest, ShowHasTheObjects) {
  WithKey();
  const json document = Json({"token", "show", "IDTTKN.JWT.SECRET"});
  ASSERT_EQ(document["tokens"].size(), 1U);
  const json& objects = document["tokens"].at(0)["objects"];
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects.at(0)["handle"], kKeyHandle);
  EXPECT_THAT(Text({"token", "show", "IDTTKN.JWT.SECRET"}),
              ::testing::HasSubstr("\nkey         "
                                   "IDTTKN.JWT.SECRET:00000001T\n"));
}

TEST_F(TokenCommandTest, DeleteRefusesWhileKeysAreInside) {
  WithKey();
  ExpectRefusal({"token", "delete", "IDTTKN.JWT.SECRET"}, kTokenNotEmpty,
                "the token IDTTKN.JWT.SECRET still has 1 object inside");
  EXPECT_EQ(Json({"key", "list"})["keys"].size(), 1U);
  EXPECT_EQ(Json({"token", "delete", "IDTTKN.JWT.SECRET", "--force"}),
            (json{{"deleted", "IDTTKN.JWT.SECRET"}}));
  EXPECT_EQ(Json({"token", "list"}), (json{{"tokens", json::array()}}));
  ExpectRefusal({"sign", "--key", kKey, "--alg", "HS256"}, kTokenNotFound,
                "there is no token IDTTKN.JWT.SECRET");
}

TEST_F(TokenCommandTest, DeleteTakesAnEmptyTokenWithoutForce) {
  WithToken();
  EXPECT_EQ(Text({"token", "delete", "IDTTKN.JWT.SECRET"}),
            "token IDTTKN.JWT.SECRET deleted\n");
  ExpectRefusal({"token", "delete", "IDTTKN.JWT.SECRET"}, kTokenNotFound,
                "there is no token IDTTKN.JWT.SECRET");
}

TEST_F(TokenCommandTest, AModuleThatIsNotThereIsNotAvailable) {
  std::filesystem::create_directory(home_);
  std::filesystem::permissions(home_, std::filesystem::perms::owner_all);
  folder_.Write("home/sigtoken.toml",
                "[[token]]\nname = \"A\"\nuri = "
                "\"pkcs11:token=A?module-path=/nonexistent/module.so\"\n");
  for (const Words& words :
       std::vector<Words>{{"token", "list"},
                          {"token", "show", "A"},
                          {"token", "create", "A"},
                          {"token", "delete", "A"},
                          {"key", "list"},
                          {"key", "show", "A:1T"},
                          {"key", "generate", "--token", "A"}}) {
    SCOPED_TRACE(::testing::PrintToString(words));
    const Outcome outcome = Run(words + Words{"--json"});
    EXPECT_EQ(outcome.status, 12);
    EXPECT_EQ(outcome.json()["error"]["icsf"]["return_code"], 12);
    EXPECT_THAT(outcome.err, ::testing::HasSubstr("/nonexistent/module.so"));
  }
}

}  // namespace
}  // namespace sigtoken::testing
