// Audit records in the columns of z/OS's SMF unload (IRRADU00).

#ifndef SIGNER_AUDIT_AUDIT_UNLOAD_H_
#define SIGNER_AUDIT_AUDIT_UNLOAD_H_

#include <string>
#include <string_view>

#include "pkcs11/base/result.h"

namespace sigtoken {

// `json_line` is one that ToJsonLine() wrote. Gives one line without its
// newline: the fields of the JOBINIT or INITACEE record extension that OA63462,
// 3.5.3 shows, each in its columns, and of the header in front of them the
// event, the qualifier, the time and date, and the user. All other columns are
// blank; the line ends with the last field. Time and date are in UTC, where
// z/OS has its local time. Errors: kParameterInvalid for what is no such line:
// the message names the field and repeats nothing.
Result<std::string> UnloadAuditRecord(std::string_view json_line);

}  // namespace sigtoken

#endif  // SIGNER_AUDIT_AUDIT_UNLOAD_H_
