// initACEE, function 7: an identity token for whom an ACEE stands for.

#ifndef SIGNER_IDTA_INITACEE_H_
#define SIGNER_IDTA_INITACEE_H_

#include <string>
#include <vector>

#include "signer/idt/generate.h"
#include "signer/idta/idta.h"
#include "signer/idta/saf_system.h"

namespace sigtoken {

struct InitAceeRequest {
  std::string appl;                   // APPL_id
  std::string user;                   // The ACEE's.
  std::vector<std::string> amr = {};  // saf-acee alone is also taken.
};

// Checks the IDTA, makes the token, records the request, and leaves `idta` as
// the service does: the length of the token, or the one that the buffer must
// have; generation code; output properties. Where the request or a field is
// refused these two are zero, if it is an IDTA at all. The token is in the
// result; the caller copies it into the buffer, which it fits.
//
// Nobody is authenticated: the ACEE is there. So users are not looked at, and
// protected ones get tokens too (OA63462, "Protected Users").
//
// A record that cannot be written is 8/8/8, unless the log is told to go on:
// then `warnings` of the result says so.
GenerateResult InitAcee(const SafSystem& system, const InitAceeRequest& request,
                        Idta& idta);

// A parameter list that is refused with 8/8/4 before it is a request. Recorded
// as InitAcee() does. `request` has what could be read of it.
GenerateResult RefuseInitAcee(const SafSystem& system,
                              const InitAceeRequest& request, Error error);

}  // namespace sigtoken

#endif  // SIGNER_IDTA_INITACEE_H_
