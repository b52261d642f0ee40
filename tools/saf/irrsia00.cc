// initACEE, for C programs.

#include "tools/saf/include/irrsia00.h"

#include "signer/idta/initacee.h"
#include "tools/c_library/serve.h"
#include "tools/saf/answer.h"
#include "tools/saf/callers_idta.h"
#include "tools/saf/init_acee_parameters.h"
#include "tools/saf/services.h"

namespace sigtoken::saf {
namespace {

std::int32_t Serve(const Answer& answer, const InitAceeParameters& given) {
  const auto parameters = ReadGenIdt(given);
  if (!parameters) {
    // Other functions make no tokens.
    if (!IsGenIdt(given)) {
      return answer.WriteRefusal(kInitAceeParameter, parameters.error());
    }
    ClearOutputs(IdtaOf(given));
    CallWithSystem call;
    return answer.WriteGenerated(
        RefuseInitAcee(call.System(), WhoAsks(given), parameters.error()));
  }
  const CallersIdta theirs(parameters->idta);
  Idta idta = theirs.fields();
  CallWithSystem call;
  const GenerateResult result =
      InitAcee(call.System(), {parameters->appl, parameters->user, {}}, idta);
  if (result.returned) theirs.WriteToken(result.token);
  theirs.WriteBack(idta);
  return answer.WriteGenerated(result);
}

}  // namespace
}  // namespace sigtoken::saf

using namespace sigtoken;       // NOLINT: the names below are C's.
using namespace sigtoken::saf;  // NOLINT

extern "C" {

int32_t IRRSIA00(
    void* /*Work_area*/, const int32_t* SAF_return_code_ALET,
    int32_t* SAF_return_code, const int32_t* RACF_return_code_ALET,
    int32_t* RACF_return_code, const int32_t* RACF_reason_code_ALET,
    int32_t* RACF_reason_code, const void* Function_code,
    const void* Attributes, const void* RACF_userid, ACEE* const* ACEE_ptr,
    const void* APPL_id, const void* Password, const void* Logstring,
    const void* Certificate, const void* ENVR_in, const void* ENVR_out,
    void* const* Output_area, void* const* X500name, const void* Variable_list,
    const void* Security_label, const void* SERVAUTH_name,
    const void* Password_phrase, void* const* IDID_area,
    const int32_t* ACEE2_ALET, ACEE* const* ACEE2_ptr, IDTA* const* IDTA_ptr) {
  const Answer answer{"IRRSIA00",        RacfSurface::kInitAcee,
                      kInitAceeInternal, SAF_return_code,
                      RACF_return_code,  RACF_reason_code};
  return c_library::Guard(answer, [&] {
    return Serve(answer, {SAF_return_code_ALET,
                          RACF_return_code_ALET,
                          RACF_reason_code_ALET,
                          Function_code,
                          Attributes,
                          RACF_userid,
                          ACEE_ptr,
                          APPL_id,
                          Password,
                          Logstring,
                          Certificate,
                          ENVR_in,
                          ENVR_out,
                          Output_area,
                          X500name,
                          Variable_list,
                          Security_label,
                          SERVAUTH_name,
                          Password_phrase,
                          IDID_area,
                          ACEE2_ALET,
                          ACEE2_ptr,
                          IDTA_ptr});
  });
}

}  // extern "C"
