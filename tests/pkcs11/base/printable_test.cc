#include "pkcs11/base/printable.h"

#include <gtest/gtest.h>

#include <vector>

namespace sigtoken {
namespace {

TEST(PrintableTest, KeepsPrintableAscii) {
  std::string all;
  for (char c = ' '; c <= '~'; ++c) all += c;
  EXPECT_EQ(Printable(all.substr(0, 60)), all.substr(0, 60));
  EXPECT_EQ(Printable(all.substr(60)), all.substr(60));
}

TEST(PrintableTest, WritesEverythingElseInHexadecimal) {
  EXPECT_EQ(Printable("a\nb"), "a\\x0Ab");
  EXPECT_EQ(Printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(Printable("\x1B[31m"), "\\x1B[31m");
  EXPECT_EQ(Printable("\x7F\x80\xFF"), "\\x7F\\x80\\xFF");
  EXPECT_EQ(Printable("\xC3\xA9"), "\\xC3\\xA9");
}

TEST(PrintableTest, CutsALongTextAndNamesItsLength) {
  EXPECT_EQ(Printable(std::string(80, 'x')), std::string(80, 'x'));
  EXPECT_EQ(Printable(std::string(81, 'x')),
            std::string(80, 'x') + "... (81 characters)");
}

TEST(PrintableTest, QuotesTheText) {
  EXPECT_EQ(Quoted(""), "''");
  EXPECT_EQ(Quoted("a\t"), "'a\\x09'");
}

TEST(PrintableTest, WritesBytesInUpperCaseDigits) {
  EXPECT_EQ(Hex(std::vector<std::uint8_t>{}), "");
  EXPECT_EQ(Hex(std::vector<std::uint8_t>{0x00, 0x0A, 0xFF}), "000AFF");
}

TEST(PrintableTest, WritesANumberInThatManyDigits) {
  EXPECT_EQ(Hex(0, 8), "00000000");
  EXPECT_EQ(Hex(0x1A, 8), "0000001A");
  EXPECT_EQ(Hex(0xFFFFFFFF, 8), "FFFFFFFF");
  EXPECT_EQ(Hex(0x123, 2), "23");
  EXPECT_EQ(Hex(0xFEDCBA9876543210, 16), "FEDCBA9876543210");
}

TEST(PrintableTest, FoldsOnlyAsciiLetters) {
  EXPECT_EQ(UpperCase("azAZ09.@#$"), "AZAZ09.@#$");
  EXPECT_EQ(UpperCase("`{"), "`{");
  EXPECT_EQ(UpperCase("\xC3\xA9"), "\xC3\xA9");
}

}  // namespace
}  // namespace sigtoken
