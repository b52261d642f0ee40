#include "pkcs11/icsf/attribute_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/pkcs11/result_matchers.h"
#include "tests/signer/vectors.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;

using List = std::vector<ListedAttribute>;

// As the values of a list are kept.
CleansedBytes FromHex(std::string_view hex) {
  const auto bytes = testing::FromHex(hex);
  return {bytes.begin(), bytes.end()};
}

Result<List> Parse(std::string_view hex,
                   ByteOrder order = ByteOrder::kBigEndian) {
  return ParseAttributeList(FromHex(hex), order);
}

TEST(AttributeListTest, ReadsAndWritesBothByteOrders) {
  struct Row {
    std::string_view hex;
    ByteOrder order;
  };
  const List list = {{0x161, {0, 0, 0, 32}}, {0x80000006, {1}}, {3, {}}};
  for (const Row& row : {Row{"0003"
                             "0000016100040000002080000006000101000000030000",
                             ByteOrder::kBigEndian},
                         Row{"0300"
                             "6101000004000000002006000080010001030000000000",
                             ByteOrder::kLittleEndian}}) {
    const auto bytes = FromHex(row.hex);
    const auto parsed = ParseAttributeList(bytes, row.order);
    ASSERT_THAT(parsed, IsOk());
    EXPECT_EQ(*parsed, list);
    EXPECT_EQ(FormatAttributeList(list, row.order), bytes);
  }
}

TEST(AttributeListTest, AnEmptyListIsOne) {
  const auto parsed = Parse("0000");
  ASSERT_THAT(parsed, IsOk());
  EXPECT_TRUE(parsed->empty());
  EXPECT_EQ(FormatAttributeList({}, ByteOrder::kBigEndian), FromHex("0000"));
}

TEST(AttributeListTest, TheLongestListIsTaken) {
  List list = {{1, CleansedBytes(kMaxAttributeListBytes - 8)}};
  const auto bytes = FormatAttributeList(list, ByteOrder::kBigEndian);
  ASSERT_EQ(bytes.size(), kMaxAttributeListBytes);
  EXPECT_THAT(ParseAttributeList(bytes, ByteOrder::kBigEndian), IsOk());
  list[0].value.push_back(0);
  const auto longer = ParseAttributeList(
      FormatAttributeList(list, ByteOrder::kBigEndian), ByteOrder::kBigEndian);
  EXPECT_THAT(longer, FailsWith(kLengthInvalid));
  EXPECT_EQ(MessageOf(longer),
            "the attribute list is not valid: it has 32753 bytes, not 2 to "
            "32752");
}

TEST(AttributeListTest, ALengthThatDoesNotFitIsRefused) {
  struct Row {
    std::string_view hex;
    std::string_view why;
  };
  const Row rows[] = {
      {"", "it has 0 bytes, not 2 to 32752"},
      {"00", "it has 1 bytes, not 2 to 32752"},
      {"0001", "it ends before attribute 1"},
      {"00010000000000", "it ends before attribute 1"},
      {"0001000000000001", "the value of attribute 1 runs over its end"},
      {"000100000000FFFF00", "the value of attribute 1 runs over its end"},
      {"000200000000000100", "it ends before attribute 2"},
      {"0002000000000001000000000300020A",
       "the value of attribute 2 runs over its end"},
      {"FFFF0000000000010000000003000100", "it ends before attribute 3"},
      {"000000", "1 bytes are left behind the last attribute"},
      {"00010000000000010000", "1 bytes are left behind the last attribute"},
      // The count of a list in the other byte order.
      {"010000000161000400000020", "it ends before attribute 2"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.hex);
    const auto parsed = Parse(row.hex);
    EXPECT_THAT(parsed, FailsWith(kLengthInvalid));
    EXPECT_EQ(MessageOf(parsed),
              "the attribute list is not valid: " + std::string(row.why));
  }
}

TEST(AttributeListTest, AnAttributeThatIsTwiceInItIsRefused) {
  for (const char* hex : {"00020000010800010100000108000100",
                          "0003000001080001010000010A00010100000108000101"}) {
    const auto parsed = Parse(hex);
    EXPECT_THAT(parsed, FailsWith(kTemplateInconsistent));
    EXPECT_EQ(MessageOf(parsed),
              "attribute X'00000108' is twice in the attribute list");
  }
}

TEST(AttributeListTest, NumbersHaveFourBytes) {
  for (const ByteOrder order :
       {ByteOrder::kBigEndian, ByteOrder::kLittleEndian}) {
    for (const std::uint32_t number : {0U, 1U, 0x01020304U, 0xFFFFFFFFU}) {
      const auto parsed = ParseNumber({1, FormatNumber(number, order)}, order);
      ASSERT_THAT(parsed, IsOk());
      EXPECT_EQ(*parsed, number);
    }
  }
  EXPECT_EQ(FormatNumber(0x01020304, ByteOrder::kBigEndian),
            FromHex("01020304"));
  EXPECT_EQ(FormatNumber(0x01020304, ByteOrder::kLittleEndian),
            FromHex("04030201"));
  for (const char* hex :
       {"", "00", "0000", "000000", "0000000000", "0000000000000020"}) {
    const auto parsed =
        ParseNumber({0x161, FromHex(hex)}, ByteOrder::kBigEndian);
    EXPECT_THAT(parsed, FailsWith(kAttributeValueInvalid));
    EXPECT_EQ(MessageOf(parsed),
              "the value of attribute X'00000161' is not a number of 4 bytes");
  }
}

TEST(AttributeListTest, FlagsAreOneByteZeroOrOne) {
  for (const bool value : {false, true}) {
    const auto parsed = ParseFlag({1, {static_cast<std::uint8_t>(value)}});
    ASSERT_THAT(parsed, IsOk());
    EXPECT_EQ(*parsed, value);
  }
  for (const char* hex : {"", "02", "FF", "0001", "0100", "00000001"}) {
    const auto parsed = ParseFlag({0x108, FromHex(hex)});
    EXPECT_THAT(parsed, FailsWith(kAttributeValueInvalid));
    EXPECT_EQ(MessageOf(parsed),
              "the value of attribute X'00000108' is not one byte, 0 or 1");
  }
}

}  // namespace
}  // namespace sigtoken
