#include "pkcs11/tokens/officers_pin.h"

#include <string>

#include "pkcs11/base/file_check.h"
#include "pkcs11/store/host_lock.h"
#include "pkcs11/store/refused_pins_of_host.h"
#include "pkcs11/tokens/pin_cures.h"

namespace sigtoken {

OfficersPin::OfficersPin(Database& database, const BoundToken& bound)
    : database_(database),
      bound_(bound),
      token_{bound.uri.module_path().value_or(""), bound.init,
             bound.uri.token_label().value_or(""),
             bound.uri.serial().value_or("")} {}

Result<Secret> OfficersPin::Read() {
  SIGTOKEN_ASSIGN(const std::string path, bound_.so_pin_source->FilePath());
  file_ = LookAtPinFile(path);
  SIGTOKEN_TRY(CheckNotRefused());
  return bound_.so_pin_source->Read("Security officer's PIN for the token " +
                                    bound_.name.text());
}

Status OfficersPin::CheckNotRefused() const {
  if (!file_) return Ok();
  SIGTOKEN_ASSIGN(auto rv, FindRefusedPin(database_, token_, *file_));
  if (!rv) rv = FindRefusedPinOfHost(RefusedPinsFolder(), token_, *file_);
  if (!rv) return Ok();
  return Error{*rv, "C_Login",
               "the token " + bound_.name.text() +
                   " has refused the security officer's PIN in " +
                   QuotedPath(file_->path) + ", and it is not tried again",
               CureOfPin(*rv, PinOwner::kSecurityOfficer, token_, file_->path),
               kNotAuthorized};
}

Error OfficersPin::Judge(Error error) const {
  // That of C_InitPIN would be the user's.
  if (!file_ || !IsPinRefusal(error.rv) ||
      (error.call != "C_InitToken" && error.call != "C_Login")) {
    return error;
  }
  error.cure =
      CureOfPin(error.rv, PinOwner::kSecurityOfficer, token_, file_->path);
  PutRefusedPinOfHost(RefusedPinsFolder(), token_, *file_, error.rv);
  const auto written = [&]() -> Status {
    SIGTOKEN_ASSIGN(auto transaction, database_.Begin());
    SIGTOKEN_TRY(PutRefusedPin(database_, token_, *file_, error.rv));
    return transaction.Commit();
  }();
  if (!written) {
    error.cure += "; that it was refused could not be written down: " +
                  written.error().message;
  }
  return error;
}

}  // namespace sigtoken
