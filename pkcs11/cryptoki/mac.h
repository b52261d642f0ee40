// MACs by C_Sign and C_Verify.

#ifndef PKCS11_CRYPTOKI_MAC_H_
#define PKCS11_CRYPTOKI_MAC_H_

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <span>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/mac_algorithm.h"
#include "pkcs11/cryptoki/session.h"

namespace sigtoken {

// After an error of any of these the session may still be in the middle of the
// operation, and PKCS #11 v2.40 has no call that ends it: the caller drops the
// session. They need no host lock.

// The MAC of `data` under `key`. The output buffer is always of full size: one
// module in use writes past a shorter one, another cuts the MAC with CKR_OK.
Result<Mac> SignMac(Session& session, CK_OBJECT_HANDLE key,
                    const MacAlgorithm& algorithm,
                    std::span<const std::uint8_t> data);

// Whether `mac` is the MAC of `data`, by C_Verify: only for keys that may
// verify and not sign. A MAC of another length than the algorithm's is false
// before the module sees it, since some modules do not look at the length.
//
// NSS answers CKR_DEVICE_ERROR to a wrong MAC. Here that is an error like any
// other, for a device that is gone answers the same; tokens/wrong_mac.h tells
// the two apart.
Result<bool> VerifyMac(Session& session, CK_OBJECT_HANDLE key,
                       const MacAlgorithm& algorithm,
                       std::span<const std::uint8_t> data,
                       std::span<const std::uint8_t> mac);

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_MAC_H_
