#include "pkcs11/cryptoki/session.h"

#include <string>

namespace sigtoken {

Result<Session> Session::Open(std::shared_ptr<Module> module, CK_SLOT_ID slot,
                              Access access) {
  SIGTOKEN_TRY(module->Check());
  CK_FLAGS flags = CKF_SERIAL_SESSION;
  if (access == Access::kReadWrite) flags |= CKF_RW_SESSION;
  CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;
  SIGTOKEN_TRY(Check(
      module->functions().C_OpenSession(slot, flags, nullptr, nullptr, &handle),
      "C_OpenSession", "open a session in slot " + std::to_string(slot)));
  return Session(std::move(module), handle);
}

Session::~Session() {
  // A failure leaves nothing to do; in a child the session is the parent's.
  if (handle_ != CK_INVALID_HANDLE && module_->Check()) {
    functions().C_CloseSession(handle_);
  }
}

Status Session::Login(CK_USER_TYPE user, Secret& pin) {
  return Login(user, pin.data(), pin.size());
}

Status Session::LoginByDevice(CK_USER_TYPE user) {
  return Login(user, nullptr, 0);
}

Result<bool> Session::IsLoggedIn() const {
  CK_SESSION_INFO info{};
  SIGTOKEN_TRY(Check(functions().C_GetSessionInfo(handle_, &info),
                     "C_GetSessionInfo", "look at a session"));
  return info.state != CKS_RO_PUBLIC_SESSION &&
         info.state != CKS_RW_PUBLIC_SESSION;
}

Status Session::Login(CK_USER_TYPE user, std::uint8_t* pin, std::size_t size) {
  const CK_RV rv = functions().C_Login(handle_, user, pin, size);
  if (rv == CKR_USER_ALREADY_LOGGED_IN) return Ok();
  return Check(rv, "C_Login", "log in to the token");
}

}  // namespace sigtoken
