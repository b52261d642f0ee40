#include <string>

#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

class KeyChangeTest : public CommandLineTest {
 protected:
  KeyChangeTest() { WithKey(); }
};

TEST_F(KeyChangeTest, ADeletedKeyIsGoneAndItsNumberDoesNotComeBack) {
  EXPECT_EQ(Json({"key", "delete", kKey}), (json{{"handle", kKeyHandle}}));
  for (const Words& words :
       std::vector<Words>{{"key", "show", kKey},
                          {"key", "delete", kKey},
                          {"key", "delete", kKey, "--force"},
                          {"key", "disable", kKey},
                          {"key", "enable", kKey},
                          {"sign", "--key", kKey, "--alg", "HS256"}}) {
    ExpectRefusal(words, kObjectNotFound,
                  "there is no key IDTTKN.JWT.SECRET:00000001T");
  }
  EXPECT_EQ(
      Json({"key", "generate", "--token", "IDTTKN.JWT.SECRET"})["sequence"],
      "00000002");
}

TEST_F(KeyChangeTest, SaysWhatItDid) {
  EXPECT_EQ(Text({"key", "disable", kKey}),
            "key IDTTKN.JWT.SECRET:00000001T disabled\n");
  EXPECT_EQ(Text({"key", "enable", kKey}),
            "key IDTTKN.JWT.SECRET:00000001T enabled\n");
  EXPECT_EQ(Text({"key", "delete", kKey}),
            "key IDTTKN.JWT.SECRET:00000001T deleted\n");
}

TEST_F(KeyChangeTest, ADisabledKeyNeitherSignsNorVerifies) {
  const std::string mac =
      Json({"sign", "--key", kKey, "--alg", "HS256"}, "text")["mac"];
  EXPECT_EQ(Json({"key", "disable", kKey}), (json{{"handle", kKeyHandle}}));
  const std::string why = "the key IDTTKN.JWT.SECRET:00000001T is disabled";
  ExpectRefusal({"sign", "--key", kKey, "--alg", "HS256"}, kObjectDisabled, why,
                "text");
  ExpectRefusal({"verify", "--key", kKey, "--alg", "HS256", "--mac", mac},
                kObjectDisabled, why, "text");
  EXPECT_EQ(Json({"key", "show", kKey})["keys"].at(0)["disabled"], true);
  EXPECT_EQ(Json({"key", "list"})["keys"].at(0)["disabled"], true);
  EXPECT_THAT(Text({"key", "show", kKey}),
              ::testing::HasSubstr(
                  "\nstate       disabled: neither signs nor verifies\n"));

  EXPECT_EQ(Json({"key", "enable", kKey}), (json{{"handle", kKeyHandle}}));
  EXPECT_EQ(Json({"sign", "--key", kKey, "--alg", "HS256"}, "text")["mac"],
            mac);
  EXPECT_EQ(Json({"verify", "--key", kKey, "--alg", "HS256", "--mac", mac},
                 "text")["verified"],
            true);
}

TEST_F(KeyChangeTest, DisableAndEnableMayBeRepeated) {
  for (const char* verb : {"disable", "disable", "enable", "enable"}) {
    EXPECT_EQ(Json({"key", verb, kKey}), (json{{"handle", kKeyHandle}}));
  }
}

TEST_F(KeyChangeTest, TakesEachFormOfAHandle) {
  const std::string uri = Json({"key", "list"})["keys"].at(0)["uri"];
  for (const std::string& form :
       {std::string(kKeyHandle), std::string("IDTTKN.JWT.SECRET:01T"), uri}) {
    EXPECT_EQ(Json({"key", "disable", form}), (json{{"handle", kKeyHandle}}));
  }
  EXPECT_EQ(Json({"key", "delete", uri}), (json{{"handle", kKeyHandle}}));
}

TEST_F(KeyChangeTest, ADisabledKeyMayBeDeleted) {
  Text({"key", "disable", kKey});
  Text({"key", "delete", kKey});
  EXPECT_EQ(Json({"key", "list"}), (json{{"keys", json::array()}}));
}

TEST_F(KeyChangeTest, RefusesWhatAddressesNoKey) {
  const std::string token = "IDTTKN.JWT.SECRET" + std::string(27, ' ');
  for (const char* verb : {"delete", "disable", "enable"}) {
    ExpectRefusal({"key", verb, "idttkn.jwt.secret:1T"}, kHandleInvalid,
                  "'idttkn.jwt.secret:1T' is not a handle: "
                  "'idttkn.jwt.secret' is not a token name, names are upper "
                  "case: write IDTTKN.JWT.SECRET");
    ExpectRefusal({"key", verb, token}, kHandleInvalid,
                  "'" + token + "' is the handle of a token, not of a key");
    ExpectRefusal({"key", verb, "NONE:1T"}, kTokenNotFound,
                  "there is no token NONE");
    ExpectRefusal({"key", verb, "IDTTKN.JWT.SECRET:2T"}, kObjectNotFound,
                  "there is no key IDTTKN.JWT.SECRET:00000002T");
    ExpectRefusal({"key", verb, "pkcs11:object=NONE"}, kObjectNotFound,
                  "no key of the configured tokens fits the URI");
    // The token has one key, which it would fit.
    for (const char* uri : {"pkcs11:token=IDTTKN.JWT.SECRET",
                            "pkcs11:", "pkcs11:type=secret-key"}) {
      ExpectRefusal({"key", verb, uri}, kParameterInvalid,
                    "the URI does not say which key is meant");
    }
  }
  EXPECT_EQ(Json({"key", "list"})["keys"].at(0)["disabled"], false);
}

}  // namespace
}  // namespace sigtoken::testing
