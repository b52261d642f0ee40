// sigtoken racf "RACDCERT ..."

#include <string>
#include <vector>

#include "tests/tools/bound_token.h"
#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kEmpty =
    "Token: IDTTKN.JWT.SECRET\n  No objects: the token is empty.\n";

class RacdcertCommandTest : public CommandLineTest {
 protected:
  std::string Racf(const std::string& command) const {
    return Text({"racf", command});
  }
};

// As IBM's and Zowe's material sets a token up.
TEST_F(RacdcertCommandTest, ATokenIsAddedListedAndDeleted) {
  EXPECT_EQ(Racf("RACDCERT ADDTOKEN(idttkn.jwt.secret)"), "");
  EXPECT_EQ(Racf("RACDCERT LISTTOKEN(IDTTKN.JWT.SECRET)"), kEmpty);
  const json tokens = Json({"token", "list"})["tokens"];
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_EQ(tokens[0]["name"], "IDTTKN.JWT.SECRET");
  EXPECT_EQ(tokens[0]["manufacturer"], "sigtoken");
  EXPECT_EQ(Json({"racf", "racdcert", "deltoken(IDTTKN.JWT.SECRET)"}),
            (json{{"messages", json::array()}}));
  EXPECT_EQ(Json({"token", "list"})["tokens"], json::array());
}

TEST_F(RacdcertCommandTest, KeysAreListedAndGoWhereItIsForced) {
  WithKey();
  EXPECT_EQ(Json({"racf", "RACDCERT LISTTOKEN(*)"})["messages"],
            (json{"Token: IDTTKN.JWT.SECRET",
                  "  Seq Num   Category  Object       Bytes  State     Label",
                  "  --------  --------  -----------  -----  --------  -----",
                  "  00000001  T         SECRET KEY   32",
                  "  RACF's own LISTTOKEN shows certificates only: secret keys "
                  "are not in its list."}));
  ExpectRefusal({"racf", "RACDCERT DELTOKEN(IDTTKN.JWT.SECRET)"},
                kTokenNotEmpty,
                "IRRD174I Token IDTTKN.JWT.SECRET contains object(s) that are "
                "not supported by RACF. The request is not processed: the "
                "token IDTTKN.JWT.SECRET still has 1 object inside");
  EXPECT_EQ(Racf("RACDCERT DELTOKEN(IDTTKN.JWT.SECRET) FORCE"), "");
  EXPECT_EQ(Json({"token", "list"})["tokens"], json::array());
}

TEST_F(RacdcertCommandTest, OneCommandMayComeFromAFileOrStandardInput) {
  const std::string file =
      folder_.Write("commands", "RACDCERT -\n ADDTOKEN(IDTTKN.JWT.SECRET)\n")
          .string();
  EXPECT_EQ(Text({"racf", "--file", file}), "");
  EXPECT_EQ(Text({"racf"}, "RACDCERT LISTTOKEN(IDTTKN.JWT.SECRET)\n"), kEmpty);
}

TEST_F(RacdcertCommandTest, AFileWithOthersIsRefusedBeforeAnythingIsDone) {
  const std::string file =
      folder_
          .Write("commands",
                 "RDEFINE IDTDATA JWT.A\nRACDCERT ADDTOKEN(A)\n"
                 "SETROPTS CLASSACT(IDTDATA)\n")
          .string();
  ExpectRefusal({"racf", "--file", file}, {8, 3002},
                "line 2: RACDCERT cannot stand beside other commands: what it "
                "does to a token is not undone where one of them fails");
  EXPECT_EQ(Json({"token", "list"})["tokens"], json::array());
  EXPECT_EQ(Run({"racf", "SEARCH CLASS(IDTDATA)"}).status, 4);
}

TEST_F(RacdcertCommandTest, MistakesAreNamed) {
  ExpectRefusal({"racf", "RACDCERT ADDTOKEN(1A)"}, {8, 3001},
                "'1A' is not a token name");
  ExpectRefusal({"racf", "RACDCERT LISTTOKEN(NONE)"}, kTokenNotFound,
                "there is no token NONE");
  ExpectRefusal({"racf", "RACDCERT LIST"}, {8, 3002},
                "RACF's keyword LIST is not kept here");
}

