#include "signer/idta/initacee.h"

#include <utility>

#include "signer/idta/record.h"
#include "signer/idta/write_back.h"

namespace sigtoken {
namespace {

// Nothing that is not on record goes to anybody.
GenerateResult NotRecorded(Error error) {
  GenerateResult result = GenerateRefused(kInitAceeInternal, std::move(error));
  result.exit_status = 12;
  return result;
}

GenerateResult Recorded(const SafSystem& system, const InitAceeRequest& request,
                        GenerateResult result) {
  const AuditRecord record = RecordOf(system, request, result);
  const auto recorded = Record(system, record);
  if (!recorded) {
    // The message has the code that the caller gets.
    GenerateResult refused = NotRecorded(recorded.error());
    refused.console = RecordOf(system, request, refused).message;
    return refused;
  }
  if (*recorded) result.warnings.push_back(**recorded);
  result.console = record.message;
  return result;
}

}  // namespace

GenerateResult RefuseInitAcee(const SafSystem& system,
                              const InitAceeRequest& request, Error error) {
  return Recorded(system, request,
                  GenerateRefused(kInitAceeParameter, std::move(error)));
}

GenerateResult InitAcee(const SafSystem& system, const InitAceeRequest& request,
                        Idta& idta) {
  ClearOutputs(idta);
  GenerateRequest generate;
  generate.appl = request.appl;
  generate.user = request.user;
  generate.amr = request.amr;
  generate.end_user = idta.end_user();
  generate.now = system.now;
  generate.key = system.key;
  generate.room = idta.buffer_len;

  const Status parameters = CheckGenerateParameters(generate);
  const auto finding = parameters ? CheckIdta(RacfSurface::kInitAcee, idta)
                                  : std::optional<IdtaFinding>();
  GenerateResult result =
      Recorded(system, request,
               finding ? RefuseIdta(*finding, idta) : GenerateIdt(generate));
  if (parameters && !finding) WriteBack(result, idta);
  return result;
}

}  // namespace sigtoken
