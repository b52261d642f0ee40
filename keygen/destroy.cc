#include "keygen/destroy.h"

#include <algorithm>
#include <utility>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/address_search.h"

namespace sigtoken {

Status CheckGone(const Token& token, Session& session,
                 const Attributes& address, const std::string& name,
                 std::optional<CK_OBJECT_HANDLE> only) {
  SIGTOKEN_ASSIGN(const auto left, FindForSure(token, session, address));
  const bool gone =
      only ? std::find(left.begin(), left.end(), *only) == left.end()
           : left.empty();
  if (gone) return Ok();
  return Error{CKR_FUNCTION_FAILED, "C_DestroyObject",
               name + " is still there after it was destroyed",
               "look at the module's device: it may be full or read-only",
               kNotAvailable};
}

Status DestroyAll(const Token& token, Session& session,
                  const Attributes& address, const std::string& name,
                  std::optional<CK_OBJECT_HANDLE> only) {
  SIGTOKEN_ASSIGN(const auto objects, FindForSure(token, session, address));
  for (const CK_OBJECT_HANDLE object : objects) {
    if (only && object != *only) continue;
    SIGTOKEN_TRY(DestroyObject(session, object));
  }
  return CheckGone(token, session, address, name, only);
}

Status TakeBack(Token& token, const HostLock::Exclusive& held, Session& session,
                const Attributes& address, const std::string& name,
                std::optional<CK_OBJECT_HANDLE> only) {
  if (DestroyAll(token, session, address, name, only)) return Ok();
  SIGTOKEN_ASSIGN(session, token.OpenSession(held, Access::kReadWrite));
  return DestroyAll(token, session, address, name, only);
}

Error MayBeLeft(Error error, const std::string& name) {
  error.cure +=
      "; " + name + " may be in the token: delete it, with --force if need be";
  error.icsf = kNotAvailable;
  return error;
}

Error WithWhatIsLeft(Error error, const Status& taken_back,
                     const std::string& name) {
  if (taken_back) return error;
  error.cure += "; " + taken_back.error().message;
  return MayBeLeft(std::move(error), name);
}

}  // namespace sigtoken