class RacdcertBoundTest : public BoundTokenTest {
 protected:
  // The tokens of the embedded store are in sight too.
  void ConfigureBoth() const {
    Configure("file:" + (folder_.path() / "pin").string(), "embedded = true\n");
  }
};

TEST_F(RacdcertBoundTest, AddTokenTakesABoundTokenIntoUseOnce) {
  EXPECT_EQ(Text({"racf", "RACDCERT ADDTOKEN(HSM.KEYS)"}), "");
  ExpectRefusal({"racf", "RACDCERT ADDTOKEN(HSM.KEYS)"}, kTokenExists,
                "IRRD170I Token HSM.KEYS cannot be added. It already exists.");
  EXPECT_EQ(Generate().status, 0);
}

TEST_F(RacdcertBoundTest, KeysOfOthersAreListedWithoutAHandle) {
  Text({"racf", "RACDCERT ADDTOKEN(HSM.KEYS)"});
  EXPECT_EQ(Generate().status, 0);
  MakeTheirKey("theirs", "0a");
  EXPECT_EQ(Json({"racf", "RACDCERT LISTTOKEN(HSM.KEYS)"})["messages"],
            (json{"Token: HSM.KEYS",
                  "  Seq Num   Category  Object       Bytes  State     Label",
                  "  --------  --------  -----------  -----  --------  -----",
                  "  00000001  T         SECRET KEY   64",
                  "  -         -         SECRET KEY   64               theirs",
                  "  RACF's own LISTTOKEN shows certificates only: secret keys "
                  "are not in its list."}));
}

TEST_F(RacdcertBoundTest, OfABoundTokenOnlyWhatHasItsHandlesIsDeleted) {
  Text({"racf", "RACDCERT ADDTOKEN(HSM.KEYS)"});
  EXPECT_EQ(Generate().status, 0);
  MakeTheirKey("theirs", "0a");
  EXPECT_EQ(Text({"racf", "RACDCERT DELTOKEN(HSM.KEYS) FORCE"}),
            "The objects under handles of HSM.KEYS are destroyed; the module's "
            "own token remains.\n");
  const json keys = Json({"key", "list"})["keys"];
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0]["label"], "theirs");
}

TEST_F(RacdcertBoundTest, WhereTheModuleIsNotAvailableSoIsTheToken) {
  Configure("file:" + (folder_.path() / "pin").string());
  programs_.SetEnvironment("SOFTHSM2_CONF", "/nonexistent/softhsm2.conf");
  for (const std::string function :
       {"ADDTOKEN(HSM.KEYS)", "LISTTOKEN(HSM.KEYS)", "DELTOKEN(HSM.KEYS)"}) {
    const Outcome outcome = Run({"racf", "RACDCERT " + function});
    EXPECT_EQ(outcome.status, 12) << function;
    EXPECT_THAT(outcome.err,
                StartsWith("sigtoken: IRRD165I Cryptoz processing is not "
                           "operational. The request is not processed: "))
        << function;
  }
}

TEST_F(RacdcertBoundTest, OneThatCannotBeLookedAtDoesNotHideTheOthers) {
  ConfigureBoth();
  WithToken();
  programs_.SetEnvironment("SOFTHSM2_CONF", "/nonexistent/softhsm2.conf");
  const Outcome outcome = Run({"racf", "RACDCERT LISTTOKEN(*)", "--json"});
  EXPECT_EQ(outcome.status, 12);
  EXPECT_EQ(
      outcome.json()["messages"],
      (json{"Token: IDTTKN.JWT.SECRET", "  No objects: the token is empty."}));
  EXPECT_EQ(outcome.json()["error"]["icsf"]["return_code"], 12);
  EXPECT_THAT(outcome.err,
              StartsWith("sigtoken: IRRD165I Cryptoz processing is not "
                         "operational. The request is not processed: token "
                         "HSM.KEYS: "));
  EXPECT_EQ(Run({"racf", "RACDCERT LISTTOKEN(*)"}).out, kEmpty);
}

}  // namespace
}  // namespace sigtoken::testing
