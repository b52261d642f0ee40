#include "signer/racf/command/password_words.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/embedded_home.h"

namespace sigtoken {
namespace {

using testing::Must;

bool Gives(const std::string& text) {
  return GivesPassword(Must(SplitCommands(text)));
}

TEST(PasswordWordsTest, AValueIsNoticedHoweverItIsWritten) {
  for (const std::string text : {
           "ALTUSER U1 PASSWORD(X)",
           "altuser u1 password(x)",
           "ALU U1 PASS(X)",
           "ALU U1 PA(X)",
           "AU U1 PHRASE('a phrase')",
           "ADDUSER U1 PH('a phrase')",
           "ADDUSER U1 NAME(A) PASSWORD (X)",
           "ADDUSER U1 PASSWORD\t( X )",
           "ADDUSER U1,PASSWORD,(X)",
           "ADDUSER U1 PASSWORD'X'",
           "ADDUSER U1 PASSWORD 'X'",
           "ADDUSER U1 PASSWORD=X",
           "ADDUSER U1 PASS=X",
           "ADDUSER U1 PASSWORD:X",
           "ADDUSER U1 PASSWORDX",
           "ADDUSER U1 -PASSWORD(X)",
           "ADDUSER U1 'PASSWORD'(X)",
           "ADDUSER U1 PASSWORD()",
           "ADDUSER (U1 PASSWORD(X",
           "ADDUSER U1 NAME('A PASSWORD(X)')",
           "ADDUSER U1 NAME('A) PASSWORD(X)",
           "(ADDUSER U1 PASSWORD(X))",
           "ADDUSER(U1)PASSWORD(X)",
           "'ADDUSER' U1 PASSWORD(X)",
           "X ADDUSER U1 PASSWORD(X)",
           "ADDUSER/* */U1 PASSWORD/* */(X)",
           "ADDUSER U1 -\nPASS+\nWORD(X)",
           "ADDUSER U1\nPASSWORD(X)",
           "SETROPTS LIST\nADDUSER U1 PASSWORD(X)",
           "ADDUSER SETR PASSWORD(X)",
       }) {
    EXPECT_TRUE(Gives(text)) << text;
  }
}

TEST(PasswordWordsTest, WhatIsNoValueIsNone) {
  for (const std::string text : {
           "",
           "ALTUSER U1",
           "ALTUSER U1 PASSWORD",
           "ALTUSER U1 PASSWORD NOEXPIRED",
           "ALTUSER U1 NOPASSWORD NOPHRASE",
           "ALTUSER U1 NOPASSWORD NAME(X)",
           "ALTUSER P NAME(X)",
           "ADDUSER (P U1)",
           "ALTUSER U1 PROXY(X)",
           "SETROPTS PASSWORD(REVOKE(3))",
           "setr pass(norevoke)",
           "ADDUSER U1\nSETROPTS PASSWORD(REVOKE(3))",
           "RDEFINE IDTDATA A DATA('PASSWORD(X)')",
           "LISTUSER U1",
       }) {
    EXPECT_FALSE(Gives(text)) << text;
  }
}

TEST(PasswordWordsTest, APartOfACommandMayHaveAValueToo) {
  EXPECT_TRUE(GivesPassword("-PASSWORD(X)"));
  EXPECT_TRUE(GivesPassword("ALTUSER U1 PHRASE('X')"));
  EXPECT_FALSE(GivesPassword("--pin"));
  EXPECT_FALSE(GivesPassword("-p=(x)"));
  EXPECT_FALSE(GivesPassword(""));
}

// The command with a question mark where a value belongs, or an exclamation
// mark for a phrase.
std::string Wanted(const std::string& command) {
  std::string text = command;
  const auto all = WantedPasswords(command);
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    text.insert(one->end, one->is_phrase ? "!" : "?");
  }
  return text;
}

TEST(PasswordWordsTest, AKeywordWithoutAValueWantsOne) {
  for (const std::string text : {
           "ALTUSER U1 PASSWORD?",
           "alu u1 pass? noexpired",
           "ADDUSER (U1 U2) PASSWORD? PHRASE! NAME(X)",
           "AU U1,PH!,PA?",
           "ALTUSER PASSWORD PASSWORD?",
           // What has one, and what only looks so.
           "ALTUSER U1 PASSWORD(X)",
           "ALTUSER U1 PASSWORD (X) PHRASE!",
           "ALTUSER U1 NAME(PASSWORD)",
           "ALTUSER U1 NAME('MY PASSWORD')",
           "ALTUSER U1 NOPASSWORD",
           "ALTUSER U1 P",
           "ALTUSER PASSWORD",
           "SETROPTS PASSWORD",
           "LISTUSER U1 PASSWORD",
           "",
       }) {
    std::string command;
    for (const char c : text) {
      if (c != '?' && c != '!') command += c;
    }
    EXPECT_EQ(Wanted(command), text);
  }
}

}  // namespace
}  // namespace sigtoken
