// The services that give random bytes.

#include "keygen/services/pseudo_random_function.h"
#include "keygen/services/random_number_generate.h"
#include "pkcs11/icsf/rule_array.h"
#include "tools/csf/include/csfbext.h"
#include "tools/csf/parameters.h"
#include "tools/csf/second_name.h"
#include "tools/csf/serve.h"

using namespace sigtoken;       // NOLINT: the names below are C's.
using namespace sigtoken::csf;  // NOLINT

extern "C" {

int32_t CSFPPRF(int32_t* return_code, int32_t* reason_code,
                const int32_t* /*exit_data_length*/, const void* /*exit_data*/,
                const int32_t* rule_array_count, const void* rule_array,
                const void* handle, const int32_t* parms_list_length,
                const void* parms_list, const int32_t* prf_output_length,
                void* prf_output) {
  return Serve(
      {"CSFPPRF", return_code, reason_code},
      [&](Icsf& icsf) -> Result<IcsfCode> {
        SIGTOKEN_ASSIGN(const auto rules,
                        ReadRuleArray(rule_array_count, rule_array));
        SIGTOKEN_ASSIGN(const auto given, ReadHandle(handle));
        SIGTOKEN_ASSIGN(const auto parms,
                        ReadBytes("parms_list", parms_list_length, parms_list));
        SIGTOKEN_ASSIGN(
            const auto room,
            FindRoom("prf_output", prf_output_length, prf_output, {1}));
        SIGTOKEN_TRY(
            PseudoRandomFunction(icsf, {rules, given, parms, kOwnOrder}, room));
        return kIcsfDone;
      });
}
SIGTOKEN_CSF_SECOND_NAME(CSFPPRF6, CSFPPRF);

int32_t CSNBRNG(int32_t* return_code, int32_t* reason_code,
                const int32_t* /*exit_data_length*/, const void* /*exit_data*/,
                const void* form, void* random_number) {
  return Serve(
      {"CSNBRNG", return_code, reason_code},
      [&](Icsf& icsf) -> Result<IcsfCode> {
        constexpr std::int32_t kOneKeyword = 1;
        constexpr std::int32_t kBytes = kRandomNumberBytes;
        SIGTOKEN_ASSIGN(const auto rule, ReadRuleArray(&kOneKeyword, form));
        SIGTOKEN_ASSIGN(const auto room,
                        FindRoom("random_number", &kBytes, random_number));
        SIGTOKEN_TRY(RandomNumberGenerate(icsf, rule, room));
        return kIcsfDone;
      });
}
SIGTOKEN_CSF_SECOND_NAME(CSNERNG, CSNBRNG);
SIGTOKEN_CSF_SECOND_NAME(CSFRNG, CSNBRNG);
SIGTOKEN_CSF_SECOND_NAME(CSFRNG6, CSNBRNG);

int32_t CSNBRNGL(int32_t* return_code, int32_t* reason_code,
                 const int32_t* /*exit_data_length*/, const void* /*exit_data*/,
                 const int32_t* rule_array_count, const void* rule_array,
                 const int32_t* reserved_length, const void* /*reserved*/,
                 int32_t* random_number_length, void* random_number) {
  return Serve(
      {"CSNBRNGL", return_code, reason_code},
      [&](Icsf& icsf) -> Result<IcsfCode> {
        SIGTOKEN_ASSIGN(const auto rules,
                        ReadRuleArray(rule_array_count, rule_array));
        SIGTOKEN_TRY(ReadLength("reserved_length", reserved_length, {0, 0}));
        SIGTOKEN_ASSIGN(const auto room,
                        FindRoom("random_number", random_number_length,
                                 random_number, {1, kMaxRandomNumberBytes}));
        SIGTOKEN_TRY(RandomNumberGenerate(icsf, rules, room));
        return kIcsfDone;
      });
}
SIGTOKEN_CSF_SECOND_NAME(CSNERNGL, CSNBRNGL);
SIGTOKEN_CSF_SECOND_NAME(CSFRNGL, CSNBRNGL);
SIGTOKEN_CSF_SECOND_NAME(CSFRNGL6, CSNBRNGL);

}  // extern "C"
