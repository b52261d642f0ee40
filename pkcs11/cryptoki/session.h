// Session: an open session with a token.

#ifndef PKCS11_CRYPTOKI_SESSION_H_
#define PKCS11_CRYPTOKI_SESSION_H_

#include <p11-kit/pkcs11.h>

#include <memory>
#include <utility>

#include "pkcs11/base/result.h"
#include "pkcs11/base/secret.h"
#include "pkcs11/cryptoki/module.h"

namespace sigtoken {

enum class Access { kReadOnly, kReadWrite };

// An open session, closed on destruction. Not thread safe: one thread at a
// time, since an operation (C_SignInit to C_Sign) lives in the session.
//
// It does not log out. A login belongs to the token and all its sessions in
// this process (PKCS #11 v2.40, section 6.7), so a session that logged out on
// its way would log out its neighbours.
class Session {
 public:
  static Result<Session> Open(std::shared_ptr<Module> module, CK_SLOT_ID slot,
                              Access access);

  Session(Session&& other) noexcept
      : module_(std::move(other.module_)),
        handle_(std::exchange(other.handle_, CK_INVALID_HANDLE)) {}
  Session& operator=(Session&& other) noexcept {
    std::swap(module_, other.module_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Session();

  // Logs the token in; a token that is logged in already is fine, and then the
  // PIN is not looked at. Errors: as C_Login gave them.
  Status Login(CK_USER_TYPE user, Secret& pin);

  // As Login, where the token has a keypad of its own
  // (CKF_PROTECTED_AUTHENTICATION_PATH): it asks for the PIN.
  Status LoginByDevice(CK_USER_TYPE user);

  // Whether the token is logged in to; one that asks for no login never is.
  Result<bool> IsLoggedIn() const;

  const Module& module() const { return *module_; }
  CK_FUNCTION_LIST& functions() const { return module_->functions(); }
  CK_SESSION_HANDLE handle() const { return handle_; }

 private:
  Session(std::shared_ptr<Module> module, CK_SESSION_HANDLE handle)
      : module_(std::move(module)), handle_(handle) {}

  Status Login(CK_USER_TYPE user, std::uint8_t* pin, std::size_t size);

  std::shared_ptr<Module> module_;  // C_Finalize waits for the last session.
  CK_SESSION_HANDLE handle_;
};

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_SESSION_H_
