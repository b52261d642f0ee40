// Whether a user who has been authenticated may come in.

#ifndef SIGNER_IDT_USER_CHECK_H_
#define SIGNER_IDT_USER_CHECK_H_

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "pkcs11/base/result.h"
#include "signer/idt/token_refusal.h"
#include "signer/racf/users/user_registry.h"

namespace sigtoken {

// Who knows users, and what is thought of those whom nobody knows.
struct UserChecks {
  UserRegistry* registry = nullptr;  // Null: nobody is defined.
  // A user who is not defined is refused; else taken as defined, not protected
  // and not revoked.
  bool strict = false;
  // False where nobody comes in, whatever the answer: nothing is counted.
  bool counts = true;
};

struct UserQuestion {
  std::string id;
  // How the user was authenticated, as values of amr; empty where nobody asked
  // for that.
  std::span<const std::string> amr;
  // PROTALLOWED(YES), or that no password would be asked for.
  bool protected_allowed = false;
  // NEWPASS or NEWPHRASE.
  std::optional<Authenticator> new_credential;
  // How the request itself authenticates the user, where `amr` is that of an
  // identity token: either may do for the new one.
  std::span<const std::string> amr_now = {};
};

// The user, if defined, or the refusal, in this order: not defined, revoked,
// protected, a new password or phrase that the user may not set, expired
// (OA63462, "Protected Users", "Expired Password or Password Phrase" and
// "Changing the password or password phrase with a specified Identity Token").
// Nothing is counted. Errors: kNotAvailable.
Result<Checked<std::optional<User>>> CheckUser(const UserChecks& checks,
                                               const UserQuestion& question);

// What a request changes of its user, which is kept when the caller commits it:
// once the request is on record, so that nothing is changed that is not. Null:
// nothing changes.
using PendingChange = std::unique_ptr<UserChange>;

struct CountedFailure {
  FailureCount count = FailureCount::kNotCounted;
  PendingChange change;
};

// A signature in the name of `id` does not fit. Errors: kNotAvailable: then it
// cannot be counted.
Result<CountedFailure> CountFailure(const UserChecks& checks,
                                    const std::string& id);

// The user, whom CheckUser() gave, is in: failures before that are forgotten,
// and a new password or phrase is on record. The refusal of one who was revoked
// since then. Errors: kNotAvailable.
Result<Checked<PendingChange>> Admit(
    const UserChecks& checks, const User& user,
    std::optional<Authenticator> new_credential);

}  // namespace sigtoken

#endif  // SIGNER_IDT_USER_CHECK_H_
