// The ACEE of a C program: whom it stands for.

#ifndef TOOLS_SAF_ACEE_H_
#define TOOLS_SAF_ACEE_H_

#include <string>
#include <string_view>

#include "pkcs11/base/result.h"
#include "tools/saf/include/ihaacee.h"

namespace sigtoken::saf {

// The user. `what` names the parameter in messages. It need not be aligned.
// Precondition: not null. Errors: kParameterInvalid.
Result<std::string> UserOf(const ACEE* acee, std::string_view what);

// For `user`; empty: for nobody, whom RACF writes as *.
// Precondition: at most 8 characters.
void WriteAcee(ACEE* acee, std::string_view user);

}  // namespace sigtoken::saf

#endif  // TOOLS_SAF_ACEE_H_
