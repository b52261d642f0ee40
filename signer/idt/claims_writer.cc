#include "signer/idt/claims_writer.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <vector>

namespace sigtoken {
namespace {

void AppendString(std::string& text, std::string_view value) {
  assert(NeedsNoEscape(value));
  text.append(1, '"').append(value).append(1, '"');
}

void AppendStrings(std::string& text, const std::vector<std::string>& values) {
  char before = '[';
  for (const std::string& value : values) {
    text += before;
    AppendString(text, value);
    before = ',';
  }
  text += ']';
}

}  // namespace

bool NeedsNoEscape(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
}

std::string WriteClaims(const Claims& claims) {
  assert(!claims.aud.empty() && !claims.amr.empty());
  std::string text;
  text.reserve(256);  // RACF's are near 200.
  text += R"({"jti":)";
  AppendString(text, claims.jti);
  text += R"(,"txn":)";
  AppendString(text, claims.txn);
  text += R"(,"iss":)";
  AppendString(text, claims.iss);
  text += R"(,"sub":)";
  AppendString(text, claims.sub);
  text += R"(,"aud":)";
  AppendStrings(text, claims.aud);
  text += R"(,"iat":)";
  text += std::to_string(claims.iat.seconds);
  text += R"(,"exp":)";
  text += std::to_string(claims.exp.seconds);
  text += R"(,"amr":)";
  AppendStrings(text, claims.amr);
  text += '}';
  return text;
}

}  // namespace sigtoken
