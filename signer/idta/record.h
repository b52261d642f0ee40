// The audit records of initACEE and RACROUTE.

#ifndef SIGNER_IDTA_RECORD_H_
#define SIGNER_IDTA_RECORD_H_

#include <optional>
#include <string>

#include "signer/idta/initacee.h"
#include "signer/idta/racroute.h"
#include "signer/idta/saf_system.h"

namespace sigtoken {

AuditRecord RecordOf(const SafSystem& system, const InitAceeRequest& request,
                     const GenerateResult& result);
AuditRecord RecordOf(const SafSystem& system, const RacrouteRequest& request,
                     const RacrouteResult& result);

// Writes the record, if there is a log. Gives the warning of a log that is to
// go on without a record. Errors: kNotAvailable, of one that is not.
Result<std::optional<std::string>> Record(const SafSystem& system,
                                          const AuditRecord& record);

}  // namespace sigtoken

#endif  // SIGNER_IDTA_RECORD_H_
