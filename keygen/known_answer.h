// What a key must do before it counts as made.

#ifndef KEYGEN_KNOWN_ANSWER_H_
#define KEYGEN_KNOWN_ANSWER_H_

#include "keygen/key_spec.h"
#include "pkcs11/base/result.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// Signs a fixed text twice and has the module verify it, once right and once
// with a MAC that is changed; with the algorithm that the spec names, else with
// every one, or each that is not longer than the key, HS256 at least. A key
// that may not sign only gets the wrong MAC to refuse.
//
// Each step has a session of its own, since an error leaves a session unusable.
// Errors: CKR_KEY_SIZE_RANGE with the size that the module needs; as the module
// gave them; CKR_DEVICE_ERROR for an answer that is wrong.
Status CheckKnownAnswer(Token& token, const HostLock::Exclusive& held,
                        CK_OBJECT_HANDLE key, const KeySpec& spec,
                        bool every_algorithm);

}  // namespace sigtoken

#endif  // KEYGEN_KNOWN_ANSWER_H_
