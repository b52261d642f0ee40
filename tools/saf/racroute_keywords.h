// The keywords of racroute_verify(), as C hands them over: each read is
// checked.

#ifndef TOOLS_SAF_RACROUTE_KEYWORDS_H_
#define TOOLS_SAF_RACROUTE_KEYWORDS_H_

#include "pkcs11/base/result.h"
#include "signer/idta/racroute.h"
#include "tools/saf/include/racroute.h"

namespace sigtoken::saf {

// A copy, of this library's size. Errors: kParameterInvalid for a structure
// that is shorter than the first one ever was, and for one that is longer and
// has a keyword which this library does not know.
Result<RACROUTE_VERIFY> ReadKeywords(const RACROUTE_VERIFY* keywords);

// Who asks, and for which application, as far as that can be read: for the
// record of a request whose keywords are refused.
RacrouteRequest WhoAsks(const RACROUTE_VERIFY& keywords);

// What they say. Whether user, application and amr are such is left to
// Racroute(). Errors: kParameterInvalid; the message names the keyword.
Result<RacrouteRequest> ToRequest(const RACROUTE_VERIFY& keywords);

}  // namespace sigtoken::saf

#endif  // TOOLS_SAF_RACROUTE_KEYWORDS_H_
