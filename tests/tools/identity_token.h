// The claims of an identity token, to be changed one at a time.

#ifndef TESTS_TOOLS_IDENTITY_TOKEN_H_
#define TESTS_TOOLS_IDENTITY_TOKEN_H_

#include <string>
#include <utility>
#include <vector>

namespace sigtoken::testing {

inline constexpr const char* kHeader = R"({"alg":"HS256"})";

// When RacfClaims() are issued and when they end (exp).
inline constexpr long kIssued = 1'736'963'652;
inline constexpr long kEnds = 1'736'963'952;

// Name and JSON text of each claim, in the order in which RACF writes them.
using ClaimTexts = std::vector<std::pair<std::string, std::string>>;

// The body of tests/vectors/idt-racf-body.json.
inline ClaimTexts RacfClaims() {
  return {{"jti", R"("00E04D2A63558772960000000B500001")"},
          {"txn", R"("00E04D2A63558772960000000B500001")"},
          {"iss", R"("saf")"},
          {"sub", R"("RACFU01")"},
          {"aud", R"(["TSOIM13","*ANYAPPL*"])"},
          {"iat", "1736963652"},
          {"exp", "1736963952"},
          {"amr", R"(["saf-pwd"])"}};
}

// RacfClaims() with another text for `name`; without it where that is "".
inline ClaimTexts With(const std::string& name, const std::string& text) {
  ClaimTexts changed;
  for (const auto& claim : RacfClaims()) {
    if (claim.first != name) {
      changed.push_back(claim);
    } else if (!text.empty()) {
      changed.emplace_back(name, text);
    }
  }
  return changed;
}

inline std::string Payload(const ClaimTexts& claims) {
  std::string payload = "{";
  for (const auto& [name, text] : claims) {
    if (payload.size() > 1) payload += ",";
    payload.append("\"").append(name).append("\":").append(text);
  }
  return payload + "}";
}

}  // namespace sigtoken::testing

#endif  // TESTS_TOOLS_IDENTITY_TOKEN_H_
