// RDEFINE, RALTER and RDELETE.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/signer/racf/racf_store.h"

namespace sigtoken::testing {
namespace {

using Texts = std::vector<std::string>;
using ::testing::HasSubstr;

class RdefineTest : public RacfStoreTest {
 protected:
  void ExpectRefused(const std::string& command, const std::string& message) {
    const std::string before = Export();
    const auto refused = Run(command);
    EXPECT_THAT(refused, FailsWith(kParameterInvalid)) << command;
    EXPECT_EQ(MessageOf(refused), message) << command;
    EXPECT_NE(CureOf(refused), "") << command;
    EXPECT_EQ(Export(), before) << command;
  }
  // "IDTPARMS(...)" of the one profile.
  std::string Parms() {
    const std::string text = Export();
    const auto begin = text.find("IDTPARMS(");
    if (begin == std::string::npos) return "";
    return text.substr(begin, text.find('\n', begin) - begin);
  }
};

// OA63462, "IDT Configuration", as printed.
TEST_F(RdefineTest, TheExampleOfTheSeedWorks) {
  EXPECT_EQ(
      Lines("RDEFINE IDTDATA JWT.APPL01.USER01.SAF IDTPARMS(SIGTOKEN(mytoken) "
            "SIGSEQNUM(1) SIGCAT(T) SIGALG(HS256) ANYAPPL IDTTIMEOUT(30))"),
      Texts{});
  EXPECT_EQ(Export(),
            "RDEFINE IDTDATA JWT.APPL01.USER01.SAF OWNER(IBMUSER) UACC(NONE) "
            "IDTPARMS(SIGTOKEN(MYTOKEN) SIGSEQNUM(00000001) SIGCAT(T) "
            "SIGALG(HS256) ANYAPPL(YES) IDTTIMEOUT(30))\n");
}

// IBM's samples: Explorer for z/OS, CICS.
TEST_F(RdefineTest, IbmsSamplesWork) {
  Lines("SETROPTS GENERIC(IDTDATA)");
  Lines(
      "RDEFINE IDTDATA JWT.FEKAPPL.*.SAF -\n"
      "  IDTPARMS(SIGTOKEN(JWTTOK.FEKAPPL) SIGALG(HS512) ANYAPPL(NO) +\n"
      "           IDTTIMEOUT(30)) UACC(NONE) DATA('IBM EXPLORER FOR z/OS')");
  Lines("RDEFINE IDTDATA JWT.APPLID.USERID.SAF IDTPARMS(SIGTOKEN(ICSFTOKEN))");
  EXPECT_EQ(Export(),
            "SETROPTS GENERIC(IDTDATA)\n"
            "RDEFINE IDTDATA JWT.APPLID.USERID.SAF OWNER(IBMUSER) UACC(NONE) "
            "IDTPARMS(SIGTOKEN(ICSFTOKEN))\n"
            "RDEFINE IDTDATA JWT.FEKAPPL.*.SAF OWNER(IBMUSER) UACC(NONE) "
            "DATA('IBM EXPLORER FOR z/OS') IDTPARMS(SIGTOKEN(JWTTOK.FEKAPPL) "
            "SIGALG(HS512) ANYAPPL(NO) IDTTIMEOUT(30))\n");
}

TEST_F(RdefineTest, OperandsMayBeShortenedWhileTheyAreNotAmbiguous) {
  Lines(
      "rdef idtdata jwt.a.b.saf idtp(sigt(x) sigs(2a) sigc(y) siga(hs384) "
      "any(no) idtt(7) prot(yes) sigl('My.Key') sigk('kid-1')) ow(me) u(read) "
      "da('x')");
  EXPECT_EQ(Export(),
            "RDEFINE IDTDATA JWT.A.B.SAF OWNER(ME) UACC(READ) DATA('x') "
            "IDTPARMS(SIGTOKEN(X) SIGSEQNUM(0000002A) SIGCAT(Y) SIGALG(HS384) "
            "ANYAPPL(NO) IDTTIMEOUT(7) PROTALLOWED(YES) "
            "SIGLABELPRIMARY('My.Key') SIGKIDPRIMARY('kid-1'))\n");
  ExpectRefused("RDEFINE IDTDATA JWT.C IDTPARMS(SIG(X))",
                "SIG is ambiguous: it may stand for SIGTOKEN, SIGSEQNUM, "
                "SIGCAT, SIGALG, SIGLABELPRIMARY, SIGKIDPRIMARY");
  ExpectRefused("RALTER IDTDATA JWT.A.B.SAF IDTPARMS(NOSIG)",
                "NOSIG is ambiguous: it may stand for NOSIGTOKEN, "
                "NOSIGSEQNUM, NOSIGCAT, NOSIGALG, NOSIGLABELPRIMARY, "
                "NOSIGKIDPRIMARY");
  // IBM's own shorter forms, and the name that IDTTIMEOUT had in 2019.
  Lines("RALTER IDTDATA JWT.A.B.SAF IDTPARMS(TIMEOUT(8))");
  EXPECT_THAT(Parms(), HasSubstr("IDTTIMEOUT(8)"));
  Lines("RALTER IDTDATA JWT.A.B.SAF IDTPARMS(NOSIGSEQ NOSIGLABELPRIM)");
  EXPECT_THAT(Parms(), ::testing::Not(HasSubstr("SIGSEQNUM")));
}

TEST_F(RdefineTest, SeveralProfilesAreDefinedAtOnceOrNone) {
  Lines("RDEFINE IDTDATA (JWT.A JWT.B)");
  ExpectRefused("RDEFINE IDTDATA (JWT.C JWT.B)",
                "ICH10102I JWT.B ALREADY DEFINED TO CLASS IDTDATA.");
  EXPECT_EQ(Lines("SEARCH CLASS(IDTDATA)"), (Texts{"JWT.A", "JWT.B"}));
}

TEST_F(RdefineTest, GenericCharactersAreTakenByTheLetterWithoutGenerics) {
  EXPECT_EQ(Lines("RDEFINE IDTDATA JWT.A.*"),
            Texts{"ICH10321I The profile name JWT.A.* contains generic "
                  "characters, but generics are not enabled for class IDTDATA. "
                  "A discrete profile has been created."});
  EXPECT_EQ(Lines("SEARCH CLASS(IDTDATA)"), Texts{"JWT.A.*"});
  EXPECT_EQ(Lines("SETROPTS GENCMD(IDTDATA)\nRDEFINE IDTDATA JWT.A.*\n"
                  "SEARCH CLASS(IDTDATA)"),
            (Texts{"JWT.A.*", "JWT.A.* (G)"}));
}

TEST_F(RdefineTest, ValuesThatAreNoneAreRefused) {
  struct Row {
    std::string operand;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {"SIGTOKEN(1ABC)", "IKJ56702I INVALID SIGTOKEN, 1ABC"},
           {"SIGTOKEN(.ABC)", "IKJ56702I INVALID SIGTOKEN, .ABC"},
           {"SIGTOKEN('low')", "IKJ56702I INVALID SIGTOKEN, low"},
           {"SIGTOKEN(A234567890123456789012345678901234)",
            "IKJ56702I INVALID SIGTOKEN, A234567890123456789012345678901234"},
           {"SIGTOKEN", "IKJ56701I MISSING SIGTOKEN VALUE"},
           {"SIGTOKEN()", "IKJ56701I MISSING SIGTOKEN VALUE"},
           {"SIGTOKEN(A B)", "SIGTOKEN takes one value"},
           {"SIGSEQNUM(G)", "IKJ56702I INVALID SIGSEQNUM, G"},
           {"SIGSEQNUM(-1)", "IKJ56702I INVALID SIGSEQNUM, -1"},
           {"SIGSEQNUM(0X1)", "IKJ56702I INVALID SIGSEQNUM, 0X1"},
           {"SIGSEQNUM(123456789)", "IKJ56702I INVALID SIGSEQNUM, 123456789"},
           {"SIGCAT(S)", "IKJ56702I INVALID SIGCAT, S"},
           {"SIGCAT(X)", "IKJ56702I INVALID SIGCAT, X"},
           {"SIGCAT(TT)", "IKJ56702I INVALID SIGCAT, TT"},
           {"SIGALG(HS1)", "IKJ56702I INVALID SIGALG, HS1"},
           {"SIGALG(NONE)", "IKJ56702I INVALID SIGALG, NONE"},
           {"SIGALG('hs256')", "IKJ56702I INVALID SIGALG, hs256"},
           {"ANYAPPL(MAYBE)", "IKJ56702I INVALID ANYAPPL, MAYBE"},
           {"IDTTIMEOUT(0)", "IKJ56702I INVALID IDTTIMEOUT, 0"},
           {"IDTTIMEOUT(1441)", "IKJ56702I INVALID IDTTIMEOUT, 1441"},
           {"IDTTIMEOUT(5M)", "IKJ56702I INVALID IDTTIMEOUT, 5M"},
           {"IDTTIMEOUT(99999999999)",
            "IKJ56702I INVALID IDTTIMEOUT, 99999999999"},
           {"PROTALLOWED", "IKJ56701I MISSING PROTALLOWED VALUE"},
           {"PROTALLOWED(Y)", "IKJ56702I INVALID PROTALLOWED, Y"},
           {"SIGKIDPRIMARY('a b')", "IKJ56702I INVALID SIGKIDPRIMARY, a b"},
           {"SIGKIDPRIMARY(A23456789012345678901234567890123)",
            "IKJ56702I INVALID SIGKIDPRIMARY, "
            "A23456789012345678901234567890123"},
           {"NOSIGTOKEN", "IKJ56712I INVALID KEYWORD, NOSIGTOKEN"},
           {"SIGLABELBACKUP(X)", "IKJ56712I INVALID KEYWORD, SIGLABELBACKUP"},
           {"SIGSEQNUM(0)", "IKJ56702I INVALID SIGSEQNUM, 0"},
           {"SIGSEQNUM(00000000)", "IKJ56702I INVALID SIGSEQNUM, 00000000"},
           {"'SIGTOKEN'(A)", "IKJ56712I INVALID KEYWORD, SIGTOKEN"},
           {"IDTTIMEOUT(5) TIMEOUT(6)", "IDTTIMEOUT stands there twice"},
           {"SIGALG(HS256) SIGALG(HS384)", "SIGALG stands there twice"},
       }) {
    ExpectRefused("RDEFINE IDTDATA JWT.A IDTPARMS(" + row.operand + ")",
                  row.message);
  }
}

TEST_F(RdefineTest, CommandsThatAreNoneAreRefused) {
  struct Row {
    std::string command;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {"RDEFINE", "IKJ56701I MISSING CLASS NAME"},
           {"RDEFINE IDTDATA", "IKJ56701I MISSING PROFILE NAME"},
           {"RDEFINE IDTDATA ()", "IKJ56701I MISSING PROFILE NAME"},
           {"RDEFINE FACILITY A", "the class 'FACILITY' is not kept here"},
           {"RDEFINE IDTDATA A B", "IKJ56712I INVALID KEYWORD, B"},
           {"RDEFINE IDTDATA A UACC(ALL)", "IKJ56702I INVALID UACC, ALL"},
           {"RDEFINE IDTDATA A OWNER(A.B)", "IKJ56702I INVALID OWNER, A.B"},
           {"RDEFINE IDTDATA A OWNER('')", "IKJ56702I INVALID OWNER, "},
           {"RDEFINE IDTDATA A NOIDTPARMS",
            "IKJ56712I INVALID KEYWORD, NOIDTPARMS"},
           {"RALTER IDTDATA JWT.NONE DATA('X')",
            "JWT.NONE is not defined to class IDTDATA"},
           {"RALTER IDTDATA JWT.NONE IDTPARMS() NOIDTPARMS",
            "IDTPARMS and NOIDTPARMS contradict each other"},
           {"RDELETE IDTDATA JWT.NONE",
            "ICH12102I JWT.NONE NOT DEFINED TO CLASS IDTDATA"},
           {"RDELETE IDTDATA JWT.NONE FORCE",
            "IKJ56712I INVALID KEYWORD, FORCE"},
           {"CONNECT USER01", "IKJ56500I COMMAND CONNECT NOT FOUND"},
           {"RDEFINE=IDTDATA=A", "IKJ56500I COMMAND NOT FOUND"},
           {"RDE IDTDATA A", "IKJ56500I COMMAND RDE NOT FOUND"},
           {"(A)", "nothing stands in parentheses behind a command's name"},
           {"RDEFINE(X) IDTDATA A",
            "nothing stands in parentheses behind a command's name"},
           {"RDEFINE IDTDATA A(B)", "IKJ56702I INVALID PROFILE NAME, A"},
           // RACF's own count where one is shortened.
           {"RDEFINE IDTDATA A D('x')",
            "D is ambiguous: it may stand for DATA, DELCATEGORY, DELMEM, "
            "DELVOL, DLFDATA"},
           {"RDEFINE IDTDATA A AUDIT(ALL)",
            "RACF's keyword AUDIT is not kept here"},
           {"RDEFINE IDTDATA A WARN",
            "RACF's keyword WARNING is not kept here"},
           {"RDEFINE IDTDATA jwt.'a'", "IKJ56712I INVALID KEYWORD, a"},
       }) {
    ExpectRefused(row.command, row.message);
  }
}

