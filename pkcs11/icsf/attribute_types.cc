#include "pkcs11/icsf/attribute_types.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

using Kind = AttributeKind;

constexpr auto kTypes = std::to_array<AttributeType>({
    {CKA_CLASS, "CKA_CLASS", Kind::kNumber},
    {CKA_TOKEN, "CKA_TOKEN", Kind::kFlag},
    {CKA_PRIVATE, "CKA_PRIVATE", Kind::kFlag},
    {CKA_LABEL, "CKA_LABEL", Kind::kBytes},
    {CKA_APPLICATION, "CKA_APPLICATION", Kind::kBytes},
    {CKA_VALUE, "CKA_VALUE", Kind::kBytes},
    {CKA_OBJECT_ID, "CKA_OBJECT_ID", Kind::kBytes},
    {CKA_TRUSTED, "CKA_TRUSTED", Kind::kFlag},
    {CKA_KEY_TYPE, "CKA_KEY_TYPE", Kind::kNumber},
    {CKA_SUBJECT, "CKA_SUBJECT", Kind::kBytes},
    {CKA_ID, "CKA_ID", Kind::kBytes},
    {CKA_SENSITIVE, "CKA_SENSITIVE", Kind::kFlag},
    {CKA_ENCRYPT, "CKA_ENCRYPT", Kind::kFlag},
    {CKA_DECRYPT, "CKA_DECRYPT", Kind::kFlag},
    {CKA_WRAP, "CKA_WRAP", Kind::kFlag},
    {CKA_UNWRAP, "CKA_UNWRAP", Kind::kFlag},
    {CKA_SIGN, "CKA_SIGN", Kind::kFlag},
    {CKA_SIGN_RECOVER, "CKA_SIGN_RECOVER", Kind::kFlag},
    {CKA_VERIFY, "CKA_VERIFY", Kind::kFlag},
    {CKA_VERIFY_RECOVER, "CKA_VERIFY_RECOVER", Kind::kFlag},
    {CKA_DERIVE, "CKA_DERIVE", Kind::kFlag},
    {CKA_START_DATE, "CKA_START_DATE", Kind::kDate},
    {CKA_END_DATE, "CKA_END_DATE", Kind::kDate},
    {CKA_MODULUS, "CKA_MODULUS", Kind::kBytes},
    {CKA_MODULUS_BITS, "CKA_MODULUS_BITS", Kind::kNumber},
    {CKA_PUBLIC_EXPONENT, "CKA_PUBLIC_EXPONENT", Kind::kBytes},
    {CKA_VALUE_LEN, "CKA_VALUE_LEN", Kind::kNumber},
    {CKA_EXTRACTABLE, "CKA_EXTRACTABLE", Kind::kFlag},
    {CKA_LOCAL, "CKA_LOCAL", Kind::kFlag},
    {CKA_NEVER_EXTRACTABLE, "CKA_NEVER_EXTRACTABLE", Kind::kFlag},
    {CKA_ALWAYS_SENSITIVE, "CKA_ALWAYS_SENSITIVE", Kind::kFlag},
    {CKA_KEY_GEN_MECHANISM, "CKA_KEY_GEN_MECHANISM", Kind::kNumber},
    {CKA_MODIFIABLE, "CKA_MODIFIABLE", Kind::kFlag},
    {kCkaIbmFips140, "CKA_IBM_FIPS140", Kind::kFlag},
    {kCkaIbmSecure, "CKA_IBM_SECURE", Kind::kFlag},
});

// yyyymmdd, with no more said of the calendar: a date is not enforced.
bool IsDate(std::span<const std::uint8_t> value) {
  if (value.empty()) return true;
  return value.size() == sizeof(CK_DATE) &&
         std::all_of(value.begin(), value.end(),
                     [](std::uint8_t c) { return c >= '0' && c <= '9'; });
}

}  // namespace

const AttributeType* FindAttributeType(CK_ATTRIBUTE_TYPE type) {
  const auto* found =
      std::find_if(kTypes.begin(), kTypes.end(),
                   [&](const AttributeType& row) { return row.type == type; });
  return found == kTypes.end() ? nullptr : found;
}

std::string AttributeName(CK_ATTRIBUTE_TYPE type) {
  const AttributeType* known = FindAttributeType(type);
  return known != nullptr ? std::string(known->name)
                          : "attribute X'" + Hex(type, 8) + "'";
}

Result<std::vector<std::uint8_t>> ToCryptoki(const ListedAttribute& attribute,
                                             ByteOrder order) {
  const AttributeType* known = FindAttributeType(attribute.type);
  if (known == nullptr) {
    return Refusal(
        kAttributeTypeInvalid, CKR_ATTRIBUTE_TYPE_INVALID,
        AttributeName(attribute.type) + " is none that these services know",
        "leave it out");
  }
  const std::vector<std::uint8_t> value(attribute.value.begin(),
                                        attribute.value.end());
  switch (known->kind) {
    case Kind::kFlag: {
      SIGTOKEN_TRY(ParseFlag(attribute));
      return value;
    }
    case Kind::kNumber: {
      SIGTOKEN_ASSIGN(const CK_ULONG number, ParseNumber(attribute, order));
      std::vector<std::uint8_t> wide(sizeof number);
      std::memcpy(wide.data(), &number, sizeof number);
      return wide;
    }
    case Kind::kDate:
      if (IsDate(value)) return value;
      return Refusal(kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
                     std::string(known->name) + " is not a date",
                     "write it as yyyymmdd, or leave it empty");
    case Kind::kBytes:
      break;
  }
  return value;
}

ListedAttribute ToIcsfList(CK_ATTRIBUTE_TYPE type,
                           std::span<const std::uint8_t> value,
                           ByteOrder order) {
  ListedAttribute listed{static_cast<std::uint32_t>(type),
                         {value.begin(), value.end()}};
  const AttributeType* known = FindAttributeType(type);
  if (known == nullptr || known->kind != Kind::kNumber) return listed;
  CK_ULONG number = 0;
  if (value.size() == sizeof number) {
    std::memcpy(&number, value.data(), sizeof number);
  }
  listed.value = FormatNumber(static_cast<std::uint32_t>(number), order);
  return listed;
}

}  // namespace sigtoken
