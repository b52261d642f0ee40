// KeySpec: what key to make.

#ifndef KEYGEN_KEY_SPEC_H_
#define KEYGEN_KEY_SPEC_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/mac_algorithm.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/tokens/object_index.h"

namespace sigtoken {

// 64 bytes serve all three algorithms, on every module that was measured.
inline constexpr std::size_t kDefaultKeyBytes = 64;
// CKA_LABEL as ICSF's callers know it.
inline constexpr std::size_t kMaxLabelBytes = 32;

struct KeySpec {
  // What the key is for; null when nothing was said. It decides what is tried
  // before the key counts as made, not what the key may do later.
  const MacAlgorithm* algorithm = nullptr;
  std::size_t bytes = kDefaultKeyBytes;
  std::string label;         // UTF-8; need not be new.
  char category = 'T';       // T or Y.
  bool verify_only = false;  // CKA_SIGN FALSE: a validator that cannot mint.
  bool may_verify = true;    // CKA_VERIFY.
  bool exportable = false;   // CKA_EXTRACTABLE TRUE, CKA_SENSITIVE FALSE.
  // CKA_MODIFIABLE. Nobody changes a key that is made to sign identity tokens;
  // CSFPSAV changes those that ICSF's services make.
  bool modifiable = false;
  // CKA_SENSITIVE where it is not the opposite of CKA_EXTRACTABLE.
  std::optional<bool> sensitive = std::nullopt;
  bool if_absent = false;  // A key of that label that is there will do.
  bool any_size = false;   // With if_absent, one that is not of `bytes` too.
  // What no module keeps of a key, such as CKA_APPLICATION.
  KeptAttributes kept = {};

  bool is_sensitive() const { return sensitive.value_or(!exportable); }
};

// T or Y: the others end with the process. Errors: kParameterInvalid;
// kHandleInvalid for a letter that is no category.
Status CheckTokenCategory(char category);

// All but `bytes`, which has other limits for each way to make a key, and the
// category. Errors: kParameterInvalid; kAttributeValueInvalid for a key of
// category Y or X whose value may leave the token; kTemplateInconsistent for
// one that may neither sign nor verify.
Status CheckSpec(const KeySpec& spec);

struct MadeKey {
  FoundKey key;
  bool existed = false;  // By if_absent.
  // The state store had no record of the token and got one from its keys: the
  // numbers of keys that were deleted before are not known, and may come back.
  bool store_was_lost = false;
  // The key is in the token with zeros behind it, up to 64 bytes.
  bool padded = false;
  // Optional protections that the module refused, by name.
  std::vector<std::string> not_kept;
};

}  // namespace sigtoken

#endif  // KEYGEN_KEY_SPEC_H_
