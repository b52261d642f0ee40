// The parameters of IRRSIA00, as C hands them over: each read is checked.

#ifndef TOOLS_SAF_INIT_ACEE_PARAMETERS_H_
#define TOOLS_SAF_INIT_ACEE_PARAMETERS_H_

#include <string>

#include "pkcs11/base/result.h"
#include "signer/idta/initacee.h"
#include "tools/saf/include/irrsia00.h"

namespace sigtoken::saf {

// All but the codes and the work area, each where the caller has it, or null.
// None need be aligned.
struct InitAceeParameters {
  const void* saf_return_code_alet;
  const void* racf_return_code_alet;
  const void* racf_reason_code_alet;
  const void* function_code;
  const void* attributes;
  const void* racf_userid;
  const void* acee_ptr;
  const void* appl_id;
  const void* password;
  const void* logstring;
  const void* certificate;
  const void* envr_in;
  const void* envr_out;
  const void* output_area;
  const void* x500_name;
  const void* variable_list;
  const void* security_label;
  const void* servauth_name;
  const void* password_phrase;
  const void* idid_area;
  const void* acee2_alet;
  const void* acee2_ptr;
  const void* idta_ptr;
};

// What function X'07' takes.
struct GenIdtParameters {
  std::string appl;
  std::string user;
  IDTA* idta;  // Not null; what is in it nobody has looked at.
};

// Who asks, and for which application, as far as that can be read: for the
// record of a request whose parameters are refused.
InitAceeRequest WhoAsks(const InitAceeParameters& given);

// The IDTA of function X'07'; null where there is none.
IDTA* IdtaOf(const InitAceeParameters& given);

// Whether the function is X'07', whatever else is given.
bool IsGenIdt(const InitAceeParameters& given);

// In the order of the parameter list, but for those that no other function
// would take, which come first. Errors: kParameterInvalid; the message names
// the parameter.
Result<GenIdtParameters> ReadGenIdt(const InitAceeParameters& given);

}  // namespace sigtoken::saf

#endif  // TOOLS_SAF_INIT_ACEE_PARAMETERS_H_
