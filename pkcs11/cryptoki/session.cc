#include "pkcs11/cryptoki/session.h"

#include <string>

#include "pkcs11/cryptoki/call.h"

namespace sigtoken {

Result<Session> Session::Open(std::shared_ptr<Module> module, CK_SLOT_ID slot,
                              Access access) {
  SIGTOKEN_TRY(module->Check());
  CK_FLAGS flags = CKF_SERIAL_SESSION;
  if (access == Access::kReadWrite) flags |= CKF_RW_SESSION;
  CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;
  SIGTOKEN_TRY(Check(Call("C_OpenSession", module->functions().C_OpenSession,
                          slot, flags, nullptr, nullptr, &handle),
                     "open a session in slot " + std::to_string(slot)));
  module->SessionOpened(handle);
  return Session(std::move(module), handle);
}

Session::~Session() {
  // A failure leaves nothing to do; in a child the session is the parent's.
  if (handle_ != CK_INVALID_HANDLE && module_->Check()) {
    module_->CloseSession(handle_);
  }
}

Status Session::Login(CK_USER_TYPE user, Secret& pin) {
  return Login(user, pin.data(), pin.size());
}

Status Session::LoginByDevice(CK_USER_TYPE user) {
  const Unwatched unwatched;
  return Login(user, nullptr, 0);
}

Result<bool> Session::IsLoggedIn() const {
  CK_SESSION_INFO info{};
  SIGTOKEN_TRY(Check(
      Call("C_GetSessionInfo", functions().C_GetSessionInfo, handle_, &info),
      "look at a session"));
  return info.state != CKS_RO_PUBLIC_SESSION &&
         info.state != CKS_RW_PUBLIC_SESSION;
}

Status Session::Login(CK_USER_TYPE user, std::uint8_t* pin, std::size_t size) {
  const Answered answered =
      Call("C_Login", functions().C_Login, handle_, user, pin, size);
  if (answered == CKR_USER_ALREADY_LOGGED_IN) return Ok();
  return Check(answered, "log in to the token");
}

}  // namespace sigtoken