TEST_F(RdefineTest, RalterChangesWhatItSaysAndNothingElse) {
  Lines(
      "RDEFINE IDTDATA JWT.A DATA('one') IDTPARMS(SIGTOKEN(X) SIGSEQNUM(5) "
      "SIGCAT(Y) SIGALG(HS512) ANYAPPL(NO) IDTTIMEOUT(9) PROTALLOWED(YES))");
  Lines("RALTER IDTDATA JWT.A IDTPARMS(SIGALG(HS256))");
  EXPECT_EQ(Parms(),
            "IDTPARMS(SIGTOKEN(X) SIGSEQNUM(00000005) SIGCAT(Y) SIGALG(HS256) "
            "ANYAPPL(NO) IDTTIMEOUT(9) PROTALLOWED(YES))");
  Lines(
      "RALTER IDTDATA JWT.A IDTPARMS(NOSIGTOKEN NOSIGSEQNUM NOSIGCAT "
      "NOSIGALG NOIDTTIMEOUT PROTALLOWED(NO) ANYAPPL) NODATA OWNER(OTHER)");
  EXPECT_EQ(Export(),
            "RDEFINE IDTDATA JWT.A OWNER(OTHER) UACC(NONE) "
            "IDTPARMS(ANYAPPL(YES) PROTALLOWED(NO))\n");
  Lines("RALTER IDTDATA JWT.A NOIDTPARMS");
  EXPECT_EQ(Parms(), "");
  Lines("RALTER IDTDATA JWT.A IDTPARMS()");
  EXPECT_EQ(Parms(), "IDTPARMS()");
  Lines("RDEL IDTDATA JWT.A");
  EXPECT_EQ(Export(), "/* nothing is defined */\n");
  EXPECT_EQ(Lines(Export()), Texts{});
}

