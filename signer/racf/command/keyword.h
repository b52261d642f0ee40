// Keywords of RACF commands, which may be shortened.

#ifndef SIGNER_RACF_COMMAND_KEYWORD_H_
#define SIGNER_RACF_COMMAND_KEYWORD_H_

#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/printable.h"
#include "pkcs11/base/result.h"
#include "signer/racf/command/operand.h"

namespace sigtoken {

// The one of `keywords` that `word` names, in full or by a beginning that no
// other one has; each has a member `name`. Errors: kParameterInvalid.
template <typename Keywords>
auto MatchKeyword(const Keywords& keywords, const std::string& word)
    -> Result<decltype(&*std::begin(keywords))> {
  std::vector<decltype(&*std::begin(keywords))> matches;
  for (const auto& keyword : keywords) {
    if (keyword.name == word) return &keyword;
    if (!word.empty() && keyword.name.starts_with(word)) {
      matches.push_back(&keyword);
    }
  }
  if (matches.size() == 1) return matches.front();
  std::string known;
  if (matches.empty()) {
    for (const auto& keyword : keywords) {
      known.append(known.empty() ? "" : ", ").append(keyword.name);
    }
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "IKJ56712I INVALID KEYWORD, " + Printable(word),
                   "known here: " + known);
  }
  for (const auto* match : matches) {
    known.append(known.empty() ? "" : ", ").append(match->name);
  }
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 Printable(word) + " is ambiguous: it may stand for " + known,
                 "write it in full");
}

// The one value in the parentheses of `operand`. Errors: kParameterInvalid.
Result<Operand> OneValue(const Operand& operand);

// `operand` has no parentheses. Errors: kParameterInvalid.
Status NoValue(const Operand& operand);

}  // namespace sigtoken

#endif  // SIGNER_RACF_COMMAND_KEYWORD_H_
