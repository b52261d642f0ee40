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

// All of these: the caller holds the host lock exclusively.

// Initialises the module's free slot (the one without CKF_TOKEN_INITIALIZED) as
// a token with this label and these PINs, and gives its number. A slot that is
// initialised is never touched. `label` has 32 characters, blanks behind.
//
// Errors: kNotAvailable when there is no free slot; as C_InitToken gave them,
// and as SetUserPin().
Result<CK_SLOT_ID> InitializeFreeSlot(const std::shared_ptr<Module>& module,
                                      const std::string& label, Secret& so_pin,
                                      Secret& user_pin);

// The security officer sets the user PIN of a token. One that says that his
// next wrong PIN locks it is left alone; free slots may say anything of it
// (SoftHSM2 2.6.1: CKF_SO_PIN_LOCKED). Errors: kNotAuthorized for that; as
// C_InitPIN gave them, and C_Login for his PIN alone.
Status SetUserPin(const std::shared_ptr<Module>& module, CK_SLOT_ID slot,
                  Secret& so_pin, Secret& user_pin);

// Logs in once, to see that the user PIN is the one, and gives the token as it
// is then. Errors: as the module gave them.
Result<Slot> TryUserPin(const std::shared_ptr<Module>& module, CK_SLOT_ID slot,
                        Secret& user_pin);

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_TOKEN_SETUP_H_
