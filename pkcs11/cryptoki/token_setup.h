// A new PKCS#11 token in a free slot.

#ifndef PKCS11_CRYPTOKI_TOKEN_SETUP_H_
#define PKCS11_CRYPTOKI_TOKEN_SETUP_H_

#include <memory>
#include <string>

#include "pkcs11/base/result.h"
#include "pkcs11/base/secret.h"
#include "pkcs11/cryptoki/module.h"

namespace sigtoken {

// Whether C_InitToken makes a token: NSS answers CKR_OK, ignores the label, and
// nobody can log in afterwards. It is known by its name in C_GetInfo, since
// trying would do the damage. Errors: kParameterInvalid.
Status CheckInitializesTokens(const Module& module);

// Initialises the module's free slot (the one without CKF_TOKEN_INITIALIZED) as
// a token with this label and these PINs, and logs in once to see that the user
// PIN is the one. A slot that is initialised is never touched.
//
// `label` has 32 characters, blanks behind. The caller holds the host lock
// exclusively. Errors: kNotAvailable when there is no free slot; as the module
// gave them.
Result<Slot> InitializeFreeSlot(const std::shared_ptr<Module>& module,
                                const std::string& label, Secret& so_pin,
                                Secret& user_pin);

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_TOKEN_SETUP_H_
