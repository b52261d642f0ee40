// Random bytes by C_GenerateRandom.

#ifndef PKCS11_CRYPTOKI_RANDOM_H_
#define PKCS11_CRYPTOKI_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/session.h"

namespace sigtoken {

// What is asked of a module at once. Ours: modules behind a network or a daemon
// have a largest message and do not say which.
inline constexpr std::size_t kRandomPieceBytes = 4096;

// Fills `output` with the token's random bytes; after an error it may hold some
// of them. The session needs no login and no host lock.
//
// Errors: CKR_DEVICE_ERROR for an answer of at least 16 bytes that are all
// zero, which no generator gives in the life of the world; 12/8 for a token
// that has none (CKR_RANDOM_NO_RNG); as the module gave them.
Status GenerateRandom(Session& session, std::span<std::uint8_t> output);

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_RANDOM_H_
