// The attributes that ICSF's services know, and how wide their values are.

#ifndef PKCS11_ICSF_ATTRIBUTE_TYPES_H_
#define PKCS11_ICSF_ATTRIBUTE_TYPES_H_

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/attribute_list.h"

namespace sigtoken {

// csnpdefs.h of z/OS.
inline constexpr CK_ATTRIBUTE_TYPE kCkaIbmFips140 = 0x80000005;
inline constexpr CK_ATTRIBUTE_TYPE kCkaIbmSecure = 0x80000006;

enum class AttributeKind {
  kFlag,    // CK_BBOOL: 1 byte, 0 or 1.
  kNumber,  // CK_ULONG: 4 bytes in an attribute list, 8 in Cryptoki here.
  kDate,    // CK_DATE: 8 digits, or empty.
  kBytes,
};

// PKCS #11 v2.40, sections 4.2 to 4.10, and IBM's own.
struct AttributeType {
  CK_ATTRIBUTE_TYPE type;
  std::string_view name;
  AttributeKind kind;
};

// Null for one that is not in the table.
const AttributeType* FindAttributeType(CK_ATTRIBUTE_TYPE type);

// "CKA_LABEL"; "attribute X'00000999'" for one that is not in the table.
std::string AttributeName(CK_ATTRIBUTE_TYPE type);

// The value as Cryptoki has it. Errors: kAttributeTypeInvalid for an attribute
// that is not in the table; kAttributeValueInvalid for a value of another width
// than its kind's, a flag that is neither 0 nor 1 and a date that is none.
Result<std::vector<std::uint8_t>> ToCryptoki(const ListedAttribute& attribute,
                                             ByteOrder order);

// The way back; a number keeps its lower 32 bits, where ICSF's
// CK_UNAVAILABLE_INFORMATION is all ones too.
ListedAttribute ToIcsfList(CK_ATTRIBUTE_TYPE type,
                           std::span<const std::uint8_t> value,
                           ByteOrder order);

}  // namespace sigtoken

#endif  // PKCS11_ICSF_ATTRIBUTE_TYPES_H_
