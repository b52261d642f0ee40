// Where the object of a handle is, of whatever class.

#ifndef PKCS11_OBJECTS_LOCATE_H_
#define PKCS11_OBJECTS_LOCATE_H_

#include <p11-kit/pkcs11.h>

#include <optional>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/cryptoki/session.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/store/host_lock.h"
#include "pkcs11/tokens/address_book.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// An object as it was found: good for the session's login and generation.
struct Located {
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
  Origin origin = Origin::kOurs;
};

// The one object of `token` with the handle `id`: a key or a data object of
// ours, or one that others made and that has a handle. `session` is one that
// searches only; the token is logged in to. Errors: kObjectNotFound;
// kHandleInvalid when there are several; as the module gave them.
Result<Located> Locate(Token& token, const HostLock::Shared& held,
                       Session& session, ObjectId id);

}  // namespace sigtoken

#endif  // PKCS11_OBJECTS_LOCATE_H_
