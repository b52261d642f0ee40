#include <string>

#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class KeyListTest : public CommandLineTest {
 protected:
  static std::string Handles(const json& document) {
    std::string handles;
    for (const json& key : document["keys"]) {
      handles += key.value("handle", "none") + "|";
    }
    return handles;
  }
};

TEST_F(KeyListTest, AHomeWithoutTokensListsNothing) {
  EXPECT_EQ(Json({"key", "list"}), (json{{"keys", json::array()}}));
  EXPECT_EQ(Text({"key", "list"}), "");
}

TEST_F(KeyListTest, ListsInTheOrderOfTheHandles) {
  for (const char* name : {"B", "A"}) {
    Text({"token", "create", name});
    Text({"key", "generate", "--token", name, "--category", "Y"});
    Text({"key", "generate", "--token", name});
  }
  const std::string rest(31, ' ');
  const std::string of_a =
      "A" + rest + "00000001Y   |A" + rest + "00000002T   |";
  const std::string of_b =
      "B" + rest + "00000001Y   |B" + rest + "00000002T   |";
  EXPECT_EQ(Handles(Json({"key", "list"})), of_a + of_b);
  EXPECT_EQ(Handles(Json({"key", "list", "--token", "B"})), of_b);
}

TEST_F(KeyListTest, AKeyHasItsAttributes) {
  WithKey();
  const json key = Json({"key", "list"})["keys"].at(0);
  EXPECT_EQ(key["handle"], kKeyHandle);
  EXPECT_EQ(key["bytes"], 32);
  EXPECT_EQ(key["disabled"], false);
  EXPECT_EQ(key["attributes"],
            (json{{"CKA_KEY_TYPE", "CKK_GENERIC_SECRET"},
                  {"CKA_VALUE_LEN", 32},
                  {"CKA_ID",
                   "494454544B4E2E4A57542E5345435245543A303030303030303154"},
                  {"CKA_TOKEN", true},
                  {"CKA_PRIVATE", true},
                  {"CKA_MODIFIABLE", false},
                  {"CKA_SENSITIVE", true},
                  {"CKA_EXTRACTABLE", false},
                  {"CKA_ALWAYS_SENSITIVE", true},
                  {"CKA_NEVER_EXTRACTABLE", true},
                  {"CKA_LOCAL", true},
                  {"CKA_SIGN", true},
                  {"CKA_VERIFY", true},
                  {"CKA_ENCRYPT", false},
                  {"CKA_DECRYPT", false},
                  {"CKA_WRAP", false},
                  {"CKA_UNWRAP", false},
                  {"CKA_DERIVE", false}}));
}

TEST_F(KeyListTest, ShowGivesTheSameKeyForEachForm) {
  WithKey();
  const json listed = Json({"key", "list"});
  const std::string uri = listed["keys"].at(0)["uri"];
  for (const std::string& form :
       {std::string(kKey), std::string("IDTTKN.JWT.SECRET:00000001T"),
        std::string(kKeyHandle), uri,
        std::string("pkcs11:id=IDTTKN.JWT.SECRET:00000001T"),
        std::string("pkcs11:token=IDTTKN.JWT.SECRET;type=secret-key")}) {
    EXPECT_EQ(Json({"key", "show", form}), listed) << form;
  }
}

TEST_F(KeyListTest, ANumberWithoutZerosIsHexadecimal) {
  WithToken();
  for (int i = 0; i < 16; ++i) {
    Text({"key", "generate", "--token", "IDTTKN.JWT.SECRET"});
  }
  EXPECT_EQ(
      Json({"key", "show", "IDTTKN.JWT.SECRET:10T"})["keys"].at(0)["sequence"],
      "00000010");
  EXPECT_EQ(
      Json({"key", "show", "IDTTKN.JWT.SECRET:AT"})["keys"].at(0)["sequence"],
      "0000000A");
  ExpectRefusal({"key", "show", "IDTTKN.JWT.SECRET:16T"}, kObjectNotFound,
                "there is no key IDTTKN.JWT.SECRET:00000016T");
}

