// Keywords of RACF commands, which may be shortened.

#ifndef SIGNER_RACF_COMMAND_KEYWORD_H_
#define SIGNER_RACF_COMMAND_KEYWORD_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/printable.h"
#include "pkcs11/base/result.h"
#include "signer/racf/command/operand.h"

namespace sigtoken {

// What MatchKeyword() has seen where it found no keyword, or several.
struct KeywordMatches {
  std::vector<std::string_view> kept;
  std::vector<std::string_view> others;
  std::vector<std::string_view> known;  // All that are kept, if none matches.
};

// Whether a message repeats a word that is no keyword. Where passwords stand,
// it may be one in the wrong place.
enum class Repeat { kWord, kNothing };

Error NoKeyword(const std::string& word, const KeywordMatches& found,
                Repeat repeat);

// What RACF has beside the keywords that are kept here, by their names alone.
using OtherKeywords = std::span<const std::string_view>;

// The one of `keywords` that `operand` names, in full or by a beginning that no
// other one has, nor one of `others`; each has a member `name`. Errors:
// kParameterInvalid, which says so of one of `others`.
template <typename Keywords>
auto MatchKeyword(const Keywords& keywords, const Operand& operand,
                  OtherKeywords others = {}, Repeat repeat = Repeat::kWord)
    -> Result<decltype(&*std::begin(keywords))> {
  const std::string& word = operand.word;
  std::vector<decltype(&*std::begin(keywords))> matches;
  KeywordMatches found;
  for (const auto& keyword : keywords) {
    if (operand.quoted) break;
    if (keyword.name == word) return &keyword;
    if (!word.empty() && keyword.name.starts_with(word)) {
      matches.push_back(&keyword);
      found.kept.emplace_back(keyword.name);
    }
  }
  for (const std::string_view other : others) {
    if (!operand.quoted && !word.empty() && other.starts_with(word)) {
      found.others.push_back(other);
    }
  }
  if (matches.size() == 1 && found.others.empty()) return matches.front();
  if (matches.empty()) {
    for (const auto& keyword : keywords) found.known.emplace_back(keyword.name);
  }
  return NoKeyword(word, found, repeat);
}

// The one value in the parentheses of `operand`. Errors: kParameterInvalid.
Result<Operand> OneValue(const Operand& operand);

// `operand` has no parentheses. Errors: kParameterInvalid.
Status NoValue(const Operand& operand);

}  // namespace sigtoken

#endif  // SIGNER_RACF_COMMAND_KEYWORD_H_
