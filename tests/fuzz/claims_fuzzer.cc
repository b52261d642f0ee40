// Can the JSON of claims break the reader, or be read in two ways?

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "signer/idt/amr.h"
#include "signer/idt/claims_reader.h"
#include "signer/idt/claims_writer.h"
#include "signer/jws/strict_json.h"
#include "signer/racf/user_id.h"

namespace sigtoken {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

bool CanBeWritten(const Claims& claims) {
  return NeedsNoEscape(claims.jti) && NeedsNoEscape(claims.txn) &&
         std::all_of(claims.aud.begin(), claims.aud.end(), NeedsNoEscape);
}

Claims InWholeSeconds(Claims claims) {
  claims.iat.nanoseconds = 0;
  claims.exp.nanoseconds = 0;
  return claims;
}

void ClaimsAreInRange(const Claims& claims) {
  Require(IsUserId(claims.sub) && claims.iss == kIssuer);
  Require(!claims.aud.empty() && !claims.amr.empty());
  for (const NumericDate& time : {claims.iat, claims.exp}) {
    Require(time.seconds >= 0 && time.seconds <= NumericDate::kMaxSeconds);
    Require(time.nanoseconds >= 0 && time.nanoseconds < 1'000'000'000);
  }
}

void ClaimsReadAsTheyAreWritten(const Claims& claims) {
  const auto json = JsonObject::Parse(WriteClaims(claims), "the claims");
  Require(json.has_value());
  const Checked<Claims> again = ReadClaims(*json);
  const auto* read = std::get_if<Claims>(&again);
  Require(read != nullptr && *read == InWholeSeconds(claims));
}

void Try(std::string_view text) {
  const Result<JsonObject> json = JsonObject::Parse(text, "the text");
  if (!json) return;
  // Another reader of JSON takes it too: strict is a part of JSON.
  const nlohmann::json other = nlohmann::json::parse(text, nullptr, false);
  Require(other.is_object());
  for (const std::string_view name : json->Names()) {
    Require(json->Has(name) && other.contains(std::string(name)));
  }

  const Checked<std::string> subject = ReadSubject(*json);
  const Checked<Claims> claims = ReadClaims(*json);
  const auto* read = std::get_if<Claims>(&claims);
  if (read == nullptr) return;
  Require(std::holds_alternative<std::string>(subject));
  ClaimsAreInRange(*read);
  // Only such claims are written.
  if (CheckValues(*read)) return;
  Require(CheckAmr(read->amr).has_value());
  if (CanBeWritten(*read)) ClaimsReadAsTheyAreWritten(*read);
}

}  // namespace
}  // namespace sigtoken

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  sigtoken::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}
