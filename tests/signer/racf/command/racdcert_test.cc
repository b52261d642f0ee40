// RACDCERT ADDTOKEN, DELTOKEN and LISTTOKEN.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "pkcs11/store/object_records.h"
#include "pkcs11/store/token_records.h"
#include "signer/racf/command/commands.h"
#include "signer/racf/schema.h"
#include "tests/embedded_home.h"
#include "tests/other_objects.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kColumns =
    "  Seq Num   Category  Object       Bytes  State     Label";
constexpr const char* kLines =
    "  --------  --------  -----------  -----  --------  -----";
constexpr const char* kLeavesOut =
    "  RACF's own LISTTOKEN shows certificates only: secret keys are not in "
    "its "
    "list.";

// With a token IDTTKN.JWT.SECRET, which is empty.
class RacdcertTest : public TokenTest {
 protected:
  void SetUp() override {
    TokenTest::SetUp();
    ASSERT_THAT(MigrateRacf(directory_->database()), IsOk());
  }

  Result<CommandOutput> Run(const std::string& text) {
    SIGTOKEN_ASSIGN(const auto commands, SplitCommands(text));
    return RunCommands(directory_->database(), commands, directory_.get());
  }
  Texts Lines(const std::string& text) { return Must(Run(text)).lines; }

  Texts Names() {
    Texts names;
    for (const TokenName& name : Must(directory_->Names())) {
      names.push_back(name.text());
    }
    return names;
  }

  void ExpectRefused(const std::string& text, IcsfCode code,
                     const std::string& message) {
    const auto refused = Run(text);
    EXPECT_THAT(refused, FailsWith(code)) << text;
    EXPECT_EQ(MessageOf(refused), message) << text;
    EXPECT_EQ(Names(), Texts{kTokenName}) << text;
  }
};

TEST_F(RacdcertTest, AddsAnEmptyToken) {
  EXPECT_EQ(Lines("RACDCERT ADDTOKEN(MY.TOKEN)"), Texts());
  EXPECT_EQ(Names(), (Texts{kTokenName, "MY.TOKEN"}));
  const auto record =
      Must(FindTokenRecord(directory_->database(), Name("MY.TOKEN")));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->manufacturer, "sigtoken");
  EXPECT_EQ(record->model, "");
  EXPECT_EQ(record->serial, "");
}

TEST_F(RacdcertTest, NamesAndKeywordsAreFolded) {
  EXPECT_EQ(Lines("racdcert addtoken(my.token)"), Texts());
  EXPECT_EQ(Names(), (Texts{kTokenName, "MY.TOKEN"}));
  EXPECT_EQ(Lines("racdcert deltoken ( My.Token ) force"), Texts());
  EXPECT_EQ(Names(), Texts{kTokenName});
}

TEST_F(RacdcertTest, KeywordsMayBeShortened) {
  EXPECT_EQ(Lines("RACDCERT ADDT(A)"), Texts());
  EXPECT_EQ(Lines("RACDCERT LISTT(A)"),
            (Texts{"Token: A", "  No objects: the token is empty."}));
  EXPECT_EQ(Lines("RACDCERT DELT(A) FORC"), Texts());
  EXPECT_EQ(Names(), Texts{kTokenName});
}

TEST_F(RacdcertTest, AQuotedNameIsTakenAsItIs) {
  EXPECT_EQ(Lines("RACDCERT ADDTOKEN('A')"), Texts());
  EXPECT_EQ(Names(), (Texts{"A", kTokenName}));
}

TEST_F(RacdcertTest, ATokenIsAddedOnce) {
  Generate();
  ExpectRefused("RACDCERT ADDTOKEN(idttkn.jwt.secret)", kTokenExists,
                "IRRD170I Token IDTTKN.JWT.SECRET cannot be added. It already "
                "exists.");
  EXPECT_EQ(Lines("RACDCERT LISTTOKEN(*)").size(), 5U);
}

TEST_F(RacdcertTest, DeletesAnEmptyTokenWithoutForce) {
  EXPECT_EQ(Lines("RACDCERT DELTOKEN(IDTTKN.JWT.SECRET)"), Texts());
  EXPECT_EQ(Names(), Texts());
}

