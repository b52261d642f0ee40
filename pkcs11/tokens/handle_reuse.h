// Whether the handle of an object may come to name another one.

#ifndef PKCS11_TOKENS_HANDLE_REUSE_H_
#define PKCS11_TOKENS_HANDLE_REUSE_H_

#include "pkcs11/cryptoki/session.h"
#include "pkcs11/store/host_lock.h"

namespace sigtoken {

// Whether the module gives the handle of a destroyed object to another one.
// Found out with two session objects, one after the other. True where they
// cannot be made: who does not know must reckon with it. The token is logged
// in to.
bool MayReuseHandles(const HostLock::Exclusive& held, Session& session);

// Whether another part of this process may finalise and initialise a module
// that is ours, unseen by us: all handles are dealt anew then, from 1, and so
// each key is looked at behind each MAC. Programs that are sigtoken alone say
// no at their start, since for SoftHSM2 2.6.1 that takes longer than the MAC
// (measured). Good for the logins from then on.
void SetModulesMayBeShared(bool may);
bool ModulesMayBeShared();

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_HANDLE_REUSE_H_
