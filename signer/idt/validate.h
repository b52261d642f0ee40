// Checks an identity token, as RACROUTE REQUEST=VERIFY does with IDTA.

#ifndef SIGNER_IDT_VALIDATE_H_
#define SIGNER_IDT_VALIDATE_H_

#include <optional>
#include <string>
#include <vector>

#include "pkcs11/base/clock.h"
#include "pkcs11/base/error.h"
#include "signer/idt/claims.h"
#include "signer/idt/key_choice.h"
#include "signer/racf/codes.h"

namespace sigtoken {

struct ValidateRequest {
  std::string token;                // As it came; at most kMaxTokenBytes.
  std::optional<std::string> appl;  // Who asks; else default_appl.
  std::string default_appl = "OMVSAPPL";
  std::optional<std::string> user;  // Must be the token's, when given.
  bool end_user = true;             // No unsigned token is taken.
  Instant at = Now();               // When the token is judged.
  // Whether an unsigned token is refused where a profile names a key, though
  // no end user sends it. RACF accepts it then (OA63462, "Signed and Unsigned
  // Identity Tokens").
  bool strict = false;
  KeyChoice key;
};

// Nothing of the token is in here unless its MAC fitted, or it is one that
// needs none.
struct ValidateResult {
  bool valid = false;
  RacfCode code;       // RACROUTE's.
  std::string reason;  // One sentence, also when the token is valid.
  std::string user;    // `sub`.
  std::string claims_json;
  std::optional<Claims> claims;  // When valid.
  // Off while amr says that the user must still do something (OA63462,
  // "mfa-exp", "mfa-newinv" and "mfa-nmi"): the token is good for the next
  // request of the same authentication, and for nothing else.
  bool auth_done = false;
  std::optional<std::string> profile;  // That covers, where one does.
  std::optional<Handle> key;           // That the profile names.
  std::vector<std::string> notes;
  std::optional<IcsfCode> icsf;  // CSFPHMV's, where it found that no MAC fits.
  // Why nothing could be decided: the request, the key or its device is at
  // fault. A token that is refused is not an error.
  std::optional<Error> error;
  int exit_status = 0;  // 0 valid, 4 refused, 8 request at fault, 12 undecided.
};

// RACF documents no order of checks; this one is ours, and cheap checks come
// first: the class; sizes, form and header; a signature must be there; issuer
// and user; the profile of the validator's application and the token's user;
// the algorithm and the MAC; only then that all claims are there and of their
// types, expiry, audience, and the rest of their values.
//
// A device that fails never makes the answer 8/8/0, which z/OS counts against
// the user's password attempts.
ValidateResult ValidateIdt(const ValidateRequest& request);

// The result where the key, or what it needs, could not be had.
ValidateResult NotDecided(Error error);

}  // namespace sigtoken

#endif  // SIGNER_IDT_VALIDATE_H_
