// User IDs and application names: what both look like.

#ifndef SIGNER_RACF_USER_ID_H_
#define SIGNER_RACF_USER_ID_H_

#include <string_view>

#include "pkcs11/base/result.h"

namespace sigtoken {

// Whether `text` has 1 to 8 characters of A-Z 0-9 @ # $: a user ID, and an
// application name, as they stand in identity tokens and profile names.
bool IsUserId(std::string_view text);

// As IsUserId. `what` names the text in the message: "user". Errors:
// kParameterInvalid; for lower case with the upper-case form as the cure.
Status CheckUserId(std::string_view text, std::string_view what);

}  // namespace sigtoken

#endif  // SIGNER_RACF_USER_ID_H_