TEST_F(RacdcertTest, DeletesATokenWithKeysWhereItIsForced) {
  Generate();
  MakeData(*token_, {7, 'T'});
  const auto refused = Run("RACDCERT DELTOKEN(IDTTKN.JWT.SECRET)");
  EXPECT_THAT(refused, FailsWith(kTokenNotEmpty));
  EXPECT_EQ(MessageOf(refused),
            "IRRD174I Token IDTTKN.JWT.SECRET contains object(s) that are not "
            "supported by RACF. The request is not processed: the token "
            "IDTTKN.JWT.SECRET still has 2 objects inside");
  EXPECT_EQ(CureOf(refused),
            "look at them with RACDCERT LISTTOKEN(IDTTKN.JWT.SECRET), or "
            "destroy all of them for good with RACDCERT "
            "DELTOKEN(IDTTKN.JWT.SECRET) FORCE");
  EXPECT_EQ(Names(), Texts{kTokenName});
  EXPECT_EQ(Lines("RACDCERT DELTOKEN(IDTTKN.JWT.SECRET) FORCE"), Texts());
  EXPECT_EQ(Names(), Texts());
  EXPECT_FALSE(Must(FindTokenRecord(directory_->database(), Name(kTokenName))));
}

TEST_F(RacdcertTest, ForceMayStandInFront) {
  Generate();
  EXPECT_EQ(Lines("RACDCERT FORCE DELTOKEN(IDTTKN.JWT.SECRET)"), Texts());
  EXPECT_EQ(Names(), Texts());
}

TEST_F(RacdcertTest, ListsKeysOfBothCategoriesDataAndKeysWithoutAHandle) {
  Generate({.bytes = 32, .label = "first"});
  KeySpec second;
  second.category = 'Y';
  Generate(second);
  MakeData(*token_, {3, 'T'});
  ImportKey(*token_, {0x10, 'T'}, Bytes("value"));
  Attributes theirs = KeyToImport("", Bytes(std::string(64, 'x')));
  theirs.Remove(CKA_LABEL);
  theirs.Text(CKA_LABEL, "their\x1Bs");
  Import(*token_, theirs);
  {
    auto transaction = Must(directory_->database().Begin());
    ASSERT_THAT(
        SetDisabled(directory_->database(), Name(kTokenName), {2, 'Y'}, true),
        IsOk());
    ASSERT_THAT(transaction.Commit(), IsOk());
  }
  EXPECT_EQ(Lines("RACDCERT LISTTOKEN(IDTTKN.JWT.SECRET)"),
            (Texts{
                "Token: IDTTKN.JWT.SECRET",
                kColumns,
                kLines,
                "  00000001  T         SECRET KEY   32               first",
                "  00000002  Y         SECRET KEY   64     DISABLED",
                "  00000003  T         DATA                          data",
                "  00000010  T         SECRET KEY   64               imported",
                "  -         -         SECRET KEY   64               "
                "their\\x1Bs",
                kLeavesOut,
            }));
}

TEST_F(RacdcertTest, ATokenWithoutSecretKeysIsListedAsRacfWouldSeeIt) {
  MakeData(*token_, {1, 'T'});
  EXPECT_EQ(Lines("RACDCERT LISTTOKEN(IDTTKN.JWT.SECRET)"),
            (Texts{
                "Token: IDTTKN.JWT.SECRET",
                kColumns,
                kLines,
                "  00000001  T         DATA                          data",
            }));
}

TEST_F(RacdcertTest, KeysThatCannotBeUsedAreNamedToo) {
  ImportKey(*token_, {1, 'T'}, Bytes("one"));
  ImportKey(*token_, {1, 'T'}, Bytes("other"));
  EXPECT_EQ(Lines("RACDCERT LISTTOKEN(IDTTKN.JWT.SECRET)"),
            (Texts{"Token: IDTTKN.JWT.SECRET",
                   "  Cannot be used: 2 keys are IDTTKN.JWT.SECRET:00000001T: "
                   "delete the others with the tool that made them"}));
}

TEST_F(RacdcertTest, ListsAllTokens) {
  Lines("RACDCERT ADDTOKEN(B)");
  Lines("RACDCERT ADDTOKEN(A)");
  EXPECT_EQ(
      Lines("RACDCERT LISTTOKEN(*)"),
      (Texts{"Token: A", "  No objects: the token is empty.", "", "Token: B",
             "  No objects: the token is empty.", "",
             "Token: IDTTKN.JWT.SECRET", "  No objects: the token is empty."}));
}

