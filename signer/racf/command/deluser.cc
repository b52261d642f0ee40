// DELUSER.

#include "signer/racf/command/commands.h"
#include "signer/racf/command/user_ids.h"

namespace sigtoken {

Status Deluser(CommandContext& context, std::span<const Operand> operands) {
  SIGTOKEN_ASSIGN(const auto read, ReadUserIds(operands, "DELUSER"));
  if (!read.keywords.empty()) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "IKJ56712I INVALID KEYWORD",
                   "DELUSER takes user IDs, nothing else");
  }
  for (const std::string& id : read.ids) {
    SIGTOKEN_ASSIGN(const bool deleted, context.users.Delete(id));
    if (!deleted) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     "ICH04001I ERROR LOCATING " + id,
                     "it is not defined; list the users with LISTUSER *");
    }
  }
  return Ok();
}

}  // namespace sigtoken
