// Adopt a key that others made: it gets a handle, and nothing else changes.

#ifndef KEYGEN_ADOPT_H_
#define KEYGEN_ADOPT_H_

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/cryptoki/session.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/store/host_lock.h"
#include "pkcs11/tokens/object_index.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// Gives the one key with the attributes `wanted` the token's next handle, in
// the state store. The token is not written to: SoftHSM2 loses a key when a
// process is killed inside C_SetAttributeValue.
//
// The key is found again by its CKA_ID and CKA_LABEL, and only while it has
// the check value that it has now. One that may verify and not sign shows none,
// and nobody here knows its value: another one in its place is taken for it.
//
// Errors:
//   kParameterInvalid          a category of keys that end with the process
//   kObjectNotFound, kHandleInvalid  no key fits `wanted`, or several do; it
//                              has a handle already; its attributes are not
//                              what `category` promises; it has neither label
//                              nor CKA_ID, or another key has the same
//   kKeyTypeInconsistent       it is no key for HMAC
//   kKeyFunctionNotPermitted   it may neither sign nor verify
//   kAttributeValueInvalid     it is empty or has only zeros
//   as C_SignInit and C_Sign gave them, where it may sign and made no check
//                              value, twice: kNotAvailable for a device that
//                              fails. Not CKR_KEY_TYPE_INCONSISTENT, which is
//                              that of a key for another hash
Result<FoundKey> AdoptKey(Token& token, const Attributes& wanted,
                          char category);

// Gives an RSA key, public or private, the token's next handle, of category T,
// in the same way; `object` is good for `session`. Errors: kHandleInvalid where
// it has neither label nor CKA_ID, or another key of its class has the same.
Result<ObjectId> AdoptRsaKey(Token& token, const HostLock::Exclusive& held,
                             Session& session, CK_OBJECT_HANDLE object);

// Takes the handle of an adopted key back; the key stays. Errors:
// kObjectNotFound for a handle that no adopted key has.
Status ReleaseKey(Token& token, ObjectId id);

}  // namespace sigtoken

#endif  // KEYGEN_ADOPT_H_
