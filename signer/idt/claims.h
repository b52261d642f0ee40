// The claims of an identity token.

#ifndef SIGNER_IDT_CLAIMS_H_
#define SIGNER_IDT_CLAIMS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/clock.h"

namespace sigtoken {

// The only issuer (OA63462, "RACROUTE JWT Claims").
inline constexpr std::string_view kIssuer = "saf";
// The audience that stands for every application.
inline constexpr std::string_view kAnyAppl = "*ANYAPPL*";

// Seconds since 1970, fractions allowed (RFC 7519, section 2). Not an Instant,
// whose 64 bits of nanoseconds end in 2262: a claim may go up to the year 9999.
struct NumericDate {
  static constexpr std::int64_t kMaxSeconds = 253'402'300'799;

  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;  // 0 to 999,999,999.

  friend bool operator==(const NumericDate&, const NumericDate&) = default;
  friend bool operator<(const NumericDate& a, const NumericDate& b) {
    return a.seconds != b.seconds ? a.seconds < b.seconds
                                  : a.nanoseconds < b.nanoseconds;
  }
};

NumericDate ToNumericDate(Instant instant);

// The eight claims, all of them required (OA63462, "RACROUTE JWT Claims"), in
// the order in which RACF writes them.
struct Claims {
  std::string jti;               // 8 to 64 characters.
  std::string txn;               // 8 to 64 characters.
  std::string iss;               // kIssuer.
  std::string sub;               // The user ID.
  std::vector<std::string> aud;  // Application names, maybe kAnyAppl.
  NumericDate iat;
  NumericDate exp;
  std::vector<std::string> amr;  // What CheckAmr() accepts.

  friend bool operator==(const Claims&, const Claims&) = default;
};

}  // namespace sigtoken

#endif  // SIGNER_IDT_CLAIMS_H_
