// When a module is opened anew because its device, or the login, is gone.

#ifndef PKCS11_TOKENS_RECOVERY_H_
#define PKCS11_TOKENS_RECOVERY_H_

#include "pkcs11/base/error.h"

namespace sigtoken {

// Whether the module gave an answer that all sessions and objects may be gone
// with, and that a fresh C_Initialize and C_Login may cure: modules use any of
// a set of codes for it (five of them measured), vendors their own; a code that
// nobody knows is like a vendor's.
//
// Not of C_Login: what it answers, Token::Login() alone judges.
bool IsCuredByOpeningAnew(const Error& error);

// Whether it says that the object is gone.
bool IsObjectGone(const Error& error);

// Whether it says that the session is gone, alone or with all others of its
// initialisation: what was found in them may be another object by now.
bool IsSessionGone(const Error& error);

// Whether it says that the object or the session is gone, or the session in a
// state that only a new one cures: worth one more try with both found anew.
bool IsStale(CK_RV rv);

// As IsStale(), of an answer of the module. Not of C_Login, as above.
bool IsCuredByRepeating(const Error& error);

// Whether modules give that code for a request that they cannot carry out, too,
// while the device is well.
bool MayBeOfTheRequest(CK_RV rv);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_RECOVERY_H_
