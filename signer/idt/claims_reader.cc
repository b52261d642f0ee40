#include "signer/idt/claims_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "signer/idt/amr.h"
#include "signer/racf/user_id.h"

namespace sigtoken {
namespace {

constexpr auto kNames = std::to_array<std::string_view>(
    {"jti", "txn", "iss", "sub", "aud", "iat", "exp", "amr"});

constexpr const char* kJtiReason =
    "the claim jti is not a string of 8 to 64 characters";
constexpr const char* kTxnReason =
    "the claim txn is not a string of 8 to 64 characters";

TokenRefusal Missing(std::string_view name) {
  return {kClaimMissing, "the claim " + std::string(name) + " is missing"};
}

TokenRefusal Malformed(std::string_view name, std::string_view why) {
  return {kClaimMalformed,
          "the claim " + std::string(name) + " " + std::string(why)};
}

// OA63462, "RACROUTE JWT Claims": at least 8 characters and no more than 64. A
// character of UTF-8 has one byte that does not continue another.
bool IsIdentifier(std::string_view text) {
  const auto length = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80;
  });
  return length >= 8 && length <= 64;
}

std::optional<NumericDate> ToNumericDate(JsonNumber number) {
  if (const auto* whole = std::get_if<std::int64_t>(&number)) {
    if (*whole < 0 || *whole > NumericDate::kMaxSeconds) return std::nullopt;
    return NumericDate{*whole, 0};
  }
  const double value = std::get<double>(number);
  // Written so that NaN, which no JSON number is, would be refused too.
  if (!(value >= 0 && value <= double{NumericDate::kMaxSeconds})) {
    return std::nullopt;
  }
  const double seconds = std::floor(value);
  // Below 1e9 for every fraction that a double has: 1 - 2^-53 is the largest.
  const auto nanoseconds = static_cast<std::int64_t>((value - seconds) * 1e9);
  return NumericDate{static_cast<std::int64_t>(seconds), nanoseconds};
}

std::optional<NumericDate> ReadTime(const JsonObject& payload,
                                    std::string_view name) {
  const std::optional<JsonNumber> number = payload.Number(name);
  if (!number) return std::nullopt;
  return ToNumericDate(*number);
}

// Nothing for an empty list.
std::optional<std::vector<std::string>> ReadStrings(const JsonObject& payload,
                                                    std::string_view name) {
  const auto texts = payload.Strings(name);
  if (!texts || texts->empty()) return std::nullopt;
  return std::vector<std::string>(texts->begin(), texts->end());
}

std::optional<std::vector<std::string>> ReadAudience(
    const JsonObject& payload) {
  if (const std::optional<std::string_view> one = payload.String("aud")) {
    return std::vector<std::string>{std::string(*one)};
  }
  return ReadStrings(payload, "aud");
}

}  // namespace

Checked<std::string> ReadSubject(const JsonObject& payload) {
  for (const std::string_view name : {"iss", "sub"}) {
    if (!payload.Has(name)) return Missing(name);
  }
  const std::optional<std::string_view> issuer = payload.String("iss");
  if (!issuer) return Malformed("iss", "is not a string");
  if (*issuer != kIssuer) {
    return TokenRefusal{kIssuerNotSaf, "the issuer of the token is not saf"};
  }
  const std::optional<std::string_view> subject = payload.String("sub");
  if (!subject || !IsUserId(*subject)) {
    return Malformed("sub", "is not a user ID");
  }
  return std::string(*subject);
}

Checked<Claims> ReadClaims(const JsonObject& payload) {
  for (const std::string_view name : kNames) {
    if (!payload.Has(name)) return Missing(name);
  }
  Checked<std::string> subject = ReadSubject(payload);
  if (auto* refusal = std::get_if<TokenRefusal>(&subject)) {
    return std::move(*refusal);
  }
  const auto jti = payload.String("jti");
  if (!jti) return TokenRefusal{kJtiNotValid, kJtiReason};
  const auto txn = payload.String("txn");
  if (!txn) return TokenRefusal{kTxnNotValid, kTxnReason};
  auto aud = ReadAudience(payload);
  if (!aud) {
    return Malformed("aud", "is neither a string nor a list of strings");
  }
  const std::optional<NumericDate> iat = ReadTime(payload, "iat");
  if (!iat) return Malformed("iat", "is not a time in seconds since 1970");
  const std::optional<NumericDate> exp = ReadTime(payload, "exp");
  if (!exp) return Malformed("exp", "is not a time in seconds since 1970");
  auto amr = ReadStrings(payload, "amr");
  if (!amr) {
    return TokenRefusal{kAmrNotValid,
                        "the claim amr is not a list of strings, or is empty"};
  }
  return Claims{std::string(*jti),
                std::string(*txn),
                std::string(kIssuer),
                std::get<std::string>(std::move(subject)),
                *std::move(aud),
                *iat,
                *exp,
                *std::move(amr)};
}

std::optional<TokenRefusal> CheckValues(const Claims& claims) {
  if (!IsIdentifier(claims.jti)) return TokenRefusal{kJtiNotValid, kJtiReason};
  if (!IsIdentifier(claims.txn)) return TokenRefusal{kTxnNotValid, kTxnReason};
  if (const Status valid = CheckAmr(claims.amr); !valid) {
    return TokenRefusal{kAmrNotValid, valid.error().message};
  }
  return std::nullopt;
}

}  // namespace sigtoken
