// What an attribute list says of a data object that is to be made.

#ifndef KEYGEN_SERVICES_DATA_TEMPLATE_H_
#define KEYGEN_SERVICES_DATA_TEMPLATE_H_

#include <span>

#include "keygen/data_object.h"
#include "pkcs11/base/result.h"
#include "pkcs11/icsf/attribute_list.h"

namespace sigtoken {

// CSFPTRC's, and what CSFPTRC COPY overrides. `base` is what is not said.
// CKA_OBJECT_ID and CKA_MODIFIABLE are kept in the state store: the first is
// ours in the token.
//
// Errors: kAttributeTypeInvalid and kAttributeValueInvalid for what a data
// object cannot have.
Result<DataSpec> ReadDataTemplate(std::span<const ListedAttribute> attributes,
                                  ByteOrder order, const DataSpec& base);

}  // namespace sigtoken

#endif  // KEYGEN_SERVICES_DATA_TEMPLATE_H_
