// Delete, disable and enable a key.

#ifndef KEYGEN_REMOVE_H_
#define KEYGEN_REMOVE_H_

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

enum class Removal {
  kDestroyed,
  kReleased,  // The handle of an adopted key was taken back; the key stays.
};

// Destroys the key for good (ICSF's CSFPTRD with the rule OBJECT); its sequence
// number does not come back. `force` also destroys what is refused elsewhere:
// an object that is not what its category says, that is not whole, or whose
// place another key has taken.
//
// A key that others made is destroyed only when forced: else an adopted one
// loses its handle here and stays in the token, and one that the configuration
// binds is refused.
//
// Errors: kObjectNotFound; kParameterInvalid for a bound key; kNotAvailable
// when the object is there still after the module said that it was destroyed.
Result<Removal> DeleteKey(Token& token, ObjectId id, bool force);

// A disabled key neither signs nor verifies, here; the token itself is not
// touched. Other processes see it after a second at most. Errors:
// kObjectNotFound.
Status DisableKey(Token& token, ObjectId id, bool disabled);

}  // namespace sigtoken

#endif  // KEYGEN_REMOVE_H_
