#include "pkcs11/icsf/handle.h"

#include <string>

#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;

// The 44 characters of `name` and `object`, 12 of them.
std::string Long(std::string name, std::string_view object) {
  name.resize(TokenName::kMaxLength, ' ');
  return name.append(object);
}

Handle Made(std::string_view name, std::uint32_t sequence, char category) {
  return {*TokenName::Parse(name), ObjectId{sequence, category}};
}

TEST(HandleTest, ReadsTheFormOf44Characters) {
  const auto handle =
      Handle::Parse("IDTTKN.JWT.SECRET               0000000AT   ");
  ASSERT_THAT(handle, IsOk());
  EXPECT_EQ(handle->token_name().text(), "IDTTKN.JWT.SECRET");
  ASSERT_TRUE(handle->object());
  EXPECT_EQ(handle->object()->sequence, 10U);
  EXPECT_EQ(handle->object()->category, 'T');
}

TEST(HandleTest, ReadsTheHandleOfAToken) {
  const auto handle = Handle::Parse(Long("A", "            "));
  ASSERT_THAT(handle, IsOk());
  EXPECT_EQ(handle->token_name().text(), "A");
  EXPECT_FALSE(handle->object());
  EXPECT_EQ(handle->FormatShort(), "A");
}

TEST(HandleTest, WritesWhatItReads) {
  for (const std::string& text :
       {Long("A", "            "), Long("A", "00000001T   "),
        Long(std::string(32, 'X'), "FFFFFFFFY   "),
        Long("@#$.9", "7FFFFFFFS   "), Long("B", "80000000X   "),
        Long("C", "00ABCDEFU   "), Long("D", "00000010Z   ")}) {
    SCOPED_TRACE(text);
    const auto handle = Handle::Parse(text);
    ASSERT_THAT(handle, IsOk());
    EXPECT_EQ(handle->Format(), text);
    EXPECT_EQ(handle->Format().size(), Handle::kLength);
  }
}

TEST(HandleTest, RefusesWhatIsNotA44CharacterHandle) {
  for (const std::string& text : {
           std::string(),
           std::string("A"),
           std::string(44, ' '),
           std::string(44, 'A'),
           std::string(44, '\0'),
           Long("A", "00000001T  "),     // 43
           Long("A", "00000001T    "),   // 45
           Long("", "00000001T   "),     // no name
           Long(" A", "00000001T   "),   // blank in front
           Long("A B", "00000001T   "),  // blank inside
           Long("1A", "00000001T   "),
           Long("a", "00000001T   "),
           Long("A", "00000000T   "),  // numbers begin with 1
           Long("A", "0000000aT   "),  // lower case
           Long("A", "0000000GT   "),  // not hexadecimal
           Long("A", "+0000001T   "),
           Long("A", "-0000001T   "),
           Long("A", "0x000001T   "),
           Long("A", " 0000001T   "),
           Long("A", "1       T   "),
           Long("A", "        T   "),
           Long("A", "00000001    "),
           Long("A", "00000001t   "),
           Long("A", "00000001A   "),
           Long("A", "00000001E   "),  // the regional server's
           Long("A", "00000001F   "),
           Long("A", "00000001G   "),
           Long("A", "00000001TT  "),
           Long("A", "00000001T  T"),
           Long("A", std::string("00000001T\0\0\0", 12)),
           Long("A", std::string(12, '\0')),
           Long("A", "0000 0001T  "),
       }) {
    SCOPED_TRACE(text);
    EXPECT_THAT(Handle::Parse(text), FailsWith(kHandleInvalid));
  }
}

TEST(HandleTest, ReadsTheShortForm) {
  struct Row {
    const char* text;
    Handle handle;
  };
  for (const auto& [text, handle] : {
           Row{"IDTTKN.JWT.SECRET:00000001T",
               Made("IDTTKN.JWT.SECRET", 1, 'T')},
           Row{"A:1T", Made("A", 1, 'T')},
           Row{"A:10T", Made("A", 16, 'T')},
           Row{"A:0AY", Made("A", 10, 'Y')},
           Row{"A:FFFFFFFFX", Made("A", 0xFFFFFFFF, 'X')},
           Row{"A:1S", Made("A", 1, 'S')},
           Row{"A:1U", Made("A", 1, 'U')},
           Row{"A:1Z", Made("A", 1, 'Z')},
       }) {
    SCOPED_TRACE(text);
    const auto read = Handle::ParseShort(text);
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(*read, handle);
    EXPECT_EQ(*Handle::ParseShort(read->FormatShort()), handle);
    EXPECT_EQ(*Handle::Parse(read->Format()), handle);
  }
}

