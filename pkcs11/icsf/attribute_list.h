// AttributeList: the attributes of an ICSF PKCS#11 callable service.

#ifndef PKCS11_ICSF_ATTRIBUTE_LIST_H_
#define PKCS11_ICSF_ATTRIBUTE_LIST_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "pkcs11/base/cleansed_bytes.h"
#include "pkcs11/base/result.h"

namespace sigtoken {

// Which end of an integer comes first: big on the wire and on z/OS, the
// machine's own in a C program that was compiled here.
enum class ByteOrder { kBigEndian, kLittleEndian };

struct ListedAttribute {
  std::uint32_t type = 0;
  CleansedBytes value;  // It may be a key's.

  friend bool operator==(const ListedAttribute&,
                         const ListedAttribute&) = default;
};

// 2 bytes: how many; then for each 4 bytes type, 2 bytes length, value (z/OS
// ICSF Application Programmer's Guide, "Attribute list format"). Unsigned;
// CK_ULONG values have 4 bytes, CK_BBOOL values 1.
inline constexpr std::size_t kMaxAttributeListBytes = 32752;

// Errors: kLengthInvalid for a list that is too short, too long or does not end
// where its last value ends; kTemplateInconsistent for a type that is twice in
// it.
Result<std::vector<ListedAttribute>> ParseAttributeList(
    std::span<const std::uint8_t> list, ByteOrder order);

// Precondition: the list has at most kMaxAttributeListBytes.
CleansedBytes FormatAttributeList(std::span<const ListedAttribute> attributes,
                                  ByteOrder order);

// A CK_ULONG value of 4 bytes.
CleansedBytes FormatNumber(std::uint32_t number, ByteOrder order);
// Errors: kAttributeValueInvalid for a value that has not 4 bytes.
Result<std::uint32_t> ParseNumber(const ListedAttribute& attribute,
                                  ByteOrder order);
// Errors: kAttributeValueInvalid for a value that is not one byte, 0 or 1.
Result<bool> ParseFlag(const ListedAttribute& attribute);

}  // namespace sigtoken

#endif  // PKCS11_ICSF_ATTRIBUTE_LIST_H_
