#include "signer/jws/strict_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace sigtoken {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using namespace std::string_view_literals;

std::string Why(std::string_view text) {
  const Result<JsonObject> json = JsonObject::Parse(text, "it");
  if (json) return "accepted";
  constexpr std::string_view kStart = "it is not a strict JSON object: ";
  EXPECT_EQ(json.error().message.substr(0, kStart.size()), kStart);
  EXPECT_EQ(ToIcsf(json.error()), kParameterInvalid);
  return json.error().message.substr(kStart.size());
}

// {"a":[[...]]} with `levels` objects and arrays, and `leaf` inside.
std::string Nested(int levels, const std::string& leaf) {
  const auto arrays = static_cast<std::size_t>(levels - 1);
  return R"({"a":)" + std::string(arrays, '[') + leaf +
         std::string(arrays, ']') + "}";
}

std::string WithMembers(int count) {
  std::string text = "{";
  for (int i = 0; i < count; ++i) {
    text += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":0";
  }
  return text + "}";
}

TEST(StrictJsonTest, ReadsMembersByTypeAndName) {
  Result<JsonObject> json = JsonObject::Parse(
      R"( {"s":"x","i":-7,"d":1.5,"l":["p","q"],"e":[],"n":null,"b":true} )",
      "it");
  ASSERT_TRUE(json);
  EXPECT_THAT(json->Names(), ElementsAre("s", "i", "d", "l", "e", "n", "b"));
  EXPECT_THAT(json->String("s"), Optional("x"sv));
  EXPECT_EQ(json->Number("i"), JsonNumber(std::int64_t{-7}));
  EXPECT_EQ(json->Number("d"), JsonNumber(1.5));
  EXPECT_THAT(json->Strings("l"), Optional(ElementsAre("p", "q")));
  EXPECT_THAT(json->Strings("e"), Optional(IsEmpty()));
  EXPECT_TRUE(json->Has("n"));
}

TEST(StrictJsonTest, GivesNothingForAnotherTypeOrName) {
  const Result<JsonObject> json = JsonObject::Parse(
      R"({"s":"x","i":7,"l":["p",1],"n":null,"b":true,"o":{}})", "it");
  ASSERT_TRUE(json);
  for (std::string_view name : {"i", "l", "n", "b", "o", "none", "S", ""}) {
    EXPECT_EQ(json->String(name), std::nullopt) << name;
  }
  for (std::string_view name : {"s", "l", "n", "b", "o", "none"}) {
    EXPECT_EQ(json->Number(name), std::nullopt) << name;
  }
  for (std::string_view name : {"s", "i", "l", "n", "b", "o", "none"}) {
    EXPECT_EQ(json->Strings(name), std::nullopt) << name;
  }
  EXPECT_FALSE(json->Has("none"));
}

TEST(StrictJsonTest, ViewsOutliveAMove) {
  Result<JsonObject> json = JsonObject::Parse(R"({"a":"text"})", "it");
  ASSERT_TRUE(json);
  const auto text = json->String("a");
  const JsonObject moved = *std::move(json);
  EXPECT_EQ(text, moved.String("a"));
  EXPECT_THAT(text, Optional("text"sv));
}

TEST(StrictJsonTest, UnescapesNamesAndStrings) {
  const Result<JsonObject> json =
      JsonObject::Parse(R"({"\u0061lg":"\ud83d\ude00\u00e9\n"})", "it");
  ASSERT_TRUE(json);
  EXPECT_THAT(json->String("alg"), Optional("\xf0\x9f\x98\x80\xc3\xa9\n"sv));
}

TEST(StrictJsonTest, TakesWhatJsonAllows) {
  for (std::string_view text : {
           "{}",
           " \t\r\n{ } \n",
           R"({"a":{"a":{"a":1}}})",
           R"({"a":9223372036854775807,"b":-9223372036854775808})",
           R"({"a":1e308,"b":-0,"c":0.0,"d":1E+2,"e":1e-400})",
           R"({"":""})",
           R"({"a":"\/\b\f\"\\"})",
           "{\"a\":\"\xf4\x8f\xbf\xbf\"}",
       }) {
    EXPECT_EQ(Why(text), "accepted") << text;
  }
}

