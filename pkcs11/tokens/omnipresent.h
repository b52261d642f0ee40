// SYSTOK-SESSION-ONLY: the token that is always there and holds session objects
// alone.

#ifndef PKCS11_TOKENS_OMNIPRESENT_H_
#define PKCS11_TOKENS_OMNIPRESENT_H_

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/token_name.h"

namespace sigtoken {

// Before a token object is made in `token`, by whatever call. Errors:
// kAttributeReadOnly with CKR_TOKEN_WRITE_PROTECTED for the omnipresent token.
Status CheckTakesTokenObjects(const TokenName& token);

// What CreateToken() and DeleteToken() say of it: kTokenExists, and
// kAttributeReadOnly with CKR_TOKEN_WRITE_PROTECTED.
Error IsAlwaysThere(const TokenName& token);
Error CannotBeDeleted(const TokenName& token);

// What lists of one token say of it, where the configuration does not bind its
// name: a look at it would not make it, and there would be nothing to see.
// kTokenNotFound.
Error NothingToShow(const TokenName& token);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_OMNIPRESENT_H_
