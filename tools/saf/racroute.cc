// RACROUTE REQUEST=VERIFY, for C programs.

#include "tools/saf/include/racroute.h"

#include <cstring>
#include <optional>
#include <string_view>

#include "signer/idta/racroute.h"
#include "tools/c_library/serve.h"
#include "tools/saf/acee.h"
#include "tools/saf/answer.h"
#include "tools/saf/callers_idta.h"
#include "tools/saf/racroute_keywords.h"
#include "tools/saf/services.h"

namespace sigtoken::saf {
namespace {

RacrouteResult Verify(const RacrouteRequest& request, IDTA* theirs) {
  CallWithSystem call;
  if (theirs == nullptr) return Racroute(call.System(), request, nullptr, "");
  const CallersIdta given(theirs);
  Idta idta = given.fields();
  RacrouteResult result =
      Racroute(call.System(), request, &idta, given.Token());
  if (result.generated && result.generated->returned) {
    given.WriteToken(result.generated->token);
  }
  given.WriteBack(idta);
  return result;
}

void UpdateAcee(const RacrouteRequest& request, const RacrouteResult& result,
                ACEE* acee) {
  if (acee == nullptr || result.code != kRacfDone) return;
  if (request.envir == Envir::kCreate) WriteAcee(acee, result.user);
  if (request.envir == Envir::kDelete) std::memset(acee, 0, sizeof *acee);
}

std::int32_t Refuse(const Answer& answer, const RacrouteRequest& request,
                    const Error& error) {
  CallWithSystem call;
  return answer.WriteRacroute(RefuseRacroute(call.System(), request, error));
}

std::int32_t Serve(const Answer& answer, const RACROUTE_VERIFY* theirs) {
  const auto keywords = ReadKeywords(theirs);
  if (!keywords) return Refuse(answer, {}, keywords.error());
  const auto request = ToRequest(*keywords);
  if (!request) {
    ClearOutputs(keywords->IDTA);
    return Refuse(answer, WhoAsks(*keywords), request.error());
  }
  const RacrouteResult result = Verify(*request, keywords->IDTA);
  UpdateAcee(*request, result, keywords->ACEE);
  return answer.WriteRacroute(result);
}

}  // namespace
}  // namespace sigtoken::saf

using namespace sigtoken;       // NOLINT: the names below are C's.
using namespace sigtoken::saf;  // NOLINT

extern "C" {

int32_t racroute_verify(const RACROUTE_VERIFY* keywords,
                        int32_t* SAF_return_code, int32_t* RACF_return_code,
                        int32_t* RACF_reason_code) {
  // What nobody could decide, as where a module is not there.
  const Answer answer{"racroute_verify",   RacfSurface::kRacroute,
                      kModuleNotAvailable, SAF_return_code,
                      RACF_return_code,    RACF_reason_code};
  return c_library::Guard(answer, [&] { return Serve(answer, keywords); });
}

}  // extern "C"
