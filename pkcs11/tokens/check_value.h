// The check value of a key: proof that it is the same key still.

#ifndef PKCS11_TOKENS_CHECK_VALUE_H_
#define PKCS11_TOKENS_CHECK_VALUE_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/session.h"

namespace sigtoken {

// HMAC-SHA-256 of the key over no data, 32 bytes. The caller gives a session
// that may be dropped: after an error it is of no more use. It takes no host
// lock.
//
// Errors: kAttributeValueInvalid for the check value of the empty key, which is
// also that of every key of zeros alone (RFC 2104, section 2, pads with zeros);
// as C_SignInit and C_Sign gave them.
Result<std::vector<std::uint8_t>> CheckMac(Session& session,
                                           CK_OBJECT_HANDLE key);

// The key check value that people compare: the first three bytes as six
// upper-case hexadecimal digits, as Mastercard's p11kcv shows it. It is not
// CKA_CHECK_VALUE, which PKCS #11 defines for block ciphers.
std::string KeyCheckValue(std::span<const std::uint8_t> check_mac);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_CHECK_VALUE_H_
