// Whether a module computes MACs rightly.

#ifndef PKCS11_TOKENS_RIGHT_MAC_H_
#define PKCS11_TOKENS_RIGHT_MAC_H_

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/session.h"
#include "pkcs11/store/host_lock.h"

namespace sigtoken {

// Tries the module with a key whose MACs are known: RFC 4231, test case 6, of
// 131 bytes, longer than any block, where implementations differ. The key is a
// session object, and gone at the end. A key that the token made itself shows
// no more than that its MACs repeat.
//
// What cannot be tried is not held against it: some modules take no key from
// outside. Errors: kNotAvailable for a MAC that is not the known one.
Status CheckRightMac(const HostLock::Exclusive& held, Session& session);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_RIGHT_MAC_H_
