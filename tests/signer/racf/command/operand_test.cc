#include "signer/racf/command/operand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::MessageOf;
using testing::Must;

// "A B(C 'd')": as a person would write it.
std::string Shown(const std::vector<Operand>& operands) {
  std::string text;
  for (const Operand& operand : operands) {
    if (!text.empty()) text += ' ';
    text += operand.quoted ? "'" + operand.word + "'" : operand.word;
    if (operand.has_values) text += "(" + Shown(operand.values) + ")";
  }
  return text;
}

TEST(OperandTest, AreReadAsTsoReadsThem) {
  struct Row {
    std::string text;
    std::string shown;
  };
  for (const Row& row : std::vector<Row>{
           {"", ""},
           {"   ", ""},
           {"setropts list", "SETROPTS LIST"},
           {"A,B , C", "A B C"},
           {"RDEF C N P(A(b) c)", "RDEF C N P(A(B) C)"},
           {"RDEF C (N1 N2) P(A)", "RDEF C(N1 N2) P(A)"},
           {"SETR X (Y) Z", "SETR X(Y) Z"},
           {"RDEF C N P ( A ( YES ) )", "RDEF C N P(A(YES))"},
           {"R C N DATA('it''s Mixed (case)')",
            "R C N DATA('it's Mixed (case)')"},
           {"R C N DATA('')", "R C N DATA('')"},
           {"R C N DATA()", "R C N DATA()"},
           {"A\tB\r", "A B"},
       }) {
    EXPECT_EQ(Shown(Must(ParseOperands(row.text))), row.shown) << row.text;
  }
}

TEST(OperandTest, WhatCannotBeReadIsRefused) {
  struct Row {
    std::string text;
    std::string why;
  };
  for (const Row& row : std::vector<Row>{
           {"A B(C", "a ( is not closed"},
           {"A B(C(D)", "a ( is not closed"},
           {"A B)", "a ) has no ( before it"},
           {")", "a ) has no ( before it"},
           {"A B('C)", "a quotation mark is not closed"},
           {"A 'B''", "a quotation mark is not closed"},
           {"A B((((((((C))))))))", "parentheses are nested too deep"},
           {std::string("A\0B", 3), "it has a NUL"},
       }) {
    const auto refused = ParseOperands(row.text);
    EXPECT_THAT(refused, FailsWith(kParameterInvalid)) << row.text;
    EXPECT_EQ(MessageOf(refused), "the command cannot be read: " + row.why);
  }
}

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> shown;
  for (const CommandText& command : Must(SplitCommands(text))) {
    shown.push_back(std::to_string(command.line) + ":" + command.text);
  }
  return shown;
}

TEST(CommandTextTest, IsSplitAtLinesThatDoNotGoOn) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(Split(""), Texts{});
  EXPECT_EQ(Split("\n \n\n"), Texts{});
  EXPECT_EQ(Split("A\nB"), (Texts{"1:A", "2:B"}));
  EXPECT_EQ(Split("A\r\n\nB\n"), (Texts{"1:A", "3:B"}));
  // A hyphen keeps the blanks of the next line, a plus sign does not.
  EXPECT_EQ(Split("A B -\n  C\nD"), (Texts{"1:A B   C", "3:D"}));
  EXPECT_EQ(Split("A B+  \n   C -\nD"), (Texts{"1:A BC D"}));
  EXPECT_EQ(Split("/* why */ A /* what */ B"), (Texts{"1:  A   B"}));
  EXPECT_EQ(Split("/* of\nseveral lines */\nA"), (Texts{"3:A"}));
  EXPECT_EQ(Split("A /* of\nseveral lines */ B"), (Texts{"1:A  B"}));
  EXPECT_EQ(Split("A DATA('/* none */')"), (Texts{"1:A DATA('/* none */')"}));
  EXPECT_EQ(Split("A /* it's */ B\nC"), (Texts{"1:A   B", "2:C"}));
  // What some editors write in front.
  EXPECT_EQ(Split("\xEF\xBB\xBF"
                  "A"),
            Texts{"1:A"});
}

TEST(CommandTextTest, WhatDoesNotEndIsRefused) {
  for (const std::string text : {"A -", "A\nB +\n", "A /* B"}) {
    EXPECT_THAT(SplitCommands(text), FailsWith(kParameterInvalid)) << text;
  }
  EXPECT_EQ(MessageOf(SplitCommands("A\nB -")),
            "the command cannot be read: in line 2 it goes on behind the last "
            "line");
  EXPECT_THAT(SplitCommands(std::string(40'000, 'A')),
              FailsWith(kParameterInvalid));
}

}  // namespace
}  // namespace sigtoken
