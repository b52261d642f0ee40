// The services that read and change the attributes of an object.

#include "keygen/services/get_attribute_value.h"
#include "keygen/services/set_attribute_value.h"
#include "tools/csf/include/csfbext.h"
#include "tools/csf/parameters.h"
#include "tools/csf/second_name.h"
#include "tools/csf/serve.h"

using namespace sigtoken;       // NOLINT: the names below are C's.
using namespace sigtoken::csf;  // NOLINT

extern "C" {

int32_t CSFPGAV(int32_t* return_code, int32_t* reason_code,
                const int32_t* /*exit_data_length*/, const void* /*exit_data*/,
                const void* handle, const int32_t* rule_array_count,
                const void* rule_array, int32_t* attribute_list_length,
                void* attribute_list) {
  return Serve(
      {"CSFPGAV", return_code, reason_code, attribute_list_length},
      [&](Icsf& icsf) -> Result<IcsfCode> {
        SIGTOKEN_ASSIGN(const auto given, ReadHandle(handle));
        SIGTOKEN_ASSIGN(const auto rules,
                        ReadRuleArray(rule_array_count, rule_array));
        SIGTOKEN_ASSIGN(
            const auto room,
            FindRoom("attribute_list", attribute_list_length, attribute_list));
        SIGTOKEN_ASSIGN(
            const auto list,
            GetAttributeValue(icsf, {given, rules, room.size(), kOwnOrder}));
        WriteBytes(attribute_list, list);
        WriteLength(attribute_list_length, list.size());
        return kIcsfDone;
      });
}
SIGTOKEN_CSF_SECOND_NAME(CSFPGAV6, CSFPGAV);

int32_t CSFPSAV(int32_t* return_code, int32_t* reason_code,
                const int32_t* /*exit_data_length*/, const void* /*exit_data*/,
                const void* handle, const int32_t* rule_array_count,
                const void* rule_array, const int32_t* attribute_list_length,
                const void* attribute_list) {
  return Serve({"CSFPSAV", return_code, reason_code},
               [&](Icsf& icsf) -> Result<IcsfCode> {
                 SIGTOKEN_ASSIGN(const auto given, ReadHandle(handle));
                 SIGTOKEN_ASSIGN(const auto rules,
                                 ReadRuleArray(rule_array_count, rule_array));
                 SIGTOKEN_ASSIGN(
                     const auto attributes,
                     ReadAttributeList("attribute_list", attribute_list_length,
                                       attribute_list));
                 SIGTOKEN_TRY(SetAttributeValue(
                     icsf, {given, rules, attributes, kOwnOrder}));
                 return kIcsfDone;
               });
}
SIGTOKEN_CSF_SECOND_NAME(CSFPSAV6, CSFPSAV);

}  // extern "C"
