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
#include "signer/idt/user_check.h"
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
  UserChecks users;
  // What else of the user came with the token and was right: values of amr, or
  // PASSWRD or PHRASE.
  std::vector<std::string> amr = {};
  std::optional<Authenticator> credential = std::nullopt;
  // NEWPASS or NEWPHRASE came with the token.
  std::optional<Authenticator> new_credential;
};

// Nothing of the token is in here unless its MAC fitted, or it is one that
// needs none.
struct ValidateResult {
  bool valid = false;
  bool evaluated = false;  // Whether the token was looked at.
  // Whether nothing was wrong with the token, whoever its user is.
  bool token_is_good = false;
  // Off while amr says that the user must still do something (OA63462,
  // "mfa-exp", "mfa-newinv" and "mfa-nmi"): the token is good for the next
  // request of the same authentication, and for nothing else.
  bool auth_done = false;
  // Whether `error` came from the key or its device, and not from the store.
  bool key_failed = false;
  int exit_status = 0;  // 0 valid, 4 refused, 8 request at fault, 12 undecided.
  RacfCode code;        // RACROUTE's.
  // Whether a signature does not fit, which the caller is to count against
  // `claimed_user` (CountFailure()).
  bool signature_failed = false;
  std::optional<IcsfCode> icsf;  // CSFPHMV's, where it found that no MAC fits.
  std::string reason;            // One sentence, also when the token is valid.
  std::string cure;              // Where the code's own would not help.
  // Whom the token claims to be for, true or not: for records alone.
  std::string claimed_user;
  std::string user;  // `sub`.
  std::string claims_json;
  std::optional<Claims> claims;  // When valid.
  // Of a token whose MAC fitted; empty where it is none.
  std::vector<std::string> amr;
  // How the request itself authenticates the token's user, when valid; empty
  // where the token alone does it.
  std::vector<std::string> amr_now;
  // What is known of the user of a token whose MAC fitted.
  std::optional<User> known_user;
  std::optional<std::string> profile;  // That covers, where one does.
  std::optional<Handle> key;           // That the profile names.
  std::vector<std::string> notes;
  // Why nothing could be decided: the request, the key or its device is at
  // fault. A token that is refused is not an error.
  std::optional<Error> error;
};

// RACF documents no order of checks; this one is ours, and cheap checks come
// first: the class; sizes, form and header; a signature must be there; issuer
// and user; the profile of the validator's application and the token's user;
// the algorithm and the MAC; only then that all claims are there and of their
// types, expiry, audience, and the rest of their values; and then the user.
//
// No user changes here: that a signature did not fit, or that the user is in,
// the caller tells the registry (CountFailure(), Admit()), with the record of
// the request. A device that fails never makes the answer 8/8/0.
ValidateResult ValidateIdt(const ValidateRequest& request);

// The result where the key, or what it needs, could not be had.
ValidateResult NotDecided(Error error);

}  // namespace sigtoken

#endif  // SIGNER_IDT_VALIDATE_H_
