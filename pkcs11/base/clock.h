// The time of day, for people, for claims and as the z/OS clock.

#ifndef PKCS11_BASE_CLOCK_H_
#define PKCS11_BASE_CLOCK_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "pkcs11/base/result.h"

namespace sigtoken {

// A point in time: nanoseconds since 1970-01-01 00:00 UTC, leap seconds not
// counted. 64 bits last from 1677 to 2262.
struct Instant {
  std::int64_t nanoseconds = 0;

  // Whole seconds since 1970, rounded down: the NumericDate of RFC 7519, 2.
  std::int64_t seconds() const;

  friend auto operator<=>(const Instant&, const Instant&) = default;
};

Instant Now();

// "2025-01-15T17:54:12Z".
std::string FormatIso8601(Instant instant);

// Seconds since 1970 ("1736963652") or ISO 8601 in UTC
// ("2025-01-15T17:54:12Z"). Errors: kParameterInvalid.
Result<Instant> ParseInstant(std::string_view text);

// The 16 bytes that the instruction STORE CLOCK EXTENDED gives
// (z/Architecture Principles of Operation, "Time-of-Day Clock"): epoch index 1,
// TOD clock 13 since 1900-01-01 (bit 51 counts microseconds), programmable
// field 2.
using StckeValue = std::array<std::uint8_t, 16>;

// The STCKE value of `instant`. Each call gives another value, in all processes
// and threads: the hardware promises that, and here the 40 bits below the
// 64-bit clock are random.
StckeValue UniqueStcke(Instant instant);

}  // namespace sigtoken

#endif  // PKCS11_BASE_CLOCK_H_
