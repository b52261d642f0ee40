#include "pkcs11/setup/toml_table.h"

#include <string>

#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;

Result<TomlTable> Parse(std::string_view text) {
  return TomlTable::Parse(text, "f");
}

TEST(TomlTableTest, ReadsEachType) {
  const auto root = Parse("t = 'x'\nb = true\n[s]\nk = 'y'\n[[a]]\n[[a]]\n");
  ASSERT_THAT(root, IsOk());
  EXPECT_EQ(*root->Text("t"), "x");
  EXPECT_EQ(*root->NeededText("t"), "x");
  EXPECT_EQ(*root->Boolean("b"), true);
  EXPECT_EQ(root->Tables("a")->size(), 2U);
  const auto inner = root->Table("s");
  ASSERT_TRUE(inner && *inner);
  EXPECT_EQ(*(*inner)->Text("k"), "y");
}

TEST(TomlTableTest, AnswersNothingForAKeyThatIsNotThere) {
  const auto root = Parse("");
  ASSERT_THAT(root, IsOk());
  EXPECT_EQ(*root->Text("t"), std::nullopt);
  EXPECT_EQ(*root->Boolean("b"), std::nullopt);
  EXPECT_FALSE(*root->Table("s"));
  EXPECT_TRUE(root->Tables("a")->empty());
  EXPECT_EQ(MessageOf(root->NeededText("t")), "'f':1:1: the file has no 't'");
}

TEST(TomlTableTest, AnInnerTableOutlivesTheOuterOne) {
  auto inner = *Parse("[s]\nk = 'y'\n")->Table("s");
  ASSERT_TRUE(inner);
  EXPECT_EQ(*inner->Text("k"), "y");
}

TEST(TomlTableTest, SaysWhichTypeStandsInThePlaceOfAnother) {
  const auto root = Parse(
      "t = 'x'\nn = 1\nf = 1.5\nb = true\nd = 2025-01-15\na = [1]\ns = {}\n");
  ASSERT_THAT(root, IsOk());
  EXPECT_EQ(MessageOf(root->Text("n")), "'f':2:5: 'n' is a number");
  EXPECT_EQ(MessageOf(root->Text("f")), "'f':3:5: 'f' is a number");
  EXPECT_EQ(MessageOf(root->Text("b")), "'f':4:5: 'b' is true or false");
  EXPECT_EQ(MessageOf(root->Text("d")), "'f':5:5: 'd' is a date or time");
  EXPECT_EQ(MessageOf(root->Text("a")), "'f':6:5: 'a' is an array");
  EXPECT_EQ(MessageOf(root->Text("s")), "'f':7:5: 's' is a table");
  EXPECT_EQ(CureOf(root->Text("n")), "write a string");
  EXPECT_EQ(MessageOf(root->Boolean("t")), "'f':1:5: 't' is a string");
  EXPECT_EQ(CureOf(root->Boolean("t")), "write true or false");
  EXPECT_EQ(CureOf(root->Table("t")), "write a table: [t]");
  EXPECT_EQ(CureOf(root->Tables("a")), "write an array of tables: [[a]]");
  EXPECT_THAT(root->Tables("s"), FailsWith(kParameterInvalid));
}

TEST(TomlTableTest, RefusesAControlCharacterInAText) {
  for (const char* value : {"\\u0000", "\\n", "\\u001F", "\\u007F"}) {
    const auto root = Parse("t = \"a" + std::string(value) + "\"");
    ASSERT_THAT(root, IsOk()) << value;
    EXPECT_EQ(MessageOf(root->Text("t")),
              "'f':1:5: 't' has a control character");
  }
}

TEST(TomlTableTest, RefusesAnUnknownKeyAndNamesTheKnownOnes) {
  const auto root = Parse("name = 'x'\nnmae = 'x'\n");
  ASSERT_THAT(root, IsOk());
  EXPECT_THAT(root->AllowOnly({"name", "nmae"}), IsOk());
  const auto refused = root->AllowOnly({"name", "uri"});
  EXPECT_THAT(refused, FailsWith(kParameterInvalid));
  EXPECT_EQ(MessageOf(refused), "'f':2:1: unknown key 'nmae' in the file");
  EXPECT_EQ(CureOf(refused), "known there: name, uri");
}

TEST(TomlTableTest, SaysWhereTheTextIsNotToml) {
  for (const char* text : {"a", "a =", "a = x", "= 1", "a = 1\na = 2", "[a",
                           "[a]\n[a]", "a = 'x", "a = \"\\q\"", "a = \xFF",
                           "a = 1 b = 2", "a = \"\x01\"", "a.b = 1\na = 2"}) {
    SCOPED_TRACE(text);
    const auto refused = Parse(text);
    EXPECT_THAT(refused, FailsWith(kParameterInvalid));
    EXPECT_EQ(MessageOf(refused).substr(0, 4), "'f':");
    EXPECT_NE(MessageOf(refused).find(": this is not TOML: "),
              std::string::npos);
  }
}

TEST(TomlTableTest, RefusesALineOfManyPeriods) {
  std::string key = "a";
  for (int i = 0; i < 100'000; ++i) key += ".a";
  EXPECT_EQ(MessageOf(Parse("\n" + key + " = 1")),
            "'f':2:1: the line has more than 50 periods");
}

TEST(TomlTableTest, TakesACommentOfManyPeriods) {
  EXPECT_THAT(Parse("  # " + std::string(100, '.')), IsOk());
}

TEST(TomlTableTest, RefusesDeepNesting) {
  EXPECT_THAT(Parse("a = " + std::string(10'000, '[')),
              FailsWith(kParameterInvalid));
}

TEST(TomlTableTest, EndsAsDeepAsItMayNest) {
  std::string text = "a = ";
  for (int i = 0; i < 120; ++i) {
    text += "[\n{ a";
    for (int j = 0; j < 49; ++j) text += ".a";
    text += " = ";
  }
  text += "1";
  for (int i = 0; i < 120; ++i) text += " }\n]";
  EXPECT_THAT(Parse(text), IsOk());
}

}  // namespace
}  // namespace sigtoken
