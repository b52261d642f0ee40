#include "pkcs11/setup/uri_syntax.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

// RFC 7512, 2.3.
constexpr auto kPathNames = std::to_array<std::string_view>(
    {"token", "manufacturer", "serial", "model", "library-manufacturer",
     "library-version", "library-description", "object", "type", "id",
     "slot-manufacturer", "slot-description", "slot-id"});
// Without pin-value, which is refused before the names are looked at.
constexpr auto kQueryNames = std::to_array<std::string_view>(
    {"pin-source", "module-name", "module-path"});

// RFC 3986, 2, knows only these; p11-kit drops blanks without a word.
bool MayBeInUri(char c) { return c > ' ' && c <= '~' && c != '#'; }

struct NameRules {
  std::span<const std::string_view> known;
  char separator;
  std::string_view part;
};

// An attribute without what is wrong and what p11-kit would take: it stops
// reading at an empty attribute, and of two with the same name it takes the
// last.
Status CheckAttribute(std::string_view attribute, const NameRules& rules,
                      std::set<std::string_view>& seen) {
  const std::size_t equals = attribute.find('=');
  if (equals == std::string_view::npos) {
    return NotAUri(
        "the " + std::string(rules.part) + " has an attribute without '='",
        "write name=value; a ';', '&' or '?' in a value of the path "
        "is written %3B, %26 or %3F");
  }
  const std::string_view name = attribute.substr(0, equals);
  const std::string_view value = attribute.substr(equals + 1);
  if (std::find(rules.known.begin(), rules.known.end(), name) ==
      rules.known.end()) {
    std::string known;
    for (const std::string_view one : rules.known) {
      known.append(known.empty() ? "" : ", ").append(one);
    }
    return NotAUri("the " + std::string(rules.part) +
                       " has the unknown attribute " + Quoted(name),
                   "known there: " + known);
  }
  if (!seen.insert(name).second) {
    return NotAUri("the attribute " + Quoted(name) + " is there twice",
                   "leave one of them out: RFC 7512, 2.3");
  }
  // p11-kit keeps all but these two as C strings, which end at NUL.
  const bool is_bytes = name == "id" || name == "object";
  if (!is_bytes && value.find("%00") != std::string_view::npos) {
    return NotAUri("the attribute " + Quoted(name) + " has a NUL character",
                   "leave %00 out");
  }
  // p11-kit takes "" for 0, and lets longer numbers run over.
  constexpr std::size_t kMostDigits = 19;
  if (name == "slot-id" && (value.empty() || value.size() > kMostDigits)) {
    return NotAUri("slot-id is not a number of 1 to 19 digits",
                   "write the slot's number, or name the token instead");
  }
  return Ok();
}

Status CheckAttributes(std::string_view text, const NameRules& rules) {
  std::set<std::string_view> seen;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(rules.separator), text.size());
    SIGTOKEN_TRY(CheckAttribute(text.substr(0, end), rules, seen));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return Ok();
}

}  // namespace

bool IsPkcs11Uri(std::string_view text) {
  return text.substr(0, kUriScheme.size()) == kUriScheme;
}

Error NotAUri(const std::string& why, const std::string& cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "the text is not a usable PKCS#11 URI: " + why, cure);
}

Status CheckUriSyntax(std::string_view text) {
  if (!IsPkcs11Uri(text)) {
    return NotAUri("it does not begin with 'pkcs11:' in lower case",
                   "write pkcs11:token=...");
  }
  if (UpperCase(text).find("PIN-VALUE") != std::string::npos) {
    return NotAUri("it has a pin-value, and a PIN must not be written there",
                   "put the PIN into a file of mode 0600 and name that: "
                   "pin-source=file:/PATH. Change the PIN if others could "
                   "read it");
  }
  if (!std::all_of(text.begin(), text.end(), MayBeInUri)) {
    return NotAUri("it has a blank or another character that a URI cannot have",
                   "write a blank as %20, others as % and two hexadecimal "
                   "digits");
  }
  text.remove_prefix(kUriScheme.size());
  const std::size_t question = std::min(text.find('?'), text.size());
  SIGTOKEN_TRY(
      CheckAttributes(text.substr(0, question), {kPathNames, ';', "path"}));
  text.remove_prefix(std::min(question + 1, text.size()));
  return CheckAttributes(text, {kQueryNames, '&', "query"});
}

}  // namespace sigtoken
