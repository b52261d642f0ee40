#include "pkcs11/base/clock.h"

#include <sodium.h>

#include <charconv>
#include <chrono>
#include <ctime>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::int64_t kLastSecond = INT64_MAX / kNanosecondsPerSecond;
// 1900-01-01 to 1970-01-01: 70 years, 17 of them leap years.
constexpr std::uint64_t kSecondsFrom1900To1970 = (70 * 365 + 17) * 86'400ULL;

}  // namespace

std::int64_t Instant::seconds() const {
  const std::int64_t whole = nanoseconds / kNanosecondsPerSecond;
  return nanoseconds % kNanosecondsPerSecond < 0 ? whole - 1 : whole;
}

Instant Now() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

std::string FormatIso8601(Instant instant) {
  const std::time_t seconds = instant.seconds();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  static_cast<void>(
      std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts));
  return text;
}

Result<Instant> ParseInstant(std::string_view text) {
  const std::string copy(text);
  const char* const end = copy.data() + copy.size();
  std::int64_t seconds = 0;
  const auto number = std::from_chars(copy.data(), end, seconds);
  bool good = number.ec == std::errc() && number.ptr == end && seconds >= 0;
  if (!good) {
    std::tm parts{};
    const char* rest = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    // timegm() puts 31 February right silently: written again it must be the
    // same text.
    good = rest == end;
    if (good) {
      seconds = timegm(&parts);
      good = seconds >= 0 && seconds <= kLastSecond &&
             FormatIso8601({seconds * kNanosecondsPerSecond}) == copy;
    }
  }
  if (!good || seconds > kLastSecond) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   Quoted(text) + " is not a time",
                   "write seconds since 1970, or 2025-01-15T17:54:12Z");
  }
  return Instant{seconds * kNanosecondsPerSecond};
}

StckeValue UniqueStcke(Instant instant) {
  const auto since_1970 = static_cast<std::uint64_t>(instant.nanoseconds);
  const std::uint64_t seconds =
      since_1970 / kNanosecondsPerSecond + kSecondsFrom1900To1970;
  const std::uint64_t microseconds =
      seconds * 1'000'000 + since_1970 % kNanosecondsPerSecond / 1'000;
  const std::uint64_t rest = since_1970 % 1'000;
  const std::uint64_t tod = (microseconds << 12) + (rest << 12) / 1'000;

  StckeValue value{};
  // The 64-bit clock runs out in 2042; the epoch index then becomes 1.
  value[0] = static_cast<std::uint8_t>(microseconds >> 52);
  for (unsigned i = 0; i < 8; ++i) {
    value[1 + i] = static_cast<std::uint8_t>(tod >> (56 - 8 * i));
  }
  randombytes_buf(&value[9], 5);
  // The programmable field holds 0001 in the identity tokens of RACF that are
  // public (IBM z/OS 3.2 education material).
  value[15] = 1;
  return value;
}

}  // namespace sigtoken
