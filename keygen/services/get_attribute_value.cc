#include "keygen/services/get_attribute_value.h"

#include "pkcs11/icsf/rule_array.h"
#include "pkcs11/objects/object_attributes.h"

namespace sigtoken {

Result<CleansedBytes> GetAttributeValue(Icsf& icsf,
                                        const GetAttributeValueCall& call) {
  SIGTOKEN_TRY(ParseRuleArray(call.rule_array, {}));
  SIGTOKEN_ASSIGN(const Handle handle, ObjectHandleOf(call.handle));
  SIGTOKEN_ASSIGN(const auto attributes, ReadObject(icsf, handle));
  CleansedBytes list = FormatAttributes(attributes, call.order);
  if (list.size() > call.room) {
    return OutputTooShort("the attribute list", call.room, list.size());
  }
  return list;
}

}  // namespace sigtoken
