// What lists do with each token.

#ifndef TOOLS_CLI_TOKEN_WALK_H_
#define TOOLS_CLI_TOKEN_WALK_H_

#include <functional>
#include <string>

#include "pkcs11/tokens/object_index.h"
#include "tools/cli/command.h"

namespace sigtoken::cli {

// ListKeys(), which says on a terminal how far it is.
Result<KeyList> ListKeysOf(const Context& context, Token& token);

// Calls `visit` with the token `name`, or with each token when it is empty.
//
// A token that another process removes meanwhile is left out. One that cannot
// be looked at is no reason to be silent about the others: its error is in
// `answer`, whose status it decides. A token that was named is an error of its
// own.
Status WalkTokens(Context& context, const std::string& name, Answer& answer,
                  const std::function<Status(Token&)>& visit);

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_TOKEN_WALK_H_