TEST(StrictJsonTest, RefusesWhatIsNotWellFormed) {
  for (std::string_view text : {
           ""sv,
           " "sv,
           "{"sv,
           "}"sv,
           "{]"sv,
           "{\"a\"}"sv,
           "{\"a\":}"sv,
           "{\"a\" 1}"sv,
           "{\"a\":1,}"sv,
           "{,}"sv,
           "{a:1}"sv,
           "{'a':1}"sv,
           "{\"a\":1"sv,
           "{\"a\":\"x}"sv,
           "{\"a\":tru}"sv,
           "{\"a\":True}"sv,
           "{\"a\":/**/1}"sv,
           "{\"a\":1}//"sv,
           // Numbers.
           "{\"a\":01}"sv,
           "{\"a\":+1}"sv,
           "{\"a\":.5}"sv,
           "{\"a\":1.}"sv,
           "{\"a\":-}"sv,
           "{\"a\":1e}"sv,
           "{\"a\":0x1}"sv,
           "{\"a\":NaN}"sv,
           "{\"a\":Infinity}"sv,
           "{\"a\":1e400"sv,
           "{\"a\":01,\"b\":1e400}"sv,
           "{\"a\":18446744073709551616"sv,
           "{\"a\":18446744073709551616,\"b\":1.}"sv,
           // Something after or before the object.
           "{}{}"sv,
           "{} x"sv,
           "{},"sv,
           "{}\0"sv,
           "\0{}"sv,
           "{}]"sv,
           "x{}"sv,
           "\f{}"sv,
           "{}\xc2\xa0"sv,
           "\xef\xbb\xbf{}"sv,
           // Strings.
           "{\"a\":\"\n\"}"sv,
           "{\"a\":\"\t\"}"sv,
           "{\"a\":\"\x01\"}"sv,
           "{\"a\":\"\0\"}"sv,
           "{\"a\0\":1}"sv,
           "{\"a\":\"\\x\"}"sv,
           "{\"a\":\"\\u12\"}"sv,
           "{\"a\":\"\\U0061\"}"sv,
           "{\"a\":\"\\ud800\"}"sv,
           "{\"a\":\"\\udc00\"}"sv,
           "{\"a\":\"\\udc00\\ud800\"}"sv,
           "{\"a\":\"\\ud800\\ud800\"}"sv,
           "{\"a\":\"\\ud800x\"}"sv,
           "{\"a\":\"\\ud800\\u0041\"}"sv,
           "{\"\\ud800\":1}"sv,
           // UTF-8.
           "{\"a\":\"\xff\"}"sv,
           "{\"a\":\"\xc0\x80\"}"sv,
           "{\"a\":\"\xc1\xa1\"}"sv,
           "{\"a\":\"\xed\xa0\x80\"}"sv,
           "{\"a\":\"\xe2\x82\"}"sv,
           "{\"a\":\"\xf4\x90\x80\x80\"}"sv,
           "{\"\xff\":1}"sv,
           "{\"a\":\"\x80\"}"sv,
       }) {
    EXPECT_EQ(Why(text), "it is not well formed") << text;
  }
}

TEST(StrictJsonTest, RefusesWhatIsNotAnObject) {
  for (std::string_view text :
       {"[]", "[{}]", "\"text\"", "1", "-1.5", "true", "null"}) {
    EXPECT_EQ(Why(text), "it is another JSON value") << text;
  }
}

TEST(StrictJsonTest, RefusesANameThatOccursTwice) {
  for (std::string_view text : {
           R"({"a":1,"a":1})",
           R"({"a":1,"b":2,"a":3})",
           R"({"alg":1,"\u0061lg":2})",
           R"({"\u0061":1,"\u0061":2})",
           R"({"x":{"a":1,"a":2}})",
           R"({"x":[0,[{"a":1,"a":2}]]})",
           R"({"":1,"":2})",
       }) {
    EXPECT_EQ(Why(text), "a member occurs twice") << text;
  }
}

TEST(StrictJsonTest, TakesOneNameInTwoObjects) {
  EXPECT_EQ(Why(R"({"a":{"a":1},"b":{"a":1}})"), "accepted");
  EXPECT_EQ(Why(R"({"a":1,"A":2})"), "accepted");
}

