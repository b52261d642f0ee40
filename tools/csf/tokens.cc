// The services that make, list and delete tokens and objects.

#include "keygen/services/generate_secret_key.h"
#include "keygen/services/token_record_create.h"
#include "keygen/services/token_record_delete.h"
#include "keygen/services/token_record_list.h"
#include "tools/csf/include/csfbext.h"
#include "tools/csf/parameters.h"
#include "tools/csf/second_name.h"
#include "tools/csf/serve.h"

namespace sigtoken::csf {
namespace {

// How many entries the caller of CSFPTRL asks for.
Result<std::size_t> ReadCount(const std::int32_t* count) {
  if (count != nullptr && *count >= 0) return static_cast<std::size_t>(*count);
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 count == nullptr ? "handle_count is NULL"
                                  : "handle_count is " + std::to_string(*count),
                 "pass how many entries there is room for");
}

}  // namespace
}  // namespace sigtoken::csf

using namespace sigtoken;       // NOLINT: the names below are C's.
using namespace sigtoken::csf;  // NOLINT

extern "C" {

int32_t CSFPTRC(int32_t* return_code, int32_t* reason_code,
                const int32_t* /*exit_data_length*/, const void* /*exit_data*/,
                void* handle, const int32_t* rule_array_count,
                const void* rule_array, const int32_t* attribute_list_length,
                const void* attribute_list) {
  return Serve(
      {"CSFPTRC", return_code, reason_code},
      [&](Icsf& icsf) -> Result<IcsfCode> {
        SIGTOKEN_ASSIGN(const auto given, ReadHandle(handle));
        SIGTOKEN_ASSIGN(const auto rules,
                        ReadRuleArray(rule_array_count, rule_array));
        SIGTOKEN_ASSIGN(
            const auto attributes,
            ReadAttributeList("attribute_list", attribute_list_length,
                              attribute_list));
        SIGTOKEN_ASSIGN(
            const Handle made,
            TokenRecordCreate(icsf, {given, rules, attributes, kOwnOrder}));
        WriteHandle(handle, made);
        return kIcsfDone;
      });
}
SIGTOKEN_CSF_SECOND_NAME(CSFPTRC6, CSFPTRC);

int32_t CSFPTRD(int32_t* return_code, int32_t* reason_code,
                const int32_t* /*exit_data_length*/, const void* /*exit_data*/,
                const void* handle, const int32_t* rule_array_count,
                const void* rule_array) {
  return Serve({"CSFPTRD", return_code, reason_code},
               [&](Icsf& icsf) -> Result<IcsfCode> {
                 SIGTOKEN_ASSIGN(const auto given, ReadHandle(handle));
                 SIGTOKEN_ASSIGN(const auto rules,
                                 ReadRuleArray(rule_array_count, rule_array));
                 SIGTOKEN_TRY(TokenRecordDelete(icsf, {given, rules}));
                 return kIcsfDone;
               });
}
SIGTOKEN_CSF_SECOND_NAME(CSFPTRD6, CSFPTRD);

int32_t CSFPTRL(int32_t* return_code, int32_t* reason_code,
                const int32_t* /*exit_data_length*/, const void* /*exit_data*/,
                const void* handle, const int32_t* rule_array_count,
                const void* rule_array, const int32_t* search_template_length,
                const void* search_template, int32_t* output_list_length,
                int32_t* handle_count, void* output_list) {
  return Serve(
      {"CSFPTRL", return_code, reason_code, output_list_length},
      [&](Icsf& icsf) -> Result<IcsfCode> {
        SIGTOKEN_ASSIGN(const auto given, ReadHandle(handle));
        SIGTOKEN_ASSIGN(const auto rules,
                        ReadRuleArray(rule_array_count, rule_array));
        SIGTOKEN_ASSIGN(
            const auto search,
            ReadAttributeList("search_template", search_template_length,
                              search_template));
        SIGTOKEN_ASSIGN(
            const auto room,
            FindRoom("output_list", output_list_length, output_list));
        SIGTOKEN_ASSIGN(const std::size_t most, ReadCount(handle_count));
        SIGTOKEN_ASSIGN(const auto answer,
                        TokenRecordList(icsf, {given, rules, search,
                                               room.size(), most, kOwnOrder}));
        WriteBytes(output_list, answer.list);
        WriteLength(output_list_length, answer.list.size());
        WriteLength(handle_count, answer.count);
        return answer.more ? kMoreAvailable : kIcsfDone;
      });
}
SIGTOKEN_CSF_SECOND_NAME(CSFPTRL6, CSFPTRL);

int32_t CSFPGSK(int32_t* return_code, int32_t* reason_code,
                const int32_t* /*exit_data_length*/, const void* /*exit_data*/,
                void* handle, const int32_t* rule_array_count,
                const void* rule_array, const int32_t* attribute_list_length,
                const void* attribute_list, const int32_t* parms_list_length,
                const void* parms_list) {
  return Serve(
      {"CSFPGSK", return_code, reason_code},
      [&](Icsf& icsf) -> Result<IcsfCode> {
        SIGTOKEN_ASSIGN(const auto given, ReadHandle(handle));
        SIGTOKEN_ASSIGN(const auto rules,
                        ReadRuleArray(rule_array_count, rule_array));
        SIGTOKEN_ASSIGN(
            const auto attributes,
            ReadAttributeList("attribute_list", attribute_list_length,
                              attribute_list));
        SIGTOKEN_ASSIGN(const auto parms,
                        ReadBytes("parms_list", parms_list_length, parms_list));
        SIGTOKEN_ASSIGN(const auto made,
                        GenerateSecretKey(icsf, {given, rules, attributes,
                                                 parms, kOwnOrder}));
        WriteHandle(handle, *made.key.handle);
        return kIcsfDone;
      });
}
SIGTOKEN_CSF_SECOND_NAME(CSFPGSK6, CSFPGSK);

}  // extern "C"
