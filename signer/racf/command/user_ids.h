// The user IDs that commands begin with.

#ifndef SIGNER_RACF_COMMAND_USER_IDS_H_
#define SIGNER_RACF_COMMAND_USER_IDS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "signer/racf/command/operand.h"

namespace sigtoken {

// The user IDs behind the name of ADDUSER, ALTUSER, LISTUSER or DELUSER, one or
// several in parentheses, and what follows them.
struct UserIdsAndKeywords {
  std::vector<std::string> ids;
  std::span<const Operand> keywords;
};

// Errors: kParameterInvalid, which does not repeat what is no user ID: it may
// be a password that stands in the wrong place.
Result<UserIdsAndKeywords> ReadUserIds(std::span<const Operand> operands,
                                       std::string_view command);

}  // namespace sigtoken

#endif  // SIGNER_RACF_COMMAND_USER_IDS_H_