TEST(HandleTest, RefusesWhatIsNotAShortForm) {
  for (const std::string_view text : {
           "",
           ":",
           "A",
           "A:",
           "A:T",
           "A:1",
           ":1T",
           "A:0T",
           "A:00000000T",
           "A:000000001T",
           "A:123456789T",
           "A:gT",
           "A:aT",
           "A:1t",
           "A:1A",
           "A:1E",
           "A:1F",
           "A:1G",
           "a:1T",
           "0A:1T",
           "A :1T",
           "A: 1T",
           "A:1 T",
           "A:1T ",
           " A:1T",
           "A:1:T",
           "A::1T",
           "A:B:1T",
           "A:-1T",
           "A:+1T",
           "A:0x1T",
           "A:1T\n",
           "pkcs11:token=T",
           "ABCDEFGHIJKLMNOPQRSTUVWXYZ.ABCDEF:1T",
       }) {
    SCOPED_TRACE(text);
    EXPECT_THAT(Handle::ParseShort(text), FailsWith(kHandleInvalid));
  }
}

TEST(HandleTest, TellsTheTwoFormsApartByTheColon) {
  const Handle handle = Made("A", 1, 'T');
  EXPECT_EQ(*Handle::ParseAny("A:1T"), handle);
  EXPECT_EQ(*Handle::ParseAny(Long("A", "00000001T   ")), handle);
  EXPECT_THAT(Handle::ParseAny("A"), FailsWith(kHandleInvalid));
}

TEST(HandleTest, SaysWhichPartIsWrong) {
  EXPECT_EQ(MessageOf(Handle::Parse("A")),
            "'A' is not a handle: it has 1 characters, not 44");
  EXPECT_EQ(MessageOf(Handle::ParseShort("A")),
            "'A' is not a handle: there must be a colon between the token name "
            "and the sequence number, and the category at the end");
  const std::string no_category =
      "is not a handle: the category is missing at the end, T or Y";
  EXPECT_EQ(MessageOf(Handle::ParseShort("A:1")), "'A:1' " + no_category);
  EXPECT_EQ(MessageOf(Handle::ParseShort("A:00000010")),
            "'A:00000010' " + no_category);
  EXPECT_EQ(MessageOf(Handle::ParseShort("T:T")),
            "'T:T' is not a handle: the sequence number is missing between the "
            "colon and the category");
  EXPECT_EQ(MessageOf(Handle::ParseShort("A:")),
            "'A:' is not a handle: the sequence number and the category are "
            "missing behind the colon");
  EXPECT_EQ(MessageOf(Handle::ParseShort("A:xT")),
            "'A:xT' is not a handle: the sequence number 'x' is not 00000001 "
            "to FFFFFFFF in upper-case hexadecimal digits");
  EXPECT_EQ(MessageOf(Handle::ParseShort("A:1Q")),
            "'A:1Q' is not a handle: the category 'Q' is none of T, Y, S, X, "
            "U, Z");
  EXPECT_EQ(MessageOf(Handle::ParseShort("A:1E")),
            "'A:1E' is not a handle: the category 'E' belongs to the regional "
            "cryptographic server, which sigtoken does not have");
  EXPECT_EQ(MessageOf(Handle::ParseShort("a:1T")),
            "'a:1T' is not a handle: 'a' is not a token name, names are upper "
            "case: write A");
  EXPECT_EQ(testing::CureOf(Handle::ParseShort("A")),
            "write NAME:00000001T or the 44-character form");
}

TEST(HandleTest, KnowsTheCategories) {
  for (const char category : kCategories) {
    EXPECT_THAT(CheckCategory(category), IsOk()) << category;
    EXPECT_EQ(IsTokenCategory(category), category == 'T' || category == 'Y');
  }
  for (const char category : {'A', 'E', 't', ' ', '\0'}) {
    EXPECT_THAT(CheckCategory(category), FailsWith(kHandleInvalid));
  }
}

TEST(HandleTest, IsOrderedByNameThenNumberThenCategory) {
  EXPECT_LT(Made("A", 2, 'T'), Made("B", 1, 'T'));
  EXPECT_LT(Made("A", 9, 'T'), Made("A", 10, 'T'));
  EXPECT_LT(Made("A", 1, 'T'), Made("A", 1, 'Y'));
  EXPECT_LT(Handle(*TokenName::Parse("A")), Made("A", 1, 'T'));
}

}  // namespace
}  // namespace sigtoken
