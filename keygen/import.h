// Import a secret key whose value is given: ICSF's CSFPTRC with CKA_VALUE.

#ifndef KEYGEN_IMPORT_H_
#define KEYGEN_IMPORT_H_

#include <cstddef>

#include "keygen/key_spec.h"
#include "keygen/maker.h"
#include "pkcs11/base/result.h"
#include "pkcs11/base/secret.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// All modules at hand take keys of that size; nobody has longer ones (ours).
inline constexpr std::size_t kMaxImportBytes = 4096;

// Makes a key of `value` under the token's next sequence number. `spec.bytes`
// is ignored: the value has its own.
//
// A key below 64 bytes that the module refuses is stored with zeros behind it,
// up to 64 bytes, which is the same key to all three algorithms (RFC 2104,
// section 2); its true length stays in the state store. Before it counts as
// made its check value is compared with the one that is computed here, so that
// it is this key that the token holds. A key that may verify and not sign has
// to verify that one, then and whenever it is found.
//
// Errors:
//   kAttributeValueInvalid     empty, too long, or of zeros alone: everybody
//                              could sign with it
//   any other                  as MakeKey() (keygen/maker.h)
Result<MadeKey> ImportKey(Token& token, const KeySpec& spec, Secret& value);

// As above, by the maker of a token or a session object.
Result<MadeKey> ImportKey(const KeyMaker& maker, const KeySpec& spec,
                          Secret& value);

}  // namespace sigtoken

#endif  // KEYGEN_IMPORT_H_
