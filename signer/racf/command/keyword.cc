#include "signer/racf/command/keyword.h"

#include <algorithm>

namespace sigtoken {
namespace {

std::string Joined(const std::vector<std::string_view>& names) {
  std::string joined;
  for (const std::string_view name : names) {
    joined.append(joined.empty() ? "" : ", ").append(name);
  }
  return joined;
}

}  // namespace

Error NoKeyword(const std::string& word, const KeywordMatches& found,
                Repeat repeat) {
  const bool says_word = repeat == Repeat::kWord;
  std::vector<std::string_view> all = found.kept;
  all.insert(all.end(), found.others.begin(), found.others.end());
  const bool exact = std::find(all.begin(), all.end(), word) != all.end();
  if (all.empty()) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   says_word ? "IKJ56712I INVALID KEYWORD, " + Printable(word)
                             : "IKJ56712I INVALID KEYWORD",
                   "known here: " + Joined(found.known));
  }
  if (exact || all.size() == 1) {
    const std::string name = exact ? word : std::string(all.front());
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "RACF's keyword " + name + " is not kept here",
                   "leave it out: it changes nothing about identity tokens");
  }
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 (says_word ? Printable(word) : "a keyword") +
                     " is ambiguous: it may stand for " + Joined(all),
                 "write it in full");
}

Result<Operand> OneValue(const Operand& operand) {
  if (operand.values.size() == 1 && !operand.values.front().has_values) {
    return operand.values.front();
  }
  if (operand.values.empty()) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "IKJ56701I MISSING " + Printable(operand.word) + " VALUE",
                   "write it in parentheses behind the keyword");
  }
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 Printable(operand.word) + " takes one value",
                 "quote one that has blanks");
}

Status NoValue(const Operand& operand) {
  if (!operand.has_values) return Ok();
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 Printable(operand.word) + " takes no value",
                 "leave out the parentheses");
}

}  // namespace sigtoken
