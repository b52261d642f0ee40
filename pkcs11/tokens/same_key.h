// Whether a key is still the one that it was when it was first seen.

#ifndef PKCS11_TOKENS_SAME_KEY_H_
#define PKCS11_TOKENS_SAME_KEY_H_

#include <cstdint>
#include <span>
#include <string>

#include "pkcs11/base/result.h"
#include "pkcs11/store/host_lock.h"
#include "pkcs11/tokens/object_index.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// Whether `key`, as it was just examined, has the check value `expected`
// (tokens/check_value.h): by its own, or by C_Verify where it may verify and
// not sign. A key that may do neither passes, for nobody can use it. `name` is
// for messages.
//
// Errors: kObjectNotFound and CKR_KEY_CHANGED for another key; kNotAvailable
// for one that made no check value now; as C_VerifyInit and C_Verify gave them,
// of which NSS gives a device error where the check value does not fit.
Status CheckSameKey(Token& token, const HostLock::Shared& held,
                    const FoundKey& key, const std::string& name,
                    std::span<const std::uint8_t> expected);

// Writes the record of a key that the configuration binds and that the state
// store does not know yet: from its first use on, all processes compare its
// check value. Any other key is left alone. It takes a guard.
//
// Nobody is refused a signature because it cannot be written: the next use
// tries again. It is not written while the store has lost its token either
// (StoreWasLost()), since whoever makes the next key is to hear of that.
void RecordFirstUse(Token& token, const FoundKey& key);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_SAME_KEY_H_
