// sigtoken racf, profile match, and identity tokens by way of a profile.

#include <string>
#include <vector>

#include "tests/tools/command_line.h"
#include "tests/tools/shell.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kSeed =
    "RDEFINE IDTDATA JWT.APPL01.USER01.SAF "
    "IDTPARMS(SIGTOKEN(idttkn.jwt.secret) "
    "SIGSEQNUM(1) SIGCAT(T) SIGALG(HS256) ANYAPPL IDTTIMEOUT(30))";
constexpr const char* kActivate = "SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA)";

class RacfTest : public CommandLineTest {
 protected:
  void Racf(const std::string& command) const {
    const Outcome outcome = Run({"racf", command});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
  }
  std::string Export() const { return Text({"racf", "--export"}); }
  Words Generate() const {
    return {"idt", "generate", "--appl", "APPL01", "--user", "USER01"};
  }
};

TEST_F(RacfTest, WhatIsNoTextIsNotReadToItsEnd) {
  struct Row {
    std::string file;
    std::string byte;
  };
  const std::string binary = folder_.Write("binary", std::string("GIF8\0", 5));
  for (const auto& [file, byte] : {Row{"/dev/zero", "1"}, Row{binary, "5"}}) {
    ExpectRefusal({"racf", "--file", file}, kParameterInvalid,
                  "the input is no text: byte " + byte + " is a NUL");
  }
  EXPECT_THAT(Run({"racf", "--file", "/dev/zero"}).err,
              ::testing::EndsWith(
                  "Name a file of commands, written in ASCII or UTF-8\n"));
}

TEST_F(RacfTest, TheSeedsExampleSignsAndChecks) {
  WithKey();
  Racf(kSeed);
  Racf(kActivate);
  const json made = Json(Generate() + Words{"--json"});
  EXPECT_EQ(made["profile"], "JWT.APPL01.USER01.SAF");
  EXPECT_EQ(made["key"], kKeyHandle);
  EXPECT_EQ(made["claims"]["aud"], (json{"APPL01", "*ANYAPPL*"}));
  EXPECT_EQ(made["claims"]["exp"].get<int>() - made["claims"]["iat"].get<int>(),
            1800);
  const std::string token = made["token"];
  const json valid = Json({"idt", "validate", "--appl", "APPL01"}, token);
  EXPECT_EQ(valid["valid"], true);
  EXPECT_EQ(valid["user"], "USER01");
  EXPECT_EQ(valid["profile"], "JWT.APPL01.USER01.SAF");
  EXPECT_EQ(valid["key"], kKeyHandle);
  const Outcome other =
      Run({"idt", "validate", "--appl", "OTHER", "--json"}, token);
  EXPECT_EQ(other.status, 4);
  EXPECT_EQ(other.json()["code"], "8/6C/15");
  EXPECT_EQ(other.json()["profile"], nullptr);
}

TEST_F(RacfTest, CommandsComeAsWordsFileOrStandardInput) {
  EXPECT_EQ(Json({"racf", "rdefine", "idtdata", "jwt.a", "data('x y')"}),
            (json{{"messages", json::array()}}));
  EXPECT_EQ(Run({"racf"}, "RDEFINE IDTDATA JWT.B\n").status, 0);
  const std::string file =
      folder_.Write("commands", "RDEFINE IDTDATA JWT.C\nSETR -\n LIST\n")
          .string();
  EXPECT_THAT(Text({"racf", "--file", file}), HasSubstr("\nACTIVE CLASSES = "));
  EXPECT_EQ(Text({"racf", "SEARCH CLASS(IDTDATA)"}), "JWT.A\nJWT.B\nJWT.C\n");
  EXPECT_EQ(Json({"racf", "SR CLASS(IDTDATA) MASK(JWT.A)"})["messages"],
            json{"JWT.A"});
}

TEST_F(RacfTest, TheUnloadIsOneRecordAProfile) {
  Racf(kSeed);
  const std::string records = Text({"racf", "--unload"});
  EXPECT_THAT(records, StartsWith("05K0 JWT.APPL01.USER01.SAF "));
  EXPECT_EQ(records.size(), 460U);
  EXPECT_EQ(Json({"racf", "--unload", "--json"})["records"], records);
}

