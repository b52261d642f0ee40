#include "signer/racf/command/user_ids.h"

#include "signer/racf/user_id.h"

namespace sigtoken {
namespace {

bool IsPlainUserId(const Operand& operand) {
  return !operand.quoted && !operand.has_values && IsUserId(operand.word);
}

}  // namespace

Result<UserIdsAndKeywords> ReadUserIds(std::span<const Operand> operands,
                                       std::string_view command) {
  const std::string example = "write " + std::string(command) + " USER01";
  const auto missing = [&] {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "IKJ56701I MISSING USERID", example);
  };
  if (operands.empty()) return missing();
  // A list stands there as an operand without a word.
  const Operand& first = operands.front();
  const bool is_list = first.word.empty() && first.has_values && !first.quoted;
  const std::span<const Operand> ids =
      is_list ? std::span<const Operand>(first.values) : operands.first(1);
  if (ids.empty()) return missing();
  UserIdsAndKeywords read{{}, operands.subspan(1)};
  for (const Operand& id : ids) {
    if (!IsPlainUserId(id)) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     "IKJ56702I INVALID USERID",
                     example +
                         ", 1 to 8 characters of A-Z, 0-9, @, # and $; several "
                         "in parentheses");
    }
    read.ids.push_back(id.word);
  }
  return read;
}

}  // namespace sigtoken
