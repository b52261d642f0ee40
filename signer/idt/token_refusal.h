// TokenRefusal: why an identity token is not accepted.

#ifndef SIGNER_IDT_TOKEN_REFUSAL_H_
#define SIGNER_IDT_TOKEN_REFUSAL_H_

#include <string>
#include <variant>

#include "signer/racf/codes.h"

namespace sigtoken {

// An answer, not a failure, and so no Error: the token was looked at and is not
// good. `reason` is a sentence without a full stop that repeats nothing of the
// token.
struct TokenRefusal {
  RacfCode code;  // RACROUTE's.
  std::string reason;
  std::string cure = {};  // Where the code's own would not help.
};

// What was read, or why it is refused.
template <typename T>
using Checked = std::variant<T, TokenRefusal>;

}  // namespace sigtoken

#endif  // SIGNER_IDT_TOKEN_REFUSAL_H_
