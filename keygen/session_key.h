// Session keys: keys that end with the process.

#ifndef KEYGEN_SESSION_KEY_H_
#define KEYGEN_SESSION_KEY_H_

#include "keygen/key_spec.h"
#include "keygen/maker.h"
#include "pkcs11/base/result.h"
#include "pkcs11/objects/icsf.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// As MakeKey(), of category S or X: a session object of the token, which all
// threads of this process see and nobody else. It is proven as a key of the
// token is; the state store does not hear of it.
//
// It goes with the token's login: when the module is opened anew after a fault,
// its users get kSessionObjectGone.
//
// Errors: kParameterInvalid for another category; as MakeKey().
Result<MadeKey> MakeSessionKey(Icsf& icsf, Token& token, const KeySpec& spec,
                               const KeyCreation& source);

// Destroys a session object of this process, of whatever class. Errors:
// kObjectNotFound.
Status DeleteSessionObject(Icsf& icsf, Token& token, ObjectId id);

// The maker for the category of `spec`, T, Y, S or X.
KeyMaker MakerFor(Icsf& icsf, Token& token, const KeySpec& spec);

}  // namespace sigtoken

#endif  // KEYGEN_SESSION_KEY_H_
