// Destroying objects so that they are known to be gone.

#ifndef KEYGEN_DESTROY_H_
#define KEYGEN_DESTROY_H_

#include <optional>
#include <string>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/cryptoki/session.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// Of all of these: `address` is what the objects are found by, and `name` what
// messages call them. The session may write; the caller holds the host lock.

// Whether no such object is left, or not `only`, whatever the module said when
// it destroyed them: a session that lost its login shows none either. Errors:
// kNotAvailable; as the module gave them.
Status CheckGone(const Token& token, Session& session,
                 const Attributes& address, const std::string& name,
                 std::optional<CK_OBJECT_HANDLE> only = std::nullopt);

// Destroys all such objects, or `only` if it is among them. Errors: as
// CheckGone().
Status DestroyAll(const Token& token, Session& session,
                  const Attributes& address, const std::string& name,
                  std::optional<CK_OBJECT_HANDLE> only = std::nullopt);

// As DestroyAll(), after a failure in `session`, which may be of no use any
// more: where it is, a fresh one takes its place. Errors: as CheckGone().
Status TakeBack(Token& token, const HostLock::Exclusive& held, Session& session,
                const Attributes& address, const std::string& name,
                std::optional<CK_OBJECT_HANDLE> only = std::nullopt);

// `error`, and that the object may be in the token, as kNotAvailable: its
// number stays spent.
Error MayBeLeft(Error error, const std::string& name);

// `error`; where the object was not `taken_back`, that too, as MayBeLeft().
Error WithWhatIsLeft(Error error, const Status& taken_back,
                     const std::string& name);

}  // namespace sigtoken

#endif  // KEYGEN_DESTROY_H_