TEST_F(RacdcertTest, WhereThereIsNoTokenTheListSaysSo) {
  Lines("RACDCERT DELTOKEN(IDTTKN.JWT.SECRET)");
  EXPECT_EQ(Lines("RACDCERT LISTTOKEN(*)"),
            Texts{"No tokens: make one with RACDCERT ADDTOKEN(name)."});
}

TEST_F(RacdcertTest, ATokenThatIsNotThereIsRefused) {
  ExpectRefused("RACDCERT LISTTOKEN(NONE)", kTokenNotFound,
                "there is no token NONE");
  ExpectRefused("RACDCERT DELTOKEN(NONE)", kTokenNotFound,
                "there is no token NONE");
  ExpectRefused("RACDCERT DELTOKEN(NONE) FORCE", kTokenNotFound,
                "there is no token NONE");
}

TEST_F(RacdcertTest, TheTokenOfSessionObjectsStaysAsItIs) {
  const std::string name = "SYSTOK-SESSION-ONLY";
  ExpectRefused(
      "RACDCERT ADDTOKEN(" + name + ")", kTokenExists,
      "IRRD170I Token " + name + " cannot be added. It already exists.");
  ExpectRefused("RACDCERT DELTOKEN(" + name + ") FORCE", kAttributeReadOnly,
                "the token " + name + " cannot be deleted");
  ExpectRefused("RACDCERT LISTTOKEN(" + name + ")", kTokenNotFound,
                "the token " + name +
                    " holds session objects alone, which each process sees for "
                    "itself: there is nothing to show");
}

TEST_F(RacdcertTest, WhatIsNoNameIsRefused) {
  for (const std::string name :
       {"1A", ".A", "A-B", "A/B", "..", "A234567890123456789012345678901.3",
        "\xC3\x84", "A:1T", "%"}) {
    for (const std::string function : {"ADDTOKEN", "DELTOKEN", "LISTTOKEN"}) {
      const auto refused = Run("RACDCERT " + function + "(" + name + ")");
      EXPECT_THAT(refused, FailsWith(kHandleInvalid)) << function << name;
    }
  }
  ExpectRefused("RACDCERT ADDTOKEN(*)", kHandleInvalid,
                "'*' is not a token name");
  ExpectRefused("RACDCERT DELTOKEN(*) FORCE", kHandleInvalid,
                "'*' is not a token name");
  ExpectRefused("RACDCERT LISTTOKEN('*')", kHandleInvalid,
                "'*' is not a token name");
  ExpectRefused("RACDCERT ADDTOKEN('a')", kHandleInvalid,
                "'a' is not a token name");
  ExpectRefused("RACDCERT ADDTOKEN('')", kHandleInvalid,
                "'' is not a token name");
}

TEST_F(RacdcertTest, WhatIsNoCommandIsRefused) {
  struct Row {
    std::string command;
    std::string message;
  };
  const std::string no_function =
      "without a function RACDCERT lists certificates, which are not kept here";
  for (const Row& row : {
           Row{"RACDCERT", no_function},
           Row{"RACDCERT FORCE", no_function},
           Row{"RACD ADDTOKEN(A)", "IKJ56500I COMMAND RACD NOT FOUND"},
           Row{"RACDCERT(A)",
               "nothing stands in parentheses behind a command's name"},
           Row{"RACDCERT ADDTOKEN", "IKJ56701I MISSING ADDTOKEN VALUE"},
           Row{"RACDCERT ADDTOKEN()", "IKJ56701I MISSING ADDTOKEN VALUE"},
           Row{"RACDCERT ADDTOKEN(A B)", "ADDTOKEN takes one value"},
           Row{"RACDCERT ADDTOKEN(A(B))", "ADDTOKEN takes one value"},
           Row{"RACDCERT LISTTOKEN", "IKJ56701I MISSING LISTTOKEN VALUE"},
           Row{"RACDCERT DELTOKEN(A) FORCE(YES)", "FORCE takes no value"},
           Row{"RACDCERT ADDTOKEN(A) FORCE", "FORCE goes with DELTOKEN alone"},
           Row{"RACDCERT LISTTOKEN(*) FORCE", "FORCE goes with DELTOKEN alone"},
           Row{"RACDCERT ADDTOKEN(A) ADDTOKEN(B)",
               "RACDCERT has two functions, ADDTOKEN and ADDTOKEN"},
           Row{"RACDCERT DELTOKEN(IDTTKN.JWT.SECRET) ADDTOKEN(A)",
               "RACDCERT has two functions, DELTOKEN and ADDTOKEN"},
           Row{"RACDCERT TOKENS(A)", "IKJ56712I INVALID KEYWORD, TOKENS"},
           Row{"RACDCERT 'ADDTOKEN'(A)", "IKJ56712I INVALID KEYWORD, ADDTOKEN"},
           Row{"RACDCERT ADDTOKEN(A",
               "the command cannot be read: a ( is not "
               "closed"},
           Row{"RACDCERT D(A)",
               "D is ambiguous: it may stand for DELTOKEN, DEFAULT, DELETE, "
               "DELMAP, DELRING, DSA"},
       }) {
    ExpectRefused(row.command, kParameterInvalid, row.message);
  }
}

