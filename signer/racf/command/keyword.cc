#include "signer/racf/command/keyword.h"

namespace sigtoken {

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
