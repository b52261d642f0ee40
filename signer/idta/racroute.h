// RACROUTE REQUEST=VERIFY, as far as identity tokens go.

#ifndef SIGNER_IDTA_RACROUTE_H_
#define SIGNER_IDTA_RACROUTE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signer/idt/generate.h"
#include "signer/idt/validate.h"
#include "signer/idta/idta.h"
#include "signer/idta/saf_system.h"
#include "signer/racf/users/user_registry.h"

namespace sigtoken {

enum class Envir { kCreate, kChange, kDelete, kVerify };
enum class Passchk { kYes, kNo, kNoMfa };

// The keywords. Passwords and phrases are not among them: nobody here could
// check one, and who calls has done it.
struct RacrouteRequest {
  std::string release = "PLV0001";
  Envir envir = Envir::kCreate;
  Passchk passchk = Passchk::kYes;
  // Whether the keyword is there.
  bool start = false;
  bool envrin = false;
  bool icrx = false;
  bool idid = false;
  std::optional<std::string> user;
  std::optional<std::string> appl;
  // PASSWRD or PHRASE is there, and was right. Beside an identity token it may
  // be ignored (signer/idt/amr.h, AmrNow()).
  std::optional<Authenticator> credential;
  // NEWPASS or NEWPHRASE is there.
  std::optional<Authenticator> new_credential;
  // Ours: how the caller has authenticated the user, as values of amr, where
  // that was not a password or a phrase alone. Beside an identity token: how
  // the user is authenticated now, and a new token is to say so.
  std::vector<std::string> amr;
  bool strict = false;  // As ValidateRequest's.
  // Ours: no token in the IDTA is a token that is malformed, and none is made.
  bool must_have_token = false;
  // Ours: nobody comes in by the answer, which is about tokens alone, as on the
  // command line. Then who is not fully authenticated is told by Auth_Done, and
  // not by 8/74/1.
  bool nobody_logs_on = false;
};

struct RacrouteResult {
  RacfCode code;
  // Why the IDTA was not looked at; empty where it was, or there was none. Of
  // the class that is not active `generated` tells, too.
  std::string ignored;
  bool idta_used = false;  // It was looked at.
  // Of a token that came with the request and was looked at.
  std::optional<ValidateResult> validated;
  // Of one that was made, or was to be made. What it says of `code` and
  // `error` is RACROUTE's own.
  std::optional<GenerateResult> generated;
  // The user is not fully authenticated: `code` is 8/74/1, or would be if
  // somebody logged on.
  bool more_is_needed = false;
  // How the request itself authenticated the user; empty where nothing is
  // verified, whatever came with it, and where a token alone did it.
  std::vector<std::string> amr;
  // Who is to be admitted.
  std::optional<User> known_user;
  // Of a signature that did not fit.
  FailureCount failure = FailureCount::kNotCounted;
  std::string user;  // Whose ACEE it is, after 0/0/0; may be empty: nobody's.
  std::string reason;
  std::string cure;  // Where the code's own would not help.
  std::optional<Error> error;
  std::vector<std::string> warnings;
  // What an administrator of z/OS would look for; after a refusal.
  std::string console;
  int exit_status = 0;  // As ValidateResult's.
};

// The IDTA is looked at with RELEASE=PLV0001 or higher and ENVIR=CREATE, and
// not with PASSCHK=NO, ENVRIN, ICRX or IDID (OA63462, "Other RACROUTE
// REQUEST=VERIFY Parameters"), nor with START, with which nothing is verified
// (ours), nor where the class IDTDATA is not active and no token is in it
// (OA63462, "IDT Configuration"). Else the request goes on without it.
//
// `buffer` is what IDTA_IDT_Buffer_Ptr points at: a token of IDTA_IDT_Len
// characters that came with the request. Empty where `idta` is null.
//
// With a token: it is checked (signer/idt/validate.h), and authenticates its
// user. Without: the user is authenticated by what the request says, and a
// token is made. What does not name anything that authenticates is 8/8/0 and
// not counted, whether an IDTA was ignored or not: a token that nobody has
// looked at lets nobody in.
//
// Who is not fully authenticated (mfa-exp, mfa-newinv, mfa-nmi) is not let in:
// 8/74/1, with a token that says how far it came where one was to be made
// (that code for it is ours).
//
// What the request changes of the user, a count of failures or a new password,
// is one with its record: the record says what came of it, it is kept once that
// is written, and undone where it cannot be. So an answer has both. Where a
// change cannot be kept that is on record already, a second record says so, and
// the answer is 8/6C/A0B. A process that ends in between leaves no more than a
// record without its change, and has given no answer.
//
// `idta` is left as the service does: length 0 for a token that is refused
// with 8/6C or 8/8 (OA63462, "IDTA Error Handling when Validating an IDT"); the
// length that the buffer must have with 8/70/1; generation code and output
// properties, which are both zero where nobody tried to make one, whatever the
// reason, if it is an IDTA at all. New tokens are in `generated`; the caller
// copies them into the buffer, which they fit.
RacrouteResult Racroute(const SafSystem& system, const RacrouteRequest& request,
                        Idta* idta, std::string_view buffer);

// Keywords that are refused with 8/70/A01 before they are a request. Recorded
// as Racroute() does.
// `request` has what could be read of them.
RacrouteResult RefuseRacroute(const SafSystem& system,
                              const RacrouteRequest& request, Error error);

}  // namespace sigtoken

#endif  // SIGNER_IDTA_RACROUTE_H_
