// Generate a secret key in a token: ICSF's CSFPGSK with the rule KEY.

#ifndef KEYGEN_GENERATE_H_
#define KEYGEN_GENERATE_H_

#include <cstddef>

#include "keygen/key_spec.h"
#include "keygen/maker.h"
#include "pkcs11/base/result.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// Ours: no module at hand generates longer ones everywhere (NSS ends here).
inline constexpr std::size_t kMaxKeyBytes = 256;

// Makes a random CKK_GENERIC_SECRET that stays in the token and may sign and
// verify, nothing else, under the token's next sequence number.
//
// Errors:
//   kParameterInvalid          a part of the spec is out of range
//   any other                  as MakeKey() (keygen/maker.h)
Result<MadeKey> GenerateKey(Token& token, const KeySpec& spec);

// As above, by the maker of a token or a session object.
Result<MadeKey> GenerateKey(const KeyMaker& maker, const KeySpec& spec);

}  // namespace sigtoken

#endif  // KEYGEN_GENERATE_H_
