// The check value of a key: proof that it is the same key still.

#ifndef PKCS11_TOKENS_CHECK_VALUE_H_
#define PKCS11_TOKENS_CHECK_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
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
// `value_bytes` is the key's CKA_VALUE_LEN where it is known: zeros that are
// longer than SHA-256's block of 64 bytes are hashed first, so that each length
// has a check value of its own.
Result<std::vector<std::uint8_t>> CheckMac(
    Session& session, CK_OBJECT_HANDLE key,
    std::optional<std::size_t> value_bytes);

// The same question for a key that may verify and not sign: whether the MAC of
// a worthless key fits it. Errors: as C_VerifyInit and C_Verify gave them.
Result<bool> VerifiesForEverybody(Session& session, CK_OBJECT_HANDLE key,
                                  std::optional<std::size_t> value_bytes);

// What is said of such a key: kAttributeValueInvalid.
Error WorthlessKey();

// The key check value that people compare: the first three bytes as six
// upper-case hexadecimal digits, as Mastercard's p11kcv shows it. It is not
// CKA_CHECK_VALUE, which PKCS #11 defines for block ciphers.
std::string KeyCheckValue(std::span<const std::uint8_t> check_mac);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_CHECK_VALUE_H_
