// The random bytes of a token.

#ifndef PKCS11_TOKENS_TOKEN_RANDOM_H_
#define PKCS11_TOKENS_TOKEN_RANDOM_H_

#include <cstddef>

#include "pkcs11/base/cleansed_bytes.h"
#include "pkcs11/base/result.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// All of them or none: they may become a key. Logs in first, since a session
// that is not logged in would be none of the token's pool. After an answer that
// the device is gone the module is opened anew and asked once more. Errors: as
// GenerateRandom() and Token::Login().
Result<CleansedBytes> RandomBytesOf(Token& token, std::size_t count);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_TOKEN_RANDOM_H_
