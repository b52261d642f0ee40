// RuleArray: the keywords of an ICSF callable service.

#ifndef PKCS11_ICSF_RULE_ARRAY_H_
#define PKCS11_ICSF_RULE_ARRAY_H_

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"

namespace sigtoken {

// Keywords lie one behind the other, 8 characters each, blanks behind (z/OS
// ICSF Application Programmer's Guide, "Rule array").
inline constexpr std::size_t kKeywordLength = 8;

// Of one group a caller names one keyword, or none where that is allowed: then
// `otherwise` holds.
struct RuleGroup {
  std::string_view what;  // For messages: "chaining keyword".
  std::span<const std::string_view> keywords;  // Without the blanks.
  std::string_view otherwise = {};             // Empty: one must be there.
};

// What a rule array says: of each group its keyword, in the groups' order. The
// keywords themselves may come in any order. Errors: kRuleArrayInvalid for a
// keyword of no group, one that is twice there, two of one group, and a group
// that is missing.
Result<std::vector<std::string_view>> ParseRuleArray(
    std::string_view rule_array, std::span<const RuleGroup> groups);

}  // namespace sigtoken

#endif  // PKCS11_ICSF_RULE_ARRAY_H_
