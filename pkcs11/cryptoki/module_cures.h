// What to do about a module that does not start.

#ifndef PKCS11_CRYPTOKI_MODULE_CURES_H_
#define PKCS11_CRYPTOKI_MODULE_CURES_H_

#include <p11-kit/pkcs11.h>

#include <string>
#include <string_view>

#include "pkcs11/cryptoki/module.h"

namespace sigtoken {

// Where the module of that path has its own configuration from, as the rest of
// "see that"; "" for one that is not known. For messages alone: how a module is
// used never hangs on its name.
std::string_view OwnConfigurationOf(std::string_view path);

// The cure of what its C_Initialize answered.
std::string CureOfStart(const ModuleSpec& spec, CK_RV rv);

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_MODULE_CURES_H_
