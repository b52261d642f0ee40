// MakeKey: a new key, by whatever call makes it, proven before it counts.

#ifndef KEYGEN_MAKER_H_
#define KEYGEN_MAKER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "keygen/key_spec.h"
#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/cryptoki/session.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// How a key comes into the token.
struct KeyCreation {
  // The call that makes it, with these attributes.
  std::function<Result<CK_OBJECT_HANDLE>(Session&, const Attributes&)> create;
  // Its size in the token, where spec.bytes is that which people are told.
  std::size_t stored_bytes = 0;
  // Whether each algorithm is tried, also those whose MAC is longer than the
  // key: who hands over a key does not say what it is for.
  bool every_algorithm = false;
  // What else must hold of the key that was made; null for nothing more.
  std::function<Status(const FoundKey&)> proof;
  // Its check value, where it is known without the module: by this, one that
  // may not sign is compared too, now and whenever it is found.
  std::optional<std::vector<std::uint8_t>> check_mac = std::nullopt;
};

// Makes a key under the token's next sequence number. It may sign and verify,
// nothing else, and stays in the token.
//
// It counts as made, and is in the state store, only after it was found again
// exactly once, its attributes were read back and compared, and it signed and
// verified a known text; else it is destroyed again. A process that is killed
// on the way leaves no number that is handed out twice and nothing that is
// listed as a key and cannot sign. Another host that has no part in the state
// store may make a key of the same number at the same moment: who finds both
// withdraws its own and takes the next number.
//
// Errors:
//   as CheckTakesTokenObjects() and CheckSpec(), before anything is touched
//   CKR_KEY_SIZE_RANGE         the module does not use such a key; the size
//                              that it needs is in the cure
//   any other                  as the module or the store gave it
Result<MadeKey> MakeKey(Token& token, const KeySpec& spec,
                        const KeyCreation& source);

// MakeKey() in some token, or MakeSessionKey() (keygen/session_key.h).
using KeyMaker =
    std::function<Result<MadeKey>(const KeySpec&, const KeyCreation&)>;
KeyMaker MakerIn(Token& token);

}  // namespace sigtoken

#endif  // KEYGEN_MAKER_H_
