// Whether a module gives the handle of a destroyed object to another one.

#ifndef PKCS11_TOKENS_HANDLE_REUSE_H_
#define PKCS11_TOKENS_HANDLE_REUSE_H_

#include "pkcs11/cryptoki/session.h"
#include "pkcs11/store/host_lock.h"

namespace sigtoken {

// Found out with two session objects, one after the other. True where they
// cannot be made: who does not know must reckon with it. The token is logged
// in to.
bool MayReuseHandles(const HostLock::Exclusive& held, Session& session);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_HANDLE_REUSE_H_
