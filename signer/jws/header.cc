#include "signer/jws/header.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "signer/jws/strict_json.h"

namespace sigtoken {
namespace {

constexpr std::string_view kNone = "none";

constexpr auto kRefused = std::to_array<std::string_view>(
    {"b64", "crit", "enc", "jku", "jwk", "zip"});

bool IsRefused(std::string_view name) {
  // x5u, x5c, x5t and x5t#S256 all bring a certificate.
  return name.starts_with("x5") ||
         std::find(kRefused.begin(), kRefused.end(), name) != kRefused.end();
}

Error Malformed(std::string why) {
  return Refusal(
      kParameterInvalid, CKR_MECHANISM_INVALID,
      "the header is not one of an identity token: " + std::move(why),
      "RACF writes {\"alg\":\"HS256\"}");
}

}  // namespace

Result<JoseHeader> ParseJoseHeader(std::string_view text) {
  SIGTOKEN_ASSIGN(const JsonObject json, JsonObject::Parse(text, "the header"));
  for (const std::string_view name : json.Names()) {
    if (IsRefused(name)) {
      return Malformed(
          "a member of it would change how it is checked (crit, "
          "b64, zip, enc, jwk, jku, x5*)");
    }
  }
  if (json.Has("typ") && !json.String("typ")) {
    return Malformed("typ is not a string");
  }
  const std::optional<std::string_view> alg = json.String("alg");
  if (!alg) return Malformed("alg is missing, or is not a string");
  JoseHeader header;
  if (*alg != kNone) {
    header.algorithm = FindMacAlgorithm(*alg);
    if (header.algorithm == nullptr) {
      return Malformed("alg is not one of HS256, HS384, HS512 and none");
    }
  }
  if (const auto kid = json.String("kid")) header.kid = std::string(*kid);
  header.kid_is_text = header.kid.has_value() || !json.Has("kid");
  return header;
}

std::string FormatJoseHeader(const JoseHeader& header) {
  const std::string_view name =
      header.algorithm != nullptr ? header.algorithm->name : kNone;
  return std::string(R"({"alg":")").append(name).append(R"("})");
}

}  // namespace sigtoken
