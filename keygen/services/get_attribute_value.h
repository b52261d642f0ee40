// CSFPGAV: ICSF's callable service PKCS #11 Get attribute value.

#ifndef KEYGEN_SERVICES_GET_ATTRIBUTE_VALUE_H_
#define KEYGEN_SERVICES_GET_ATTRIBUTE_VALUE_H_

#include <cstddef>
#include <string_view>

#include "pkcs11/base/cleansed_bytes.h"
#include "pkcs11/base/result.h"
#include "pkcs11/icsf/attribute_list.h"
#include "pkcs11/objects/icsf.h"

namespace sigtoken {

// What the caller hands over (z/OS ICSF Application Programmer's Guide,
// CSFPGAV).
struct GetAttributeValueCall {
  std::string_view handle;      // 44 characters, of an object.
  std::string_view rule_array;  // Empty.
  std::size_t room = 0;         // For how many bytes the caller has room.
  ByteOrder order = ByteOrder::kBigEndian;
};

// All attributes of an object, as an attribute list.
Result<CleansedBytes> GetAttributeValue(Icsf& icsf,
                                        const GetAttributeValueCall& call);

}  // namespace sigtoken

#endif  // KEYGEN_SERVICES_GET_ATTRIBUTE_VALUE_H_
