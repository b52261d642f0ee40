#include "pkcs11/base/clock.h"

#include <algorithm>
#include <set>

#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(ClockTest, RoundsDownToSeconds) {
  EXPECT_EQ(Instant{kSecond - 1}.seconds(), 0);
  EXPECT_EQ(Instant{kSecond}.seconds(), 1);
  EXPECT_EQ(Instant{-1}.seconds(), -1);
  EXPECT_EQ(Instant{-kSecond}.seconds(), -1);
}

TEST(ClockTest, NowIsInThisCenturyAndDoesNotGoBack) {
  const Instant first = Now();
  EXPECT_GT(first.seconds(), 1'700'000'000);
  EXPECT_GE(Now(), first);
}

TEST(ClockTest, WritesIso8601) {
  EXPECT_EQ(FormatIso8601({1'736'963'652 * kSecond}), "2025-01-15T17:54:12Z");
  EXPECT_EQ(FormatIso8601({0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatIso8601({-1}), "1969-12-31T23:59:59Z");
}

TEST(ClockTest, ReadsSecondsAndIso8601) {
  struct Row {
    const char* text;
    std::int64_t seconds;
  };
  for (const auto& [text, seconds] : {
           Row{"0", 0},
           {"1736963652", 1'736'963'652},
           {"2025-01-15T17:54:12Z", 1'736'963'652},
           {"1970-01-01T00:00:00Z", 0},
           {"2024-02-29T00:00:00Z", 1'709'164'800},
           {"9223372036", 9'223'372'036},
       }) {
    SCOPED_TRACE(text);
    const auto instant = ParseInstant(text);
    ASSERT_THAT(instant, testing::IsOk());
    EXPECT_EQ(instant->nanoseconds, seconds * kSecond);
  }
}

TEST(ClockTest, RefusesWhatIsNoTime) {
  for (const char* text : {
           "",
           " ",
           "now",
           "-1",
           "+1",
           "1.5",
           "1736963652s",
           " 1736963652",
           "9223372037",
           "99999999999999999999",
           "0x10",
           "2025-01-15",
           "2025-01-15T17:54:12",
           "2025-01-15 17:54:12Z",
           "2025-01-15T17:54:12z",
           "2025-01-15T17:54:12+01:00",
           "2025-01-15T17:54:12.5Z",
           "2025-01-15T17:54:12Z ",
           "2025-02-29T00:00:00Z",
           "2025-02-31T00:00:00Z",
           "2025-13-01T00:00:00Z",
           "2025-01-15T24:00:00Z",
           "2025-01-15T17:60:00Z",
           "2025-1-15T17:54:12Z",
           "3000-01-01T00:00:00Z",
           "0001-01-01T00:00:00Z",
       }) {
    SCOPED_TRACE(text);
    EXPECT_THAT(ParseInstant(text), testing::FailsWith(kParameterInvalid));
  }
}

TEST(ClockTest, SaysHowATimeIsWritten) {
  const auto refused = ParseInstant("now\n");
  EXPECT_EQ(testing::MessageOf(refused), "'now\\x0A' is not a time");
  EXPECT_EQ(testing::CureOf(refused),
            "write seconds since 1970, or 2025-01-15T17:54:12Z");
}

// z/Architecture Principles of Operation: bit 51 of the TOD clock counts
// microseconds from 1900, and 1970 begins at X'7D91048BCA000000'.
TEST(ClockTest, TheStckeValueOf1970IsThePublishedOne) {
  const StckeValue value = UniqueStcke({0});
  const std::array<std::uint8_t, 9> clock = {0,    0x7D, 0x91, 0x04, 0x8B,
                                             0xCA, 0x00, 0x00, 0x00};
  EXPECT_TRUE(std::equal(clock.begin(), clock.end(), value.begin()));
  EXPECT_EQ(value[15], 1);
}

TEST(ClockTest, TheStckeValueCountsMicrosecondsInBit51) {
  const StckeValue value = UniqueStcke({1'000});
  EXPECT_EQ(value[7], 0x10);
  EXPECT_EQ(value[8], 0x00);
}

TEST(ClockTest, TheStckeValueHasTheEpochIndexAfter2042) {
  // 2042-09-17T23:53:47.370496Z is the microsecond in which 64 bits run over.
  EXPECT_EQ(UniqueStcke({2'294'610'827 * kSecond})[0], 0);
  EXPECT_EQ(UniqueStcke({2'294'610'828 * kSecond})[0], 1);
}

TEST(ClockTest, NoTwoStckeValuesAreEqual) {
  std::set<StckeValue> all;
  constexpr std::size_t kCount = 10'000;
  for (std::size_t i = 0; i < kCount; ++i) all.insert(UniqueStcke({0}));
  EXPECT_EQ(all.size(), kCount);
}

}  // namespace
}  // namespace sigtoken