TEST_F(RacfTest, MistakesAreNamed) {
  ExpectRefusal({"racf", "--export", "--unload"}, {8, 3002},
                "--export and --unload take no command, nor each other");
  ExpectRefusal({"racf"}, {8, 3002}, "there is no command");
  ExpectRefusal({"racf", "LISTGRP"}, {8, 3002},
                "IKJ56500I COMMAND LISTGRP NOT FOUND");
  ExpectRefusal({"racf", "RDEFINE FACILITY A"}, {8, 3002},
                "the class 'FACILITY' is not kept here");
  ExpectRefusal({"racf", "RLIST IDTDATA JWT.A"}, {8, 3002},
                "ICH13003I JWT.A NOT FOUND");
  ExpectRefusal({"racf", "SETROPTS LIST", "--file", "x"}, {8, 3002},
                "a command and --file contradict each other");
  ExpectRefusal(
      {"racf", "--file", "/nonexistent"}, {8, 3002},
      "the file '/nonexistent' could not be read: No such file or directory");
  const Outcome none = Run({"racf", "SEARCH CLASS(IDTDATA)"});
  EXPECT_EQ(none.status, 4);
  EXPECT_EQ(none.out, "ICH31005I NO ENTRIES MEET SEARCH CRITERIA\n");
}

TEST_F(RacfTest, AFileIsCarriedOutAsAWholeOrNotAtAll) {
  Racf("RDEFINE IDTDATA JWT.A");
  const std::string before = Export();
  ExpectRefusal({"racf"}, {8, 3002},
                "line 3: ICH10102I JWT.A ALREADY DEFINED TO CLASS IDTDATA.",
                "RDEFINE IDTDATA JWT.B\nSETROPTS CLASSACT(IDTDATA)\n"
                "RDEFINE IDTDATA JWT.A\n");
  EXPECT_EQ(Export(), before);
}

TEST_F(RacfTest, TheExportMakesAnotherHomeTheSame) {
  Racf("SETROPTS GENERIC(IDTDATA)");
  Racf("RDEFINE IDTDATA JWT.*.*.SAF IDTPARMS(SIGTOKEN(X) IDTTIMEOUT(9))");
  Racf(kSeed);
  Racf(kActivate);
  const std::string exported = Export();
  const std::string file = folder_.Write("profiles.racf", exported).string();
  const std::string other = (folder_.path() / "other").string();
  EXPECT_EQ(Run({"--home", other, "racf", "--file", file}).status, 0);
  EXPECT_EQ(Text({"--home", other, "racf", "--export"}), exported);
}

TEST_F(RacfTest, ABackupHoldsProfilesAndTheRestoreBringsThemBack) {
  WithKey();
  Racf(kSeed);
  Racf(kActivate);
  const std::string before = Export();
  const std::string file = (folder_.path() / "backup.db").string();
  Text({"store", "backup", file});
  Racf("RDELETE IDTDATA JWT.APPL01.USER01.SAF");
  Racf("SETROPTS NOCLASSACT(IDTDATA)");
  Text({"store", "restore", file});
  EXPECT_EQ(Export(), before);
  EXPECT_EQ(Run(Generate()).status, 0);
}

// Each process sees what another one has changed, after its REFRESH.
TEST_F(RacfTest, AChangeIsSeenAfterItsRefresh) {
  WithKey();
  Racf(kSeed);
  Racf(kActivate);
  Racf("RALTER IDTDATA JWT.APPL01.USER01.SAF IDTPARMS(ANYAPPL(NO))");
  EXPECT_EQ(Json(Generate())["claims"]["aud"], (json{"APPL01", "*ANYAPPL*"}));
  const Outcome match =
      Run({"profile", "match", "--appl", "APPL01", "--user", "USER01"});
  EXPECT_THAT(match.err, HasSubstr("profiles were changed since"));
  Racf("SETROPTS RACLIST(IDTDATA) REFRESH");
  EXPECT_EQ(Json(Generate())["claims"]["aud"], json{"APPL01"});
}

