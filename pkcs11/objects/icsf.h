// Icsf: what one process sees of ICSF.

#ifndef PKCS11_OBJECTS_ICSF_H_
#define PKCS11_OBJECTS_ICSF_H_

#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/objects/session_objects.h"
#include "pkcs11/objects/state_objects.h"
#include "pkcs11/tokens/directory.h"
#include "pkcs11/tokens/key.h"

namespace sigtoken {

// The tokens of a Directory, as the TKDS has them, and what ends with the
// process: session objects and state objects. What the callable services work
// on. Thread safe.
class Icsf {
 public:
  // `directory` outlives it.
  explicit Icsf(Directory& directory) : directory_(directory) {}

  Directory& directory() { return directory_; }
  StateObjects& states() { return states_; }
  SessionObjects& sessions() { return sessions_; }

  // The token that a handle names: its first 32 characters, for callers leave
  // anything in the others. Errors: kHandleInvalid; as Directory::FindToken().
  Result<std::shared_ptr<Token>> FindToken(std::string_view handle);

  // The secret key of a handle, ready to make MACs. It is kept for the next
  // call. Errors: kHandleInvalid for the handle of a token or a state object;
  // kKeyTypeInconsistent for an object that is no secret key;
  // kSessionObjectGone; as Directory::FindToken() and Key::Find().
  Result<Key> FindKey(const Handle& handle);

  // Of keys that were changed or deleted: they are looked for anew.
  void Forget(const Handle& handle);
  void ForgetAllOf(const TokenName& name);

 private:
  Directory& directory_;
  StateObjects states_;
  SessionObjects sessions_;
  std::mutex keys_mutex_;
  std::map<Handle, Key> keys_;
};

// The token name in the first 32 characters of a handle's 44. Errors:
// kHandleInvalid.
Result<TokenName> TokenNameOf(std::string_view handle);

// The handle of an object: all 44 characters count. Errors: kHandleInvalid,
// also for the handle of a token.
Result<Handle> ObjectHandleOf(std::string_view handle);

// Errors: kHandleInvalid for the handle of a state object.
Status CheckIsNoState(const Handle& handle);

// `error`; kSessionObjectGone in its place where it is that there is no such
// object, and this process has made it: it went with the token's login.
Error ExplainMissing(Icsf& icsf, const Handle& handle, Error error);

}  // namespace sigtoken

#endif  // PKCS11_OBJECTS_ICSF_H_
