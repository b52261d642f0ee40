// A key by which something is tried with a module.

#ifndef PKCS11_TOKENS_TRIAL_KEY_H_
#define PKCS11_TOKENS_TRIAL_KEY_H_

#include <cstddef>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/cryptoki/session.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// The template of a secret key that signs and verifies and ends with the
// session: it is not in the token.
Attributes TrialKey();

// Generates one of `bytes`. The token is logged in to.
Result<CK_OBJECT_HANDLE> MakeTrialKey(Session& session, std::size_t bytes);

// Whether the token signs with such a key: its device is well then, and what
// went wrong lies elsewhere. Takes the host lock.
bool SignsWithATrialKey(Token& token);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_TRIAL_KEY_H_
