// The RSA keys of CSFPOWH: objects that other tools put into a token.

#ifndef SIGNER_MAC_RSA_KEY_H_
#define SIGNER_MAC_RSA_KEY_H_

#include <cstdint>
#include <span>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/objects/icsf.h"
#include "signer/mac/rsa_verify.h"

namespace sigtoken {

// Errors of all of these, for each call looks for the key anew:
//   kObjectNotFound, kTokenNotFound
//   kKeyTypeInconsistent       the object is of another class or key type
//   kKeyFunctionNotPermitted   CKA_SIGN or CKA_VERIFY is not TRUE
//   kObjectDisabled            the key is disabled
//   any other                  as the module gave it
// Thread safe: each has a session to itself.

// Whether the private key may sign. Errors: kNotAuthorized for one that asks
// for the PIN at each signature (CKA_ALWAYS_AUTHENTICATE).
Status CheckRsaSigner(Icsf& icsf, const Handle& handle);

// The PKCS #1 v1.5 signature by the private key. Errors: as CheckRsaSigner()
// and SignRsaPkcs().
Result<std::vector<std::uint8_t>> SignRsa(
    Icsf& icsf, const Handle& handle,
    std::span<const std::uint8_t> digest_info);

// The public key, which may verify. Errors: as CheckRsaPublicKey().
Result<RsaPublicKey> FindRsaVerifier(Icsf& icsf, const Handle& handle);

}  // namespace sigtoken

#endif  // SIGNER_MAC_RSA_KEY_H_
