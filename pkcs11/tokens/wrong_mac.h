// How a module says that a MAC is wrong.

#ifndef PKCS11_TOKENS_WRONG_MAC_H_
#define PKCS11_TOKENS_WRONG_MAC_H_

#include <p11-kit/pkcs11.h>

#include "pkcs11/cryptoki/mac_algorithm.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// Whether the module works and answers `rv` to a wrong MAC in C_Verify.
//
// PKCS #11 v2.40, section 5.12, has CKR_SIGNATURE_INVALID for it, but NSS 3.87
// answers CKR_DEVICE_ERROR, as a device that is gone does. A key that may not
// sign cannot settle which it was, so it is tried with a session key that may,
// and is gone afterwards: its right MAC must verify, its wrong one be answered
// with `rv`. False also where that cannot be tried.
bool AnswersWrongMac(Token& token, const HostLock::Exclusive& held,
                     const MacAlgorithm& algorithm, CK_RV rv);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_WRONG_MAC_H_
