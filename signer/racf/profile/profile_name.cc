#include "signer/racf/profile/profile_name.h"

#include <algorithm>
#include <utility>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

constexpr std::string_view kGenericCharacters = "%*&";

bool IsNameCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '@' ||
         c == '#' || c == '$';
}

Error NotAName(std::string_view text, const std::string& why,
               std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 Quoted(text) + " is not a profile name: " + why,
                 std::move(cure));
}

// One qualifier of a generic name.
Status CheckGenericQualifier(std::string_view name,
                             std::string_view qualifier) {
  if (qualifier == "**") return Ok();
  const auto star = qualifier.find('*');
  if (star != std::string_view::npos && star + 1 != qualifier.size()) {
    return NotAName(name, "an asterisk stands inside of a qualifier",
                    "write one at the end of a qualifier, or ** as a whole "
                    "one");
  }
  const auto ampersand = qualifier.rfind('&');
  if (ampersand != std::string_view::npos &&
      (ampersand != 0 || qualifier.size() == 1 ||
       star != std::string_view::npos)) {
    return NotAName(name, "a variable is one whole qualifier",
                    "write & and its name, and nothing else");
  }
  return Ok();
}

Status CheckGeneric(std::string_view name) {
  std::size_t stars = 0;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    const auto qualifier = name.substr(begin, end - begin);
    SIGTOKEN_TRY(CheckGenericQualifier(name, qualifier));
    if (qualifier == "**" && ++stars > 1) {
      return NotAName(name, "** stands in it twice", "write it once");
    }
    begin = end + 1;
  }
  return Ok();
}

}  // namespace

bool ProfileName::HasGenericCharacters(std::string_view text) {
  return text.find_first_of(kGenericCharacters) != std::string_view::npos;
}

Result<ProfileName> ProfileName::Parse(std::string_view text, bool generics) {
  if (text.empty() || text.size() > kMaxLength) {
    return NotAName(text.substr(0, 32),
                    "it has " + std::to_string(text.size()) + " characters",
                    "write 1 to " + std::to_string(kMaxLength));
  }
  const auto bad = std::find_if(text.begin(), text.end(), [](char c) {
    return !IsNameCharacter(c) && c != '.' &&
           kGenericCharacters.find(c) == std::string_view::npos;
  });
  if (bad != text.end()) {
    return NotAName(text, Quoted(std::string_view(&*bad, 1)) + " stands in it",
                    "write JWT.appl.user.SAF of A-Z 0-9 @ # $, with % and * "
                    "for a generic one");
  }
  if (text.front() == '.' || text.back() == '.' ||
      text.find("..") != std::string_view::npos) {
    return NotAName(text, "a qualifier is empty",
                    "write one period between two qualifiers");
  }
  const bool is_generic = generics && HasGenericCharacters(text);
  if (is_generic) SIGTOKEN_TRY(CheckGeneric(text));
  return ProfileName(std::string(text), is_generic);
}

std::string ProfileName::Rank() const {
  std::string rank;
  for (std::size_t i = 0; i < text_.size(); ++i) {
    switch (text_[i]) {
      case '&':
        rank += kRankVariable;
        break;
      case '%':
        rank += kRankOne;
        break;
      case '*':
        if (i + 1 < text_.size() && text_[i + 1] == '*') {
          rank += kRankStars;
          ++i;
        } else {
          rank += kRankStar;
        }
        break;
      default:
        rank += text_[i];
    }
  }
  rank += kRankEnd;
  return rank;
}

}  // namespace sigtoken
