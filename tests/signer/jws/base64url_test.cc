#include "signer/jws/base64url.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sigtoken {
namespace {

struct Pair {
  std::string_view bytes;
  std::string_view text;
};

// RFC 4648, section 10, without the padding; then all that differs from base64.
constexpr Pair kPairs[] = {
    {"", ""},
    {"f", "Zg"},
    {"fo", "Zm8"},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg"},
    {"fooba", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "-_-_"},
    {"\xff", "_w"},
    {"\xff\xff", "__8"},
    {std::string_view("\0", 1), "AA"},
    {std::string_view("\0\0\0", 3), "AAAA"},
};

TEST(Base64UrlTest, EncodesAndDecodesTheVectors) {
  for (const Pair& pair : kPairs) {
    SCOPED_TRACE(pair.text);
    EXPECT_EQ(EncodeBase64Url(AsBytes(pair.bytes)), pair.text);
    EXPECT_EQ(DecodeBase64Url(pair.text), pair.bytes);
  }
}

TEST(Base64UrlTest, AppendsToWhatIsThere) {
  std::string text = "Zm8.";
  AppendBase64Url(text, AsBytes("foo"));
  EXPECT_EQ(text, "Zm8.Zm9v");
}

TEST(Base64UrlTest, BringsBackBytesOfEveryLengthAndValue) {
  for (std::size_t length = 0; length <= 260; ++length) {
    std::string bytes;
    for (std::size_t i = 0; i < length; ++i) {
      bytes += static_cast<char>(i * 7 + length);
    }
    const std::string text = EncodeBase64Url(AsBytes(bytes));
    EXPECT_EQ(text.size(), (length * 8 + 5) / 6);
    EXPECT_EQ(DecodeBase64Url(text), bytes) << length;
  }
}

TEST(Base64UrlTest, RefusesWhatIsNotBase64Url) {
  for (std::string_view text :
       {"A",         "AAAAA", "Zg==",    "Zm8=",    "Zg=",
        "=",         "Zm9v=", "+/+/",    "Zm+v",    "Zm/v",
        " Zg",       "Zg ",   "Z g",     "Zm 9v",   "Zm9v\n",
        "Zm9v\r\n",  "\tZg",  "Zm9v.",   ".",       "Zm9!",
        "Zm,v",      "Zm8*",  "Zm9\x7f", "Zm9\x80", "\xff\xff\xff\xff",
        "Z\xc3\xa9g"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(DecodeBase64Url(text), std::nullopt);
  }
  EXPECT_EQ(DecodeBase64Url(std::string_view("Zm9\0", 4)), std::nullopt);
  EXPECT_EQ(DecodeBase64Url(std::string_view("\0\0", 2)), std::nullopt);
}

TEST(Base64UrlTest, RefusesUnusedBitsThatAreNotZero) {
  ASSERT_EQ(DecodeBase64Url("Zg"), "f");
  ASSERT_EQ(DecodeBase64Url("Zm8"), "fo");
  for (std::string_view text :
       {"Zh", "Zn", "_x", "AB", "AP", "Zm9", "Zm-", "__9", "AAB", "AAD"}) {
    EXPECT_EQ(DecodeBase64Url(text), std::nullopt) << text;
  }
}

TEST(Base64UrlTest, TakesOneTextOnlyForEachLastByte) {
  int two_characters = 0;
  int three_characters = 0;
  for (int last = 0; last < 256; ++last) {
    const auto c = static_cast<char>(last);
    two_characters += DecodeBase64Url(std::string("A") + c) ? 1 : 0;
    three_characters += DecodeBase64Url(std::string("AA") + c) ? 1 : 0;
  }
  EXPECT_EQ(two_characters, 4);     // 2 bits count
  EXPECT_EQ(three_characters, 16);  // 4 bits count
}

TEST(Base64UrlTest, SaysWhatIsWrong) {
  constexpr std::string_view kPadding = "it has padding (=)";
  constexpr std::string_view kBase64 =
      "it has + or /, which base64 has and base64url has not";
  constexpr std::string_view kWhiteSpace = "it has white space";
  constexpr std::string_view kCarriageReturn = "it has a carriage return";
  constexpr std::string_view kOther =
      "it has a character other than A-Z, a-z, 0-9, - and _";
  constexpr std::string_view kIncomplete =
      "it is not complete, its last character makes no byte";
  constexpr std::string_view kStrayBits =
      "it was cut or changed, its last character has bits that belong to no "
      "byte";
  constexpr Pair kRows[] = {
      {"Zg==", kPadding},
      {"=", kPadding},
      {"Zm+v", kBase64},
      {"/m9v", kBase64},
      {"+/8=", kBase64},
      {" Zg", kWhiteSpace},
      {"Zm9v\n", kWhiteSpace},
      {"Zm\t9v", kWhiteSpace},
      {"Zm9v\r\n", kCarriageReturn},
      {"Zm9v\r", kCarriageReturn},
      {"Zm9v.", kOther},
      {"Zm9\x80", kOther},
      {{"Zm9\0", 4}, kOther},
      {"A", kIncomplete},
      {"AAAAA", kIncomplete},
      {"Zh", kStrayBits},
      {"Zm9", kStrayBits},
  };
  for (const auto& [text, why] : kRows) {
    SCOPED_TRACE(text);
    ASSERT_EQ(DecodeBase64Url(text), std::nullopt);
    EXPECT_EQ(WhyNotBase64Url(text), why);
  }
}

TEST(Base64UrlTest, FindsABadCharacterAtEveryPlace) {
  const std::string good(23, 'A');
  ASSERT_TRUE(DecodeBase64Url(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = '=';
    EXPECT_EQ(DecodeBase64Url(bad), std::nullopt) << i;
  }
}

}  // namespace
}  // namespace sigtoken
