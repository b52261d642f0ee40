// Makes an identity token, as initACEE and RACROUTE REQUEST=VERIFY do.

#ifndef SIGNER_IDT_GENERATE_H_
#define SIGNER_IDT_GENERATE_H_

#include <cstddef>
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
  // RACROUTE's: that of the token which came with the request, and was valid.
  std::optional<std::string> txn;
  Instant now = Now();
  // A key that is named goes with the defaults of a profile.
  KeyChoice key;
  // How long a token may be.
  std::optional<std::size_t> room;
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
  // Whether `error` came from the key or its device, and not from the store.
  bool key_failed = false;
  // Where there was not enough: the length of the token.
  std::optional<std::size_t> needed_bytes;
  std::vector<std::string> warnings;
  // What an administrator of z/OS would look for; after a refusal.
  std::string console;
  // 0 a token, 4 none that is signed was to be had, 8 the request or the key at
  // fault, 12 not available.
  int exit_status = 0;
};

// What GenerateIdt() refuses as a parameter of the service, before anything
// else: application, user and amr. Errors: kParameterInvalid.
Status CheckGenerateParameters(const GenerateRequest& request);

// The result of a request that is refused with `code` before a token was asked
// for: exit status 8.
GenerateResult GenerateRefused(RacfCode code, Error error);

// initACEE fails when no token can be made. RACROUTE then succeeds without one,
// and only idt_gen_rc tells (OA63462, table A; IBM's z/OS 3.2 education
// material on RACF JWT support).
GenerateResult GenerateIdt(const GenerateRequest& request);

// The result where the class IDTDATA is not active.
GenerateResult ClassNotActive(IdtService service);

// The result where no key could be had, or none could sign: generation code 4
// or 5 (signer/idt/icsf_outcome.h).
GenerateResult NotGenerated(IdtService service, Error error);

// Where `code` of a result belongs, for FormatRacfCode().
RacfSurface SurfaceOf(IdtService service);

}  // namespace sigtoken

#endif  // SIGNER_IDT_GENERATE_H_
