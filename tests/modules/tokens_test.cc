// Contract: ICSF tokens on the token of a module.

#include <string>

#include "tests/import_key.h"
#include "tests/modules/contract.h"
#include "tests/rsa_keys.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class TokensTest : public ContractTest {
 protected:
  json Show() const { return Json({"token", "show", kBound})["tokens"][0]; }
};

TEST_P(TokensTest, ATokenIsTakenIntoUseOnce) {
  const json made = Json({"token", "create", kBound, "--model", "M1"});
  EXPECT_EQ(made["name"], kBound);
  EXPECT_EQ(made["handle"], kBound + std::string(44 - 17, ' '));
  ExpectRefusal({"token", "create", kBound}, kTokenExists);
  const json token = Show();
  EXPECT_EQ(token["model"], "M1");
  EXPECT_EQ(token["manufacturer"], "sigtoken");
  EXPECT_EQ(token["last_sequence"], "00000000");
  EXPECT_EQ(token["keys"], 0);
  EXPECT_EQ(token["objects"], json::array());
}

TEST_P(TokensTest, ListAndShowSayWhichTokenItIs) {
  const json listed = Json({"token", "list"})["tokens"];
  ASSERT_EQ(listed.size(), 1U);
  json token = Show();
  token.erase("objects");
  EXPECT_EQ(listed[0], token);
  EXPECT_EQ(token["name"], kBound);
  EXPECT_EQ(token["module"], module_->module_path());
  EXPECT_EQ(token["token_info"]["label"], ModuleFixture::kLabel);
  EXPECT_THAT(token["uri"].get<std::string>(),
              HasSubstr(std::string("pkcs11:token=") + ModuleFixture::kLabel));
}

TEST_P(TokensTest, ItsUriAndItsKeysUriLeadBackToThem) {
  Json({"token", "create", kBound});
  const json key = Generate({"--label", "by uri"});
  const std::string uri = key["uri"];
  EXPECT_EQ(Json({"key", "show", uri})["keys"][0]["handle"], key["handle"]);
}

TEST_P(TokensTest, RacdcertMakesListsAndDeletesIt) {
  Json({"racf", std::string("RACDCERT ADDTOKEN(") + kBound + ")"});
  Generate({"--label", "one"});
  InToken([](Token& token) {
    Import(token, AnyRsaPair().PublicKey("pair"));
    Import(token, AnyRsaPair().PrivateKey("pair"));
  });
  EXPECT_EQ(
      Json({"racf", std::string("RACDCERT LISTTOKEN(") + kBound + ")"}),
      (json{{"messages",
             {std::string("Token: ") + kBound,
              "  Seq Num   Category  Object       Bytes  State     Label",
              "  --------  --------  -----------  -----  --------  -----",
              "  00000001  T         SECRET KEY   64               one",
              "  -         -         PUBLIC KEY                    pair",
              "  -         -         PRIVATE KEY                   pair",
              "  RACF's own LISTTOKEN shows certificates only: secret keys are "
              "not in its list."}}}));
  Json({"racf", std::string("RACDCERT DELTOKEN(") + kBound + ") FORCE"});
  EXPECT_EQ(Keys(), json::array());
}

TEST_P(TokensTest, ATokenWithKeysIsNotDeletedUnforced) {
  Generate();
  Generate();
  ExpectRefusal({"token", "delete", kBound}, kTokenNotEmpty);
  EXPECT_EQ(Keys().size(), 2U);
}

TEST_P(TokensTest, DeletedItLosesOurKeysAndTheModulesTokenRemains) {
  Json({"token", "create", kBound});
  Generate();
  Generate();
  InToken([](Token& token) {
    const std::vector<std::uint8_t> value(64, 0xA5);
    Import(token, KeyToImport("somebody's", value));
  });
  const Outcome deleted = Run({"--json", "token", "delete", kBound, "--force"});
  EXPECT_EQ(deleted.status, 0) << deleted.err;
  EXPECT_EQ(deleted.json(), (json{{"deleted", kBound}}));
  EXPECT_EQ(deleted.err,
            "sigtoken: warning: the objects under handles of " +
                std::string(kBound) +
                " are destroyed; the module's own token remains\n");
  const json token = Show();
  EXPECT_EQ(token["token_info"]["label"], ModuleFixture::kLabel);
  ASSERT_EQ(token["objects"].size(), 1U);
  EXPECT_EQ(token["objects"][0]["handle"], nullptr);
  EXPECT_EQ(token["objects"][0]["label"], "imported");
  // ICSF: a name that is deleted and created again starts over.
  Json({"token", "create", kBound});
  EXPECT_EQ(Generate()["sequence"], "00000001");
}

TEST_P(TokensTest, AWrongPinIsNotAuthorised) {
  module_->Configure("4321");
  ExpectRefusal({"key", "list"}, kNotAuthorized);
  ExpectRefusal({"key", "generate", "--token", kBound}, kNotAuthorized);
  module_->Configure();
  EXPECT_EQ(Keys(), json::array());
}

INSTANTIATE_TEST_SUITE_P(Contract, TokensTest, EachModule(), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
