// Reads the claims of an identity token.

#ifndef SIGNER_IDT_CLAIMS_READER_H_
#define SIGNER_IDT_CLAIMS_READER_H_

#include <optional>
#include <string>

#include "signer/idt/claims.h"
#include "signer/idt/token_refusal.h"
#include "signer/jws/strict_json.h"

namespace sigtoken {

// The little that may be read before the MAC was checked, because key and
// profile hang on it: that `iss` is saf, and the user ID in `sub`.
Checked<std::string> ReadSubject(const JsonObject& payload);

// All eight claims, with types and ranges; for after the MAC was checked. Times
// and audience are not compared with anything, and the rest of their values is
// CheckValues()'s. Other claims are ignored, `nbf`
// too: RACF documents no more than these eight.
//
// aud may be a string or an array, times may have fractions: issuers other than
// RACF write them so (RFC 7519, sections 2 and 4.1.3).
Checked<Claims> ReadClaims(const JsonObject& payload);

// Whether jti and txn have 8 to 64 characters (OA63462, "RACROUTE JWT Claims"),
// and amr is one that CheckAmr() accepts. Nothing if they are.
std::optional<TokenRefusal> CheckValues(const Claims& claims);

}  // namespace sigtoken

#endif  // SIGNER_IDT_CLAIMS_READER_H_