TEST_F(RacdcertTest, RacfsOtherFunctionsAreRefusedByName) {
  for (const std::string name :
       {"ADD",    "BIND",   "CERTAUTH",  "CHECKCERT", "CONNECT",
        "DELETE", "EXPORT", "GENCERT",   "GENREQ",    "ID",
        "IMPORT", "LIST",   "LISTCHAIN", "LISTRING",  "MAP",
        "REKEY",  "REMOVE", "ROLLOVER",  "SITE",      "UNBIND"}) {
    ExpectRefused("RACDCERT " + name, kParameterInvalid,
                  "RACF's keyword " + name + " is not kept here");
  }
  ExpectRefused("RACDCERT ID(IBMUSER) ADDTOKEN(A)", kParameterInvalid,
                "RACF's keyword ID is not kept here");
  ExpectRefused("RACDCERT ADDTOKEN(A) SITE", kParameterInvalid,
                "RACF's keyword SITE is not kept here");
}

// What it does to a token could not be undone with them.
TEST_F(RacdcertTest, BesideOtherCommandsItIsRefusedBeforeAnythingIsDone) {
  for (const std::string command :
       {"RACDCERT ADDTOKEN(A)", "RACDCERT DELTOKEN(IDTTKN.JWT.SECRET) FORCE",
        "RACDCERT LISTTOKEN(*)"}) {
    ExpectRefused("RDEFINE IDTDATA JWT.A\n" + command, kParameterInvalid,
                  "line 2: RACDCERT cannot stand beside other commands: what "
                  "it does to a token is not undone where one of them fails");
    ExpectRefused(command + "\nRLIST IDTDATA JWT.A", kParameterInvalid,
                  "line 1: RACDCERT cannot stand beside other commands: what "
                  "it does to a token is not undone where one of them fails");
    ExpectRefused(command + "\n" + command, kParameterInvalid,
                  "line 1: RACDCERT cannot stand beside other commands: what "
                  "it does to a token is not undone where one of them fails");
    EXPECT_EQ(CureOf(Run(command + "\n" + command)),
              "give it by itself; none of the commands was carried out");
  }
  EXPECT_FALSE(Must(Run("SEARCH CLASS(IDTDATA)")).found);
}

TEST_F(RacdcertTest, CommentsAndContinuedLinesMayStandAroundIt) {
  EXPECT_EQ(Lines("/* The token */\n\nRACDCERT -\n  ADDTOKEN(A) /* new */\n\n"),
            Texts());
  EXPECT_EQ(Names(), (Texts{"A", kTokenName}));
}

TEST_F(RacdcertTest, WithoutTokensItIsRefused) {
  const auto commands = Must(SplitCommands("RACDCERT LISTTOKEN(*)"));
  const auto refused = RunCommands(directory_->database(), commands);
  EXPECT_THAT(refused, FailsWith(kParameterInvalid));
  EXPECT_EQ(MessageOf(refused),
            "RACDCERT works on tokens, and there are none at hand");
}

}  // namespace
}  // namespace sigtoken::testing
