// What to do about a PIN that a token does not take.

#ifndef PKCS11_TOKENS_PIN_CURES_H_
#define PKCS11_TOKENS_PIN_CURES_H_

#include <p11-kit/pkcs11.h>

#include <string>

#include "pkcs11/store/refused_pins.h"
#include "pkcs11/store/token_records.h"

namespace sigtoken {

// Whom the PIN belongs to.
enum class PinOwner { kUser, kSecurityOfficer };

// The cure of what `token` says to the PIN of `owner` with a code for which
// IsPinRefusal() holds, or another one that comes to the same. `path` is the
// file with the PIN, "" where it is in none. A PIN that is locked or has
// expired is not mended by another one in the file: it is set in the token
// first (PKCS #11 v2.40, 5.5, C_InitPIN and C_SetPIN).
std::string CureOfPin(CK_RV rv, PinOwner owner, const TokenIdentity& token,
                      const std::string& path);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_PIN_CURES_H_