TEST(StrictJsonTest, RefusesNulInNamesAndStrings) {
  for (std::string_view text : {
           R"({"a":"\u0000"})",
           R"({"a":"x\u0000y"})",
           R"({"\u0000":1})",
           R"({"alg\u0000":1})",
           R"({"x":["\u0000"]})",
           R"({"x":{"y":[{"z":"\u0000"}]}})",
       }) {
    EXPECT_EQ(Why(text), "a text contains NUL") << text;
  }
}

TEST(StrictJsonTest, RefusesIntegersThatSixtyThreeBitsDoNotHold) {
  for (std::string_view text :
       {R"({"a":9223372036854775808})", R"({"a":18446744073709551615})",
        R"({"x":[[9223372036854775808]]})"}) {
    EXPECT_EQ(Why(text), "an integer is too large") << text;
  }
}

TEST(StrictJsonTest, SaysThatANumberIsTooLargeWhereTheTextIsWellFormed) {
  for (std::string_view text :
       {R"({"a":1e400})", R"({"a":-1e400})", R"({"a":1e999})",
        R"({"a":1.7976931348623159e308})", R"({"a":18446744073709551616})",
        R"({"a":-9223372036854775809})",
        R"({"a":123456789012345678901234567890})",
        R"({"x":[{"y":1e400}],"z":1})"}) {
    EXPECT_EQ(Why(text), "a number is too large") << text;
  }
}

TEST(StrictJsonTest, TakesEightLevelsAndRefusesNine) {
  for (const std::string leaf : {"", "1", "\"x\"", "{}"}) {
    const int own = leaf == "{}" ? 1 : 0;
    EXPECT_EQ(Why(Nested(8 - own, leaf)), "accepted") << leaf;
    EXPECT_EQ(Why(Nested(9 - own, leaf)), "it is nested too deeply") << leaf;
  }
  EXPECT_EQ(Why(Nested(4000, "")), "it is nested too deeply");
}

TEST(StrictJsonTest, TakesSixtyFourMembersAndRefusesMore) {
  EXPECT_EQ(Why(WithMembers(64)), "accepted");
  EXPECT_EQ(Why(WithMembers(65)), "it has too many members");
  EXPECT_EQ(Why(R"({"x":)" + WithMembers(63) + "}"), "accepted");
  EXPECT_EQ(Why(R"({"x":)" + WithMembers(64) + "}"), "it has too many members");
  EXPECT_EQ(Why(R"({"x":[)" + WithMembers(40) + "," + WithMembers(40) + "]}"),
            "it has too many members");
}

TEST(StrictJsonTest, OtherBoundsTakeThePlaceOfItsOwn) {
  const JsonBounds bounds{20, 2, 3};
  const auto why = [&](std::string_view text) {
    const auto json = JsonObject::Parse(text, "it", bounds);
    return json ? std::string("accepted") : json.error().message;
  };
  const std::string start = "it is not a strict JSON object: ";
  EXPECT_EQ(why(R"({"a":1,"b":[1,2,3]} )"), "accepted");
  EXPECT_EQ(why(R"({"a":1,"b":[1,2,3]}  )"), start + "it is too long");
  EXPECT_EQ(why(R"({"a":[[1]]})"), start + "it is nested too deeply");
  EXPECT_EQ(why(R"({"a":[[]]})"), start + "it is nested too deeply");
  EXPECT_EQ(why(R"({"a":{"b":{}}})"), start + "it is nested too deeply");
  EXPECT_EQ(why(R"({"a":{"b":1,"c":2}})"), "accepted");
  EXPECT_EQ(why(R"({"a":1,"b":2,"":0})"), "accepted");
  const JsonBounds two{8192, 8, 2};
  EXPECT_EQ(
      JsonObject::Parse(R"({"a":1,"b":2,"":0})", "it", two).error().message,
      start + "it has too many members");
}

TEST(StrictJsonTest, TakesTheLongestTextAndRefusesALongerOne) {
  const std::string start = R"({"a":")";
  const std::string longest = start + std::string(8192 - 8, 'x') + "\"}";
  ASSERT_EQ(longest.size(), kMaxJsonBytes);
  EXPECT_EQ(Why(longest), "accepted");
  EXPECT_EQ(Why(longest + " "), "it is too long");
  EXPECT_EQ(Why(std::string(1 << 20, '{')), "it is too long");
}

}  // namespace
}  // namespace sigtoken
