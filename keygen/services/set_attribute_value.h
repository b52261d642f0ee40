// CSFPSAV: ICSF's callable service PKCS #11 Set attribute value.

#ifndef KEYGEN_SERVICES_SET_ATTRIBUTE_VALUE_H_
#define KEYGEN_SERVICES_SET_ATTRIBUTE_VALUE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/attribute_list.h"
#include "pkcs11/objects/icsf.h"

namespace sigtoken {

// What the caller hands over (z/OS ICSF Application Programmer's Guide,
// CSFPSAV).
struct SetAttributeValueCall {
  std::string_view handle;      // 44 characters, of an object.
  std::string_view rule_array;  // Empty.
  std::span<const std::uint8_t> attribute_list;
  ByteOrder order = ByteOrder::kBigEndian;
};

Status SetAttributeValue(Icsf& icsf, const SetAttributeValueCall& call);

}  // namespace sigtoken

#endif  // KEYGEN_SERVICES_SET_ATTRIBUTE_VALUE_H_
