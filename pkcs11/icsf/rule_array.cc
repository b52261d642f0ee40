#include "pkcs11/icsf/rule_array.h"

#include <algorithm>
#include <string>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

Error Invalid(std::string message, std::string cure) {
  return Refusal(kRuleArrayInvalid, CKR_ARGUMENTS_BAD, std::move(message),
                 std::move(cure));
}

std::string Listed(std::span<const std::string_view> keywords) {
  std::string text;
  for (const std::string_view keyword : keywords) {
    if (!text.empty()) text += ", ";
    text += keyword;
  }
  return text;
}

std::string_view WithoutBlanks(std::string_view keyword) {
  return keyword.substr(0, keyword.find_last_not_of(' ') + 1);
}

// The keyword as `group` spells it; empty where it is none of its own.
std::string_view In(const RuleGroup& group, std::string_view keyword) {
  const auto found =
      std::find(group.keywords.begin(), group.keywords.end(), keyword);
  return found == group.keywords.end() ? std::string_view() : *found;
}

}  // namespace

Result<std::vector<std::string_view>> ParseRuleArray(
    std::string_view rule_array, std::span<const RuleGroup> groups) {
  if (rule_array.size() % kKeywordLength != 0) {
    return Invalid("the rule array has " + std::to_string(rule_array.size()) +
                       " characters, not 8 for each keyword",
                   "pad each keyword with blanks");
  }
  std::vector<std::string_view> said(groups.size());
  for (; !rule_array.empty(); rule_array.remove_prefix(kKeywordLength)) {
    const auto keyword = WithoutBlanks(rule_array.substr(0, kKeywordLength));
    bool known = false;
    for (std::size_t i = 0; i < groups.size() && !known; ++i) {
      const std::string_view found = In(groups[i], keyword);
      if (found.empty()) continue;
      if (!said[i].empty()) {
        return Invalid("the rule array has two keywords of one kind: " +
                           std::string(said[i]) + " and " + std::string(found),
                       "leave one out");
      }
      said[i] = found;
      known = true;
    }
    if (!known) {
      std::string all;
      for (const RuleGroup& group : groups) {
        if (!all.empty()) all += ", ";
        all += Listed(group.keywords);
      }
      return Invalid("the rule " + Quoted(keyword) + " is none of this service",
                     all.empty() ? "pass no rules" : "use of these: " + all);
    }
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!said[i].empty()) continue;
    if (groups[i].otherwise.empty()) {
      return Invalid("the rule array lacks the " + std::string(groups[i].what),
                     "add one of " + Listed(groups[i].keywords));
    }
    said[i] = groups[i].otherwise;
  }
  return said;
}

}  // namespace sigtoken