TEST_F(RacfTest, ProfileMatchSaysWhichAndWhy) {
  const Words match = {"profile", "match",  "--appl", "APPL01",
                       "--user",  "USER01", "--json"};
  Outcome outcome = Run(match);
  EXPECT_EQ(outcome.status, 4);
  EXPECT_EQ(outcome.json()["profile"], nullptr);
  EXPECT_THAT(outcome.err, HasSubstr("the class IDTDATA is not active"));
  EXPECT_THAT(outcome.err, EndsWith("SETROPTS CLASSACT(IDTDATA) "
                                    "RACLIST(IDTDATA)\n"));
  Racf("SETROPTS GENERIC(IDTDATA)");
  Racf(
      "RDEFINE IDTDATA (JWT.** JWT.APPL01.*.SAF JWT.APPL02.** "
      "JWT.APPL01.USER01.SAF)");
  Racf(kActivate);
  const json found = Run(match).json();
  EXPECT_EQ(found["resource"], "JWT.APPL01.USER01.SAF");
  EXPECT_EQ(found["profile"], "JWT.APPL01.USER01.SAF");
  std::vector<std::string> names;
  for (const json& one : found["candidates"]) names.push_back(one["profile"]);
  EXPECT_EQ(names, (std::vector<std::string>{"JWT.APPL01.USER01.SAF",
                                             "JWT.APPL01.*.SAF", "JWT.**"}));
  Racf("SETROPTS NOGENERIC(IDTDATA)");
  outcome = Run({"profile", "match", "--appl", "APPL02", "--user", "USER01"});
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.err, HasSubstr("SETROPTS GENERIC(IDTDATA)"));
  ExpectRefusal({"profile", "match", "--appl", "appl01", "--user", "U"},
                {8, 3002}, "'appl01' is not valid as application name");
}

// For who tests how a program takes RACF's failures.
TEST_F(RacfTest, FailuresOfIcsfAreSimulatedAndMarked) {
  WithKey();
  Racf(kSeed);
  Racf(kActivate);
  const std::string token = Text(Generate());
  struct Row {
    std::string what;
    int gen_rc;
    std::string code;
    std::string undecided;
    int status;
  };
  for (const Row& row : {Row{"icsf-unavailable", 4, "8/16/4", "8/6C/A0B", 12},
                         Row{"icsf-error", 5, "8/16/5", "8/6C/A0C", 8}}) {
    const Words simulate = {"--simulate", row.what};
    for (const Words& key : {Words{}, Words{"--key", kKey, "--alg", "HS256"}}) {
      Outcome outcome = Run(Generate() + key + simulate + Words{"--json"});
      EXPECT_EQ(outcome.status, row.status);
      EXPECT_EQ(outcome.json()["idt_gen_rc"], row.gen_rc);
      EXPECT_EQ(outcome.json()["code"], row.code);
      EXPECT_EQ(outcome.json()["simulated"], row.what);
      outcome = Run(Generate() + key + simulate);
      EXPECT_THAT(outcome.err, HasSubstr("SIMULATED: " + row.what));
      outcome = Run(Generate() + Words{"--service", "racroute", "--json"} +
                    key + simulate);
      EXPECT_EQ(outcome.json()["code"], "0/0/0");
      EXPECT_EQ(outcome.json()["idt_gen_rc"], row.gen_rc);

      outcome = Run(Words{"idt", "validate", "--appl", "APPL01", "--json"} +
                        key + simulate,
                    token);
      EXPECT_EQ(outcome.status, 12);
      EXPECT_EQ(outcome.json()["code"], row.undecided);
      EXPECT_EQ(outcome.json()["simulated"], row.what);
    }
  }
  EXPECT_FALSE(Json(Generate()).contains("simulated"));
  const Outcome unknown = Run(Generate() + Words{"--simulate", "fire"});
  EXPECT_EQ(unknown.status, 8);
  EXPECT_THAT(unknown.err, StartsWith("sigtoken: 'fire' cannot be simulated"));
}

// Good for the next request of the same authentication, and for nothing else.
TEST_F(RacfTest, ATokenOfAUserWhoIsNotFullyAuthenticatedSaysSo) {
  WithKey();
  Racf(kSeed);
  Racf(kActivate);
  for (const std::string amr : {"mfa-exp", "mfa-nmi", "saf-pwd"}) {
    const std::string token =
        Text(Generate() + Words{"--service", "racroute", "--amr", amr});
    const Words validate = {"idt", "validate", "--appl", "APPL01"};
    const Outcome outcome = Run(validate + Words{"--json"}, token);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.json()["valid"], true);
    EXPECT_EQ(outcome.json()["auth_done"], amr == "saf-pwd");
    EXPECT_EQ(Run(validate, token).out,
              amr == "saf-pwd"
                  ? "valid 0/0/0 user USER01\n"
                  : "valid 0/0/0 user USER01 (not fully authenticated)\n");
  }
}

