// Generate a secret key in a token: ICSF's CSFPGSK with the rule KEY.

#ifndef KEYGEN_GENERATE_H_
#define KEYGEN_GENERATE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/mac_algorithm.h"
#include "pkcs11/tokens/object_index.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// 64 bytes serve all three algorithms, on every module that was measured.
inline constexpr std::size_t kDefaultKeyBytes = 64;
// Ours: no module at hand generates longer ones everywhere (NSS ends here).
inline constexpr std::size_t kMaxKeyBytes = 256;
// CKA_LABEL as ICSF's callers know it.
inline constexpr std::size_t kMaxLabelBytes = 32;

// What to make.
struct KeySpec {
  // What the key is for; null when nothing was said. It decides what is tried
  // before the key counts as made, not what the key may do later.
  const MacAlgorithm* algorithm = nullptr;
  std::size_t bytes = kDefaultKeyBytes;
  std::string label;         // UTF-8; need not be new.
  char category = 'T';       // T or Y.
  bool verify_only = false;  // CKA_SIGN FALSE: a validator that cannot mint.
  bool exportable = false;   // CKA_SENSITIVE FALSE, CKA_EXTRACTABLE TRUE.
  bool if_absent = false;    // A key of that label that is there will do.
};

struct GeneratedKey {
  FoundKey key;
  bool existed = false;  // By if_absent.
  // Optional protections that the module refused, by name.
  std::vector<std::string> not_kept;
};

// Makes a random CKK_GENERIC_SECRET that stays in the token and may sign and
// verify, nothing else, under the token's next sequence number.
//
// It counts as made, and is in the state store, only after it was found again
// exactly once, its attributes were read back and compared, and it signed and
// verified a known text; else it is destroyed again. A process that is killed
// on the way leaves no number that is handed out twice and nothing that is
// listed as a key and cannot sign.
//
// Errors:
//   kParameterInvalid          a part of the spec is out of range
//   kAttributeValueInvalid     exportable, and category Y
//   CKR_KEY_SIZE_RANGE         the module does not use such a key; the size
//   that
//                              it needs is in the cure
//   any other                  as the module or the store gave it
Result<GeneratedKey> GenerateKey(Token& token, const KeySpec& spec);

}  // namespace sigtoken

#endif  // KEYGEN_GENERATE_H_
