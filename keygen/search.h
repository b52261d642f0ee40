// Find objects by their attributes: ICSF's CSFPTRL with the rule OBJECT.

#ifndef KEYGEN_SEARCH_H_
#define KEYGEN_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pkcs11/base/cleansed_bytes.h"
#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/icsf/attribute_list.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/objects/icsf.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// What an object must have, all of it.
struct SearchTemplate {
  AttributeValues values;  // But CKA_VALUE.
  std::optional<CleansedBytes> key_value;
};

// Errors: those of ParseAttributeList(); kAttributeTypeInvalid and
// kAttributeValueInvalid for what no object can have.
Result<SearchTemplate> ReadSearchTemplate(std::span<const std::uint8_t> list,
                                          ByteOrder order);

// The objects of `token` that fit, session objects of this process among them,
// in the order of their handles: at most `most` of those behind `last`.
//
// RSA keys that others put into the token and that the template names by
// CKA_LABEL or CKA_ID get their handles here, as `key adopt` gives them: on
// z/OS each object has one. Others' secret keys are listed once they have been
// adopted or bound.
//
// Errors: as the module or the store gave them.
Result<std::vector<ObjectId>> SearchObjects(Icsf& icsf, Token& token,
                                            const SearchTemplate& wanted,
                                            std::optional<ObjectId> last,
                                            std::size_t most);

}  // namespace sigtoken

#endif  // KEYGEN_SEARCH_H_
