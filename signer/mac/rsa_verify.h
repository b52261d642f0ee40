// RSA signatures, checked by OpenSSL.

#ifndef SIGNER_MAC_RSA_VERIFY_H_
#define SIGNER_MAC_RSA_VERIFY_H_

#include <cstdint>
#include <span>
#include <vector>

#include "pkcs11/base/result.h"
#include "signer/mac/digest.h"

namespace sigtoken {

// Big-endian numbers, as CKA_MODULUS and CKA_PUBLIC_EXPONENT have them.
struct RsaPublicKey {
  std::vector<std::uint8_t> modulus;
  std::vector<std::uint8_t> exponent;
};

// Whether these are numbers that sigtoken verifies with: an odd modulus of
// 1,024 to 16,384 bits, and an odd exponent of 2 to 64 bits. (OpenSSL takes no
// larger ones, and would call each signature wrong.) Errors:
// kKeyTypeInconsistent.
Status CheckRsaPublicKey(const RsaPublicKey& key);

// Whether `signature` is the PKCS #1 v1.5 signature over `hash`; one that is
// not as long as the modulus is none (RFC 8017, 8.2.2, step 1). Precondition:
// CheckRsaPublicKey(). Errors: kServiceNotAvailable where OpenSSL does not do
// it.
Result<bool> VerifyRsaPkcs(const RsaPublicKey& key, const HashMethod& method,
                           std::span<const std::uint8_t> hash,
                           std::span<const std::uint8_t> signature);

}  // namespace sigtoken

#endif  // SIGNER_MAC_RSA_VERIFY_H_
