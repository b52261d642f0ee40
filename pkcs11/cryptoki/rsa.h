// RSA signatures by C_Sign.

#ifndef PKCS11_CRYPTOKI_RSA_H_
#define PKCS11_CRYPTOKI_RSA_H_

#include <p11-kit/pkcs11.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/session.h"

namespace sigtoken {

// The largest modulus that modules and OpenSSL know: 16,384 bits.
inline constexpr std::size_t kMaxRsaBytes = 2048;

// The PKCS #1 v1.5 signature over the DER of a DigestInfo, by CKM_RSA_PKCS,
// which all modules with RSA have, whatever hashes they know. It is as long as
// the modulus. The output buffer is always of full size: one module in use
// writes past a shorter one.
//
// Precondition: the key is a private RSA key. SoftHSM2 2.6.1 takes any other,
// and answers CKR_GENERAL_ERROR in C_Sign.
//
// After an error the caller drops the session, as with SignMac(); no host lock
// is needed. Errors: CKR_DEVICE_ERROR for a signature of another length;
// kKeyFunctionNotPermitted for a modulus beyond kMaxRsaBytes; as C_SignInit and
// C_Sign gave them.
Result<std::vector<std::uint8_t>> SignRsaPkcs(
    Session& session, CK_OBJECT_HANDLE key,
    std::span<const std::uint8_t> digest_info);

// The length in bytes of a CKA_MODULUS, a big-endian number: zeros in front
// count for nothing.
std::size_t RsaBytes(std::span<const std::uint8_t> modulus);

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_RSA_H_
