// Copy a secret key inside its token.

#ifndef KEYGEN_COPY_H_
#define KEYGEN_COPY_H_

#include "keygen/key_spec.h"
#include "keygen/maker.h"
#include "pkcs11/base/result.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// Makes a key of the same value as `source`, which does not leave the token,
// with the attributes of `spec`, by the maker of the same token or its session
// objects. `spec.bytes` is ignored: it is the original's.
//
// Errors: kObjectNotFound; kObjectDisabled for one that is disabled;
// kKeyTypeInconsistent for one that is no CKK_GENERIC_SECRET; as MakeKey().
Result<MadeKey> CopyKeyTo(const KeyMaker& maker, Token& token, ObjectId source,
                          const KeySpec& spec);

}  // namespace sigtoken

#endif  // KEYGEN_COPY_H_