TEST_F(RdefineTest, WhatRequestsDoNotSeeYetIsSaid) {
  Lines("SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA)");
  EXPECT_EQ(Lines("RDEFINE IDTDATA JWT.A"),
            Texts{"ICH10006I RACLISTED PROFILES FOR IDTDATA WILL NOT REFLECT "
                  "THE ADDITION(S) UNTIL A SETROPTS REFRESH IS ISSUED."});
  EXPECT_EQ(Lines("RALTER IDTDATA JWT.A DATA('x')"),
            Texts{"ICH11009I RACLISTED PROFILES FOR IDTDATA WILL NOT REFLECT "
                  "THE UPDATE(S) UNTIL A SETROPTS REFRESH IS ISSUED."});
  EXPECT_EQ(Lines("RDELETE IDTDATA JWT.A"),
            Texts{"ICH12002I RACLISTED PROFILES FOR IDTDATA WILL NOT REFLECT "
                  "THE DELETION(S) UNTIL A SETROPTS REFRESH IS ISSUED."});
}

// One of many fails: none was carried out, and its line is named.
TEST_F(RdefineTest, AFileIsCarriedOutAsAWholeOrNotAtAll) {
  ExpectRefused(
      "RDEFINE IDTDATA JWT.A\nSETROPTS CLASSACT(IDTDATA)\n\n"
      "RDEFINE IDTDATA JWT.A\nRDEFINE IDTDATA JWT.B",
      "line 4: ICH10102I JWT.A ALREADY DEFINED TO CLASS IDTDATA.");
}

}  // namespace
}  // namespace sigtoken::testing
