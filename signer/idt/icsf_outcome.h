// Whether a failure is "ICSF not available" or "ICSF error".

#ifndef SIGNER_IDT_ICSF_OUTCOME_H_
#define SIGNER_IDT_ICSF_OUTCOME_H_

#include "pkcs11/base/error.h"

namespace sigtoken {

// True for a module, device or store that is not there: generation code 4. Any
// other failure of the key is an ICSF error, code 5: return code 8, and 12/8,
// where the device works and lacks the algorithm. That a missing key and a
// refused login are among those is our reading of OA63462, table A.
bool IsIcsfUnavailable(const Error& error);

}  // namespace sigtoken

#endif  // SIGNER_IDT_ICSF_OUTCOME_H_
