#include "pkcs11/icsf/token_name.h"

#include <algorithm>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

constexpr std::string_view kOmnipresent = "SYSTOK-SESSION-ONLY";

bool MayBegin(char c) {
  return (c >= 'A' && c <= 'Z') || c == '@' || c == '#' || c == '$';
}

bool MayFollow(char c) {
  return MayBegin(c) || (c >= '0' && c <= '9') || c == '.';
}

bool IsName(std::string_view text) {
  return text == kOmnipresent ||
         (!text.empty() && text.size() <= TokenName::kMaxLength &&
          MayBegin(text.front()) &&
          std::all_of(text.begin(), text.end(), MayFollow));
}

}  // namespace

Result<TokenName> TokenName::Parse(std::string_view text) {
  if (IsName(text)) return TokenName(std::string(text));
  const std::string upper = UpperCase(text);
  const std::string cure =
      IsName(upper)
          ? "names are upper case: write " + upper
          : "a name has 1 to 32 characters: first A-Z @ # $, then also 0-9 "
            "and the period";
  return Refusal(kHandleInvalid, CKR_ARGUMENTS_BAD,
                 Quoted(text) + " is not a token name", cure);
}

TokenName TokenName::Omnipresent() {
  return TokenName(std::string(kOmnipresent));
}

bool TokenName::is_omnipresent() const { return text_ == kOmnipresent; }

std::string TokenName::Padded() const {
  std::string padded = text_;
  padded.resize(kMaxLength, ' ');
  return padded;
}

}  // namespace sigtoken