TEST_F(KeyListTest, RefusesAHandleThatIsNone) {
  WithKey();
  struct Row {
    std::string handle;
    std::string why;
  };
  const std::string no_colon = "it has ";
  for (const Row& row : std::vector<Row>{
           {"idttkn.jwt.secret:1T",
            "'idttkn.jwt.secret' is not a token name, names are upper case: "
            "write IDTTKN.JWT.SECRET"},
           {"IDTTKN.JWT.SECRET", "it has 17 characters, not 44"},
           {"IDTTKN.JWT.SECRET:", "the sequence number and the category are"},
           {"IDTTKN.JWT.SECRET:T", "the sequence number is missing"},
           {"IDTTKN.JWT.SECRET:0T", "the sequence number '0' is not 00000001"},
           {"IDTTKN.JWT.SECRET:aT", "the sequence number 'a' is not 00000001"},
           {"IDTTKN.JWT.SECRET:100000000T",
            "the sequence number '100000000' is not 00000001"},
           {"IDTTKN.JWT.SECRET:1t", "the category 't' is none of"},
           {"IDTTKN.JWT.SECRET:1", "the category is missing"},
           {"IDTTKN.JWT.SECRET:1G",
            "the category 'G' belongs to the regional cryptographic server"},
           {"IDTTKN.JWT.SECRET: 1T", "the sequence number ' 1' is not"},
           {":1T", "'' is not a token name"},
           {"IDTTKN.JWT.SECRET               00000001T  ",
            "it has 43 characters, not 44"},
           {"IDTTKN.JWT.SECRET               00000001T  X",
            "the last 3 characters are not blank"},
           {"IDTTKN.JWT.SECRET               0000001AX   X",
            "it has 45 characters, not 44"},
       }) {
    SCOPED_TRACE(row.handle);
    const Outcome outcome = Run({"key", "show", row.handle});
    EXPECT_EQ(outcome.status, 8);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err,
                ::testing::StartsWith("sigtoken: '" + row.handle +
                                      "' is not a handle: " + row.why));
    EXPECT_THAT(outcome.err, HasSubstr("(ICSF 8/3001, X'BB9')"));
  }
}

TEST_F(KeyListTest, TheHandleOfATokenIsNoKey) {
  WithKey();
  const std::string handle = "IDTTKN.JWT.SECRET" + std::string(27, ' ');
  ExpectRefusal({"key", "show", handle}, kHandleInvalid,
                "'" + handle + "' is the handle of a token, not of a key");
}

TEST_F(KeyListTest, RefusesAUriThatFitsNoneOrSeveral) {
  WithKey();
  Text({"key", "generate", "--token", "IDTTKN.JWT.SECRET"});
  ExpectRefusal({"key", "show", "pkcs11:token=NONE;type=secret-key"},
                kObjectNotFound,
                "no key of the configured tokens fits the URI");
  ExpectRefusal({"key", "show", "pkcs11:token=IDTTKN.JWT.SECRET;id=%01"},
                kObjectNotFound,
                "no key of the configured tokens fits the URI");
  const Outcome several =
      Run({"key", "show", "pkcs11:token=IDTTKN.JWT.SECRET"});
  EXPECT_EQ(several.status, 8);
  EXPECT_EQ(several.out, "");
}

TEST_F(KeyListTest, RefusesAUriThatIsNone) {
  WithKey();
  for (const char* uri :
       {"pkcs11:foo", "pkcs11:token=%zz", "pkcs11:token=A;token=B",
        "pkcs11:type=nonsense", "pkcs11:?pin-value=1234"}) {
    SCOPED_TRACE(uri);
    const Outcome outcome = Run({"key", "show", uri, "--json"});
    EXPECT_EQ(outcome.status, 8);
    EXPECT_EQ(outcome.json()["error"]["icsf"]["reason_code"], 3002);
    EXPECT_EQ(outcome.err.find("1234"), std::string::npos);
  }
}

TEST_F(KeyListTest, RefusesATokenThatIsNotThere) {
  ExpectRefusal({"key", "list", "--token", "NONE"}, kTokenNotFound,
                "there is no token NONE");
  ExpectRefusal({"key", "list", "--token", "none"}, kHandleInvalid,
                "'none' is not a token name");
  ExpectRefusal({"key", "show", "NONE:1T"}, kTokenNotFound,
                "there is no token NONE");
}

TEST_F(KeyListTest, TheCategoryMustFitToo) {
  WithKey();
  ExpectRefusal({"key", "show", "IDTTKN.JWT.SECRET:1Y"}, kObjectNotFound,
                "there is no key IDTTKN.JWT.SECRET:00000001Y");
}

}  // namespace
}  // namespace sigtoken::testing
