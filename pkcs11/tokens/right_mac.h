// Whether a module computes MACs rightly.

#ifndef PKCS11_TOKENS_RIGHT_MAC_H_
#define PKCS11_TOKENS_RIGHT_MAC_H_

#include "pkcs11/base/result.h"
#include "pkcs11/store/host_lock.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// Tries the module with a key whose MACs are known: RFC 4231, test case 6, of
// 131 bytes, longer than any block, where implementations differ. The key is a
// session object, and gone at the end. A key that the token made itself shows
// no more than that its MACs repeat.
//
// A module that does not take such a key cannot be asked, and that is not held
// against it. An answer that a device or a session gives that is gone is no
// such refusal: it is tried a second time, and then the error is the caller's,
// unless the module signs with a key of its own meanwhile, and so means the
// request. The token is logged in to.
//
// Errors: kNotAvailable for a MAC that is not the known one; as the module gave
// them.
Status CheckRightMac(Token& token, const HostLock::Exclusive& held);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_RIGHT_MAC_H_
