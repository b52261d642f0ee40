#include "keygen/services/data_template.h"

#include <cstring>

#include "pkcs11/icsf/attribute_types.h"

namespace sigtoken {
namespace {

Status Take(const ListedAttribute& attribute, ByteOrder order, DataSpec& spec) {
  SIGTOKEN_ASSIGN(const auto value, ToCryptoki(attribute, order));
  const bool flag = value.size() == 1 && value.front() != CK_FALSE;
  switch (attribute.type) {
    case CKA_CLASS: {
      CK_OBJECT_CLASS object_class = 0;
      std::memcpy(&object_class, value.data(), sizeof object_class);
      if (object_class == CKO_DATA) return Ok();
      return Refusal(kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
                     "CKA_CLASS is not CKO_DATA", "correct the value");
    }
    case CKA_TOKEN:
      spec.category = flag ? 'T' : 'S';
      return Ok();
    case CKA_PRIVATE:
      spec.is_private = flag;
      return Ok();
    case CKA_LABEL:
      spec.label = value;
      return Ok();
    case CKA_APPLICATION:
      spec.application = value;
      return Ok();
    case CKA_VALUE:
      spec.value = value;
      return Ok();
    case CKA_OBJECT_ID:
    case CKA_MODIFIABLE:
      spec.kept[attribute.type] = value;
      return Ok();
    default:
      return Refusal(kAttributeTypeInvalid, CKR_ATTRIBUTE_TYPE_INVALID,
                     AttributeName(attribute.type) +
                         " is none that a data object can be given",
                     "leave it out");
  }
}

}  // namespace

Result<DataSpec> ReadDataTemplate(std::span<const ListedAttribute> attributes,
                                  ByteOrder order, const DataSpec& base) {
  DataSpec spec = base;
  for (const ListedAttribute& attribute : attributes) {
    SIGTOKEN_TRY(Take(attribute, order, spec));
  }
  return spec;
}

}  // namespace sigtoken
