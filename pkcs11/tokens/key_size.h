// How long a key must be for a module.

#ifndef PKCS11_TOKENS_KEY_SIZE_H_
#define PKCS11_TOKENS_KEY_SIZE_H_

#include <cstddef>
#include <optional>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/mac_algorithm.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// The least of the usual key sizes that the module takes for `algorithm`, from
// 10 to 64 bytes. It is found by trying, in session keys that are gone
// afterwards: generated ones, and imported ones where none of those signs.
// Nothing where it takes none.
std::optional<std::size_t> LeastKeyBytes(Token& token,
                                         const HostLock::Exclusive& held,
                                         const MacAlgorithm& algorithm);

// The error for a key of `bytes` bytes (0: unknown) that the module does not
// use for `algorithm` (CKR_KEY_SIZE_RANGE, in `error`), with the size that it
// needs in the cure. The size is that of LeastKeyBytes(): what
// C_GetMechanismInfo says of sizes is in bytes, in bits or wrong, depending on
// the module.
Error KeyTooShort(Token& token, const HostLock::Exclusive& held, Error error,
                  const MacAlgorithm& algorithm, std::size_t bytes);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_KEY_SIZE_H_
