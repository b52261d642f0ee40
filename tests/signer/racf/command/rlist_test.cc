// RLIST, SEARCH, SETROPTS and the export.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "signer/racf/profile/profiles.h"
#include "tests/signer/racf/racf_store.h"

namespace sigtoken::testing {
namespace {

using Texts = std::vector<std::string>;

class RlistTest : public RacfStoreTest {
 protected:
  void ExpectRefused(const std::string& command, const std::string& message) {
    const auto refused = Run(command);
    EXPECT_THAT(refused, FailsWith(kParameterInvalid)) << command;
    EXPECT_EQ(MessageOf(refused), message) << command;
  }
  std::vector<std::string> Covering(Profiles::View view, bool generics = true) {
    std::vector<std::string> names;
    for (const Profile& profile :
         Must(Profiles(*database_)
                  .Covering(view, "JWT.APPL01.USER01.SAF", generics, 100))) {
      names.push_back(profile.name.text());
    }
    return names;
  }
};

TEST_F(RlistTest, PrintsWhatRacfPrints) {
  Lines(
      "SETROPTS GENERIC(IDTDATA)\n"
      "RDEFINE IDTDATA JWT.APPL01.*.SAF DATA('Zowe') OWNER(SECADM) UACC(READ) "
      "IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET) SIGALG(HS512))");
  EXPECT_EQ(Lines("RLIST IDTDATA JWT.APPL01.*.SAF IDTPARMS"),
            (Texts{
                "CLASS      NAME",
                "-----      ----",
                "IDTDATA    JWT.APPL01.*.SAF (G)",
                "",
                "LEVEL  OWNER      UNIVERSAL ACCESS  YOUR ACCESS  WARNING",
                "-----  --------   ----------------  -----------  -------",
                " 00    SECADM          READ              ALTER    NO",
                "",
                "INSTALLATION DATA",
                "-----------------",
                "Zowe",
                "",
                "IDTPARMS INFORMATION",
                "--------------------",
                "Signature Token Name = IDTTKN.JWT.SECRET",
                "Signature Sequence Number = 00000001",
                "Signature Category = T",
                "Signature Algorithm = HS512",
                "IDT TIMEOUT = 00000005",
                "ANYAPPL = YES",
                "Protected Allowed = NO",
            }));
}

// The one public sample (IBM, z/OS 3.2 education, RACF Extend JWT support).
TEST_F(RlistTest, PrintsTheSegmentAsInIbmsSample) {
  Lines(
      "RDEFINE IDTDATA JWT.TSOIM13.U.SAF IDTPARMS(SIGALG(RS512) ANYAPPL(NO) "
      "SIGLABELPRIMARY(ICSF.RSAKEY01) SIGKIDPRIMARY(MYRSAKEY1))");
  EXPECT_EQ(Lines("RLIST IDTDATA JWT.TSOIM13.U.SAF IDTPARMS NORACF"),
            (Texts{
                "IDTPARMS INFORMATION",
                "--------------------",
                "Signature Algorithm = RS512",
                "Signature Label Primary = ICSF.RSAKEY01",
                "Signature KID Primary = MYRSAKEY1",
                "IDT TIMEOUT = 00000005",
                "ANYAPPL = NO",
                "Protected Allowed = NO",
            }));
  Lines("RDEFINE IDTDATA JWT.B");
  EXPECT_EQ(Lines("RLIST IDTDATA JWT.B IDTPARMS NORACF"),
            Texts{"NO IDTPARMS INFORMATION"});
}

TEST_F(RlistTest, WithoutAProfileOfThatNameTheCoveringOneIsListed) {
  Lines("SETROPTS GENERIC(IDTDATA)\nRDEFINE IDTDATA (JWT.** JWT.A.*)");
  EXPECT_EQ(Lines("RLIST IDTDATA JWT.A.B")[2], "IDTDATA    JWT.A.* (G)");
  EXPECT_EQ(Lines("RLIST IDTDATA JWT.C GENERIC")[2], "IDTDATA    JWT.** (G)");
  ExpectRefused("RLIST IDTDATA JWT.A.B NOGENERIC",
                "ICH13003I JWT.A.B NOT FOUND");
  ExpectRefused("RLIST IDTDATA OTHER", "ICH13003I OTHER NOT FOUND");
  ExpectRefused("RLIST IDTDATA JWT.A.% ", "ICH13003I JWT.A.% NOT FOUND");
  EXPECT_EQ(Lines("RL IDTDATA *").size(), 23U);
  ExpectRefused("RLIST IDTDATA * NOGENERIC", "ICH13003I * NOT FOUND");
  ExpectRefused("RLIST IDTDATA * ALL", "RACF's keyword ALL is not kept here");
  ExpectRefused("RLIST IDTDATA JWT.** NOGENERIC", "ICH13003I JWT.** NOT FOUND");
}

TEST_F(RlistTest, SearchFindsByMaskAndFilter) {
  Lines(
      "SETROPTS GENCMD(IDTDATA)\n"
      "RDEFINE IDTDATA (JWT.A.U1.SAF JWT.A.U2.SAF JWT.B.U1.SAF X.Y JWT.A.* "
      "**)");
  EXPECT_EQ(Lines("SEARCH CLASS(IDTDATA)"),
            (Texts{"JWT.A.U1.SAF", "JWT.A.U2.SAF", "JWT.B.U1.SAF", "X.Y",
                   "JWT.A.* (G)", "** (G)"}));
  EXPECT_EQ(Lines("SR CLASS(IDTDATA) MASK(JWT.A)"),
            (Texts{"JWT.A.U1.SAF", "JWT.A.U2.SAF", "JWT.A.* (G)"}));
  EXPECT_EQ(Lines("SR CLASS(IDTDATA) MASK(JWT.,U1)"),
            (Texts{"JWT.A.U1.SAF", "JWT.B.U1.SAF"}));
  EXPECT_EQ(Lines("SR CLASS (IDTDATA) MASK(*,U2)"), Texts{"JWT.A.U2.SAF"});
  ExpectRefused("SR CLASS(IDTDATA) GENERIC NOGENERIC",
                "GENERIC and NOGENERIC contradict each other");
  EXPECT_EQ(Lines("SR CLASS(IDTDATA) FILTER(JWT.*.U1.**)"),
            (Texts{"JWT.A.U1.SAF", "JWT.B.U1.SAF"}));
  EXPECT_EQ(Lines("SR CLASS(IDTDATA) GENERIC"),
            (Texts{"JWT.A.* (G)", "** (G)"}));
  EXPECT_EQ(Lines("SR CLASS(IDTDATA) NOGENERIC MASK(X)"), Texts{"X.Y"});
  const auto none = Must(Run("SEARCH CLASS(IDTDATA) MASK(ZZ)"));
  EXPECT_FALSE(none.found);
  EXPECT_EQ(none.lines, Texts{"ICH31005I NO ENTRIES MEET SEARCH CRITERIA"});
  ExpectRefused("SEARCH",
                "without a class SEARCH looks for data sets, which "
                "are not kept here");
  ExpectRefused("SEARCH CLASS(USER)", "the class 'USER' is not kept here");
  ExpectRefused("SEARCH CLASS(IDTDATA) MASK()", "MASK takes one or two texts");
}

TEST_F(RlistTest, SetroptsSetsAndLists) {
  EXPECT_EQ(
      Lines("SETROPTS LIST"),
      (Texts{"ATTRIBUTES = SAUDIT", "AUDIT CLASSES = NONE",
             "ACTIVE CLASSES = NONE", "GENERIC PROFILE CLASSES = NONE",
             "GENERIC COMMAND CLASSES = NONE", "SETR RACLIST CLASSES = NONE",
             "PASSWORD PROCESSING OPTIONS:",
             "  USERIDS NOT BEING AUTOMATICALLY REVOKED."}));
  EXPECT_EQ(
      Lines("setr classact(idtdata) generic(idtdata) raclist(idtdata) "
            "list"),
      (Texts{"ATTRIBUTES = SAUDIT", "AUDIT CLASSES = NONE",
             "ACTIVE CLASSES = IDTDATA", "GENERIC PROFILE CLASSES = IDTDATA",
             "GENERIC COMMAND CLASSES = IDTDATA",
             "SETR RACLIST CLASSES = IDTDATA", "PASSWORD PROCESSING OPTIONS:",
             "  USERIDS NOT BEING AUTOMATICALLY REVOKED."}));
  EXPECT_EQ(
      Lines("SETROPTS NOGENERIC(IDTDATA) NOCLASSACT(IDTDATA)\n"
            "SETROPTS NORACLIST(IDTDATA) LIST"),
      (Texts{"ATTRIBUTES = SAUDIT", "AUDIT CLASSES = NONE",
             "ACTIVE CLASSES = NONE", "GENERIC PROFILE CLASSES = NONE",
             "GENERIC COMMAND CLASSES = IDTDATA", "SETR RACLIST CLASSES = NONE",
             "PASSWORD PROCESSING OPTIONS:",
             "  USERIDS NOT BEING AUTOMATICALLY REVOKED."}));
}

TEST_F(RlistTest, SetroptsRefusesWhatMakesNoSense) {
  ExpectRefused("SETROPTS", "IKJ56701I MISSING OPERAND");
  ExpectRefused("SETROPTS REFRESH",
                "REFRESH says nothing of what is to be read again");
  ExpectRefused("SETROPTS RACLIST(IDTDATA) REFRESH",
                "the class IDTDATA is not RACLISTed: there is nothing to "
                "refresh");
  ExpectRefused("SETROPTS CLASSACT(APPL)", "the class 'APPL' is not kept here");
  ExpectRefused("SETROPTS CLASSACT(*)", "the class '*' is not kept here");
  ExpectRefused("SETROPTS CLASSACT", "IKJ56701I MISSING CLASSACT VALUE");
  ExpectRefused("SETROPTS LIST(IDTDATA)", "LIST takes no value");
  ExpectRefused("SETROPTS GEN(IDTDATA)",
                "GEN is ambiguous: it may stand for GENCMD, GENERIC, "
                "GENERICOWNER, GENLIST");
  ExpectRefused("SETROPTS INACTIVE(30)",
                "RACF's keyword INACTIVE is not kept here");
  ExpectRefused("SETROPTS FIRE", "IKJ56712I INVALID KEYWORD, FIRE");
  ExpectRefused("SETROPTS CLASSACT(IDTDATA FACILITY)",
                "the class 'FACILITY' is not kept here");
  ExpectRefused("SETROPTS CLASSACT(IDTDATA) NOCLASSACT(IDTDATA)",
                "CLASSACT and NOCLASSACT contradict each other");
  ExpectRefused("SETROPTS NORACLIST(IDTDATA) RACLIST(IDTDATA)",
                "NORACLIST and RACLIST contradict each other");
  Lines("SETROPTS GENERIC(IDTDATA)");
  ExpectRefused("SETROPTS NOGENCMD(IDTDATA)",
                "generic profiles are checked: their commands cannot be turned "
                "off");
}

TEST_F(RlistTest, RequestsSeeProfilesAsTheyWereAtTheLastRefresh) {
  constexpr auto kRequests = Profiles::View::kRequests;
  Lines("SETROPTS GENERIC(IDTDATA)\nRDEFINE IDTDATA JWT.APPL01.*.SAF");
  EXPECT_EQ(Covering(kRequests), Texts{});
  Lines("SETROPTS RACLIST(IDTDATA)");
  EXPECT_EQ(Covering(kRequests), Texts{"JWT.APPL01.*.SAF"});
  Lines(
      "RDEFINE IDTDATA JWT.APPL01.USER01.SAF\n"
      "RALTER IDTDATA JWT.APPL01.*.SAF IDTPARMS(SIGTOKEN(X))\n"
      "SETROPTS RACLIST(IDTDATA)");
  EXPECT_EQ(Covering(kRequests), Texts{"JWT.APPL01.*.SAF"});
  EXPECT_EQ(Covering(Profiles::View::kCommands),
            (Texts{"JWT.APPL01.USER01.SAF", "JWT.APPL01.*.SAF"}));
  EXPECT_TRUE(Must(Profiles(*database_).HasUnseenChanges()));
  Lines("SETROPTS RACLIST(IDTDATA) REFRESH");
  EXPECT_EQ(Covering(kRequests),
            (Texts{"JWT.APPL01.USER01.SAF", "JWT.APPL01.*.SAF"}));
  EXPECT_EQ(Covering(kRequests, false), Texts{"JWT.APPL01.USER01.SAF"});
  EXPECT_FALSE(Must(Profiles(*database_).HasUnseenChanges()));
  Lines("SETROPTS NORACLIST(IDTDATA)");
  EXPECT_EQ(Covering(kRequests), Texts{});
}

TEST_F(RlistTest, TheExportMakesTheSameStore) {
  Lines(
      "RDEFINE IDTDATA JWT.LITERAL.*\n"
      "SETROPTS GENERIC(IDTDATA)\n"
      "RDEFINE IDTDATA JWT.LITERAL.* DATA('it''s (generic)')\n"
      "RDEFINE IDTDATA JWT.A.B.SAF IDTPARMS(SIGTOKEN(T) SIGSEQNUM(FF) "
      "SIGKIDPRIMARY('Kid'))\n"
      "RDEFINE IDTDATA (** JWT.A.%.SAF) IDTPARMS()\n"
      "SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA)");
  for (const std::string change :
       {"", "SETROPTS NOGENERIC(IDTDATA)",
        "SETROPTS NOGENCMD(IDTDATA) NOCLASSACT(IDTDATA)",
        "SETROPTS NORACLIST(IDTDATA)"}) {
    SCOPED_TRACE(change);
    if (!change.empty()) Lines(change);
    const std::string text = Export();
    const auto other = Must(Database::Open(folder_.path() / "other.db"));
    ASSERT_THAT(MigrateRacf(*other), IsOk());
    ASSERT_THAT(RunCommands(*other, Must(SplitCommands(text))), IsOk());
    EXPECT_EQ(Must(ExportCommands(*other)), text);
    EXPECT_EQ(Must(Profiles(*other).Options()),
              Must(Profiles(*database_).Options()));
    std::filesystem::remove(folder_.path() / "other.db");
  }
}

// Another process, which has had the store open all the time.
TEST_F(RlistTest, AnotherConnectionSeesTheRefreshAtOnce) {
  const auto other = Must(Database::Open(folder_.path() / "racf.db"));
  const Profiles seen(*other);
  const auto covers = [&] {
    return !Must(seen.Covering(Profiles::View::kRequests, "JWT.A", true, 1))
                .empty();
  };
  Lines("SETROPTS RACLIST(IDTDATA)");
  EXPECT_FALSE(covers());
  Lines("RDEFINE IDTDATA JWT.A");
  EXPECT_FALSE(covers());
  EXPECT_TRUE(Must(seen.HasUnseenChanges()));
  Lines("SETROPTS RACLIST(IDTDATA) REFRESH");
  EXPECT_TRUE(covers());
}

// OA63462, 3.5.1: columns are counted from 1.
TEST_F(RlistTest, TheUnloadHasIbmsColumns) {
  Lines(
      "SETROPTS GENERIC(IDTDATA)\n"
      "RDEFINE IDTDATA JWT.APPL01.*.SAF IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET) "
      "SIGSEQNUM(2A) SIGCAT(Y) SIGALG(HS384) ANYAPPL(NO) IDTTIMEOUT(30) "
      "PROTALLOWED(YES) SIGLABELPRIMARY('ICSF.Label') SIGKIDPRIMARY('kid'))\n"
      "RDEFINE IDTDATA JWT.A IDTPARMS()\n"
      "RDEFINE IDTDATA JWT.WITHOUT");
  const std::string text = Must(UnloadProfiles(*database_));
  ASSERT_EQ(text.size(), 2U * 460);
  const auto field = [&](std::size_t record, std::size_t start,
                         std::size_t end) {
    std::string value = text.substr(record * 460 + start - 1, end - start + 1);
    value.erase(value.find_last_not_of(' ') + 1);
    return value;
  };
  struct Row {
    std::size_t start, end;
    std::string first, second;
  };
  for (const Row& row : std::vector<Row>{
           {1, 4, "05K0", "05K0"},
           {6, 251, "JWT.A", "JWT.APPL01.*.SAF"},
           {253, 260, "IDTDATA", "IDTDATA"},
           {262, 293, "", "IDTTKN.JWT.SECRET"},
           {295, 302, "", "0000002A"},
           {304, 307, "", "Y"},
           {309, 340, "HS256", "HS384"},
           {342, 351, "0000000005", "0000000030"},
           {353, 356, "YES", "NO"},
           {358, 361, "NO", "YES"},
           {363, 426, "", "ICSF.Label"},
           {428, 459, "", "kid"},
       }) {
    EXPECT_EQ(field(0, row.start, row.end), row.first) << row.start;
    EXPECT_EQ(field(1, row.start, row.end), row.second) << row.start;
  }
  EXPECT_EQ(text[459], '\n');
}

TEST_F(RlistTest, TheExportSaysWhatRequestsDoNotSeeYet) {
  Lines("SETROPTS RACLIST(IDTDATA)\nRDEFINE IDTDATA JWT.A");
  EXPECT_THAT(Export(), ::testing::StartsWith("/* requests are answered by "
                                              "older profiles"));
}

}  // namespace
}  // namespace sigtoken::testing