// What is missing is named, one thing after the other.
TEST_F(RacfTest, WhyThereIsNoKeyIsSaid) {
  WithKey();
  const auto says = [&](const std::string& why) {
    EXPECT_THAT(Run(Generate()).err, StartsWith("sigtoken: " + why));
  };
  says("the class IDTDATA is not active");
  Racf("SETROPTS CLASSACT(IDTDATA)");
  says("the class IDTDATA is not RACLISTed, and no profile is looked at");
  Racf("SETROPTS RACLIST(IDTDATA)");
  says("no profile covers the application and the user");
  Racf("RDEFINE IDTDATA JWT.APPL01.USER01.SAF");
  Racf("SETROPTS RACLIST(IDTDATA) REFRESH");
  says("the profile JWT.APPL01.USER01.SAF names no key");
  Racf("RALTER IDTDATA JWT.APPL01.USER01.SAF IDTPARMS(SIGTOKEN(NONE))");
  Racf("SETROPTS RACLIST(IDTDATA) REFRESH");
  says("there is no token NONE");
  Racf(
      "RALTER IDTDATA JWT.APPL01.USER01.SAF IDTPARMS(SIGTOKEN("
      "IDTTKN.JWT.SECRET) SIGSEQNUM(7))");
  Racf("SETROPTS RACLIST(IDTDATA) REFRESH");
  EXPECT_EQ(Run(Generate()).status, 8);
  Racf("RALTER IDTDATA JWT.APPL01.USER01.SAF IDTPARMS(NOSIGSEQNUM)");
  Racf("SETROPTS RACLIST(IDTDATA) REFRESH");
  EXPECT_EQ(Run(Generate()).status, 0);
}

TEST_F(RacfTest, UnsignedTokensAreForAuthorisedCallersAlone) {
  Racf(kActivate);
  const Outcome refused = Run(Generate() + Words{"--json"});
  EXPECT_EQ(refused.status, 4);
  EXPECT_EQ(refused.json()["code"], "8/16/3");
  EXPECT_EQ(refused.json()["idt_gen_rc"], 3);
  const Outcome made = Run(Generate() + Words{"--trusted-caller"});
  EXPECT_EQ(made.status, 0);
  EXPECT_THAT(made.out, StartsWith("eyJhbGciOiJub25lIn0."));
  EXPECT_THAT(made.out, EndsWith(".\n"));
  EXPECT_THAT(made.err, HasSubstr("the token is not signed"));
  const Words validate = {"idt", "validate", "--appl", "APPL01"};
  EXPECT_EQ(Run(validate + Words{"--trusted-caller"}, made.out).status, 0);
  EXPECT_EQ(Run(validate + Words{"--json"}, made.out).json()["code"],
            "8/6C/14");
}

// Whenever it is killed, the store is as it was before the command or behind.
TEST_F(RacfTest, KilledItLeavesAllOfAFileOrNothing) {
  std::string commands;
  constexpr int kProfiles = 20000;
  for (int i = 0; i < kProfiles; ++i) {
    commands += "RDEFINE IDTDATA JWT.A.U" + std::to_string(100000 + i) + "\n";
  }
  commands += std::string(kActivate) + "\n";
  folder_.Write("commands", commands);
  const Outcome outcome = RunShell(home_, R"sh(
    half=0 none=0 all=0
    for i in $(seq 1 24); do
      rm -rf "$SIGTOKEN_HOME"
      "$SIGTOKEN" racf SETROPTS LIST > /dev/null
      delay=$(printf '0.%03d' $((i * 10)))
      timeout -s KILL $delay "$SIGTOKEN" racf --file commands
      case $("$SIGTOKEN" racf --export | wc -l) in
        1) none=$((none + 1)) ;;
        20002) all=$((all + 1)) ;;
        *) half=$((half + 1)) ;;
      esac
    done 2> /dev/null
    echo "half $half sum $((none + all))"
    ((none > 0)))sh");
  EXPECT_EQ(outcome.out, "half 0 sum 24\n");
  EXPECT_EQ(outcome.status, 0) << "no process was killed before its end";
}

}  // namespace
}  // namespace sigtoken::testing
