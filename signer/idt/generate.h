// Makes an identity token, as initACEE and RACROUTE REQUEST=VERIFY do.

#ifndef SIGNER_IDT_GENERATE_H_
#define SIGNER_IDT_GENERATE_H_

#include <optional>
#include <string>
#include <vector>

#include "pkcs11/base/clock.h"
#include "pkcs11/base/error.h"
#include "signer/idt/key_choice.h"
#include "signer/racf/codes.h"

namespace sigtoken {

enum class IdtService {
  kInitAcee,  // Function 7, from an ACEE: amr is saf-acee.
  kRacroute,  // REQUEST=VERIFY with IDTA, after the user was authenticated.
};

struct GenerateRequest {
  IdtService service = IdtService::kInitAcee;
  std::string appl;
  std::string user;
  // How the user was authenticated; empty: saf-acee or saf-pwd.
  std::vector<std::string> amr;
  bool end_user = true;  // No unsigned token is made.
  // RACROUTE's: must be valid for appl and user, and passes its txn on.
  std::optional<std::string> input_token;
  Instant now = Now();
  // A key that is named goes with the defaults of a profile.
  KeyChoice key;
};

struct GenerateResult {
  std::string token;       // Empty unless `returned`.
  bool is_signed = false;  // IDTA_IDT_Signed.
  bool returned = false;   // IDTA_SAF_IDT_Return.
  bool auth_done = false;  // IDTA_IDT_Auth_Done.
  int idt_gen_rc = kGenRcSuccess;
  RacfCode code;  // The service's: initACEE's or RACROUTE's.
  std::string claims_json;
  std::optional<std::string> profile;  // That covers, where one does.
  std::optional<Handle> key;           // That the profile names.
  std::optional<Error> error;          // Why no token came back.
  // 0 a token, 4 none that is signed was to be had, 8 the request or the key at
  // fault, 12 not available.
  int exit_status = 0;
};

// initACEE fails when no token can be made. RACROUTE then succeeds without one,
// and only idt_gen_rc tells (OA63462, table A; IBM's z/OS 3.2 education
// material on RACF JWT support).
GenerateResult GenerateIdt(const GenerateRequest& request);

// The result where no key could be had, or none could sign: generation code 4
// or 5 (signer/idt/icsf_outcome.h).
GenerateResult NotGenerated(IdtService service, Error error);

// Where `code` of a result belongs, for FormatRacfCode().
RacfSurface SurfaceOf(IdtService service);

}  // namespace sigtoken

#endif  // SIGNER_IDT_GENERATE_H_
