// Export the value of a key that was made exportable.

#ifndef KEYGEN_EXPORT_H_
#define KEYGEN_EXPORT_H_

#include "pkcs11/base/result.h"
#include "pkcs11/base/secret.h"
#include "pkcs11/tokens/key.h"

namespace sigtoken {

// The value, as it was generated or imported: without the zeros that the token
// may keep behind it.
//
// Errors:
//   CKR_ATTRIBUTE_SENSITIVE    the token keeps it: CKA_SENSITIVE is TRUE or
//                              CKA_EXTRACTABLE FALSE
//   kObjectDisabled            the key is disabled
//   any other                  as the module gave it
Result<Secret> ExportKey(Token& token, ObjectId id);

}  // namespace sigtoken

#endif  // KEYGEN_EXPORT_H_
