#include "signer/idt/user_check.h"

#include <algorithm>
#include <utility>

#include "signer/idt/amr.h"

namespace sigtoken {
namespace {

bool Has(std::span<const std::string> amr, std::string_view value) {
  return std::find(amr.begin(), amr.end(), value) != amr.end();
}

bool MaySet(std::span<const std::string> amr, Authenticator authenticator) {
  return Has(amr, kAmrPassTicket) ||
         Has(amr, authenticator == Authenticator::kPassword ? kAmrPassword
                                                            : kAmrPhrase);
}

bool HasExpired(const User& user, std::span<const std::string> amr) {
  return (user.password_expired && Has(amr, kAmrPassword)) ||
         (user.phrase_expired && Has(amr, kAmrPhrase));
}

std::optional<TokenRefusal> Refuse(const User& user,
                                   const UserQuestion& question) {
  if (user.revoked) return TokenRefusal{kUserRevoked, "the user is revoked"};
  if (user.is_protected() && !question.protected_allowed) {
    return TokenRefusal{kSignatureNotValid,
                        "the user is protected, and no profile with "
                        "PROTALLOWED(YES) covers; nothing was counted",
                        "RALTER the profile with PROTALLOWED(YES), or ALTUSER "
                        "the user with a password"};
  }
  if (!question.new_credential && HasExpired(user, question.amr)) {
    return TokenRefusal{kPasswordExpired,
                        "the password or phrase that the user was "
                        "authenticated with has expired"};
  }
  return std::nullopt;
}

}  // namespace

Result<Checked<std::optional<User>>> CheckUser(const UserChecks& checks,
                                               const UserQuestion& question) {
  using Outcome = Checked<std::optional<User>>;
  std::optional<User> user;
  if (checks.registry != nullptr) {
    SIGTOKEN_ASSIGN(user, checks.registry->Find(question.id));
  }
  if (!user && checks.strict) {
    return Outcome(TokenRefusal{kUserNotDefined, "the user is not defined"});
  }
  if (user) {
    if (auto refusal = Refuse(*user, question)) {
      return Outcome(*std::move(refusal));
    }
  }
  if (question.new_credential &&
      !MaySet(question.amr, *question.new_credential) &&
      !MaySet(question.amr_now, *question.new_credential)) {
    return Outcome(TokenRefusal{
        kNewPasswordNotValid,
        "the user was not authenticated with what is to be set anew"});
  }
  return Outcome(std::move(user));
}

Status Admit(const UserChecks& checks, const User& user,
             std::optional<Authenticator> new_credential) {
  if (new_credential) {
    SIGTOKEN_TRY(checks.registry->Renew(user.id, *new_credential));
  }
  if (user.revoke_count == 0) return Ok();
  return checks.registry->ForgetFailures(user.id);
}

Result<FailureCount> CountFailure(const UserChecks& checks,
                                  const std::string& id) {
  if (checks.registry == nullptr || !checks.counts) {
    return FailureCount::kNotCounted;
  }
  return checks.registry->CountFailure(id);
}

}  // namespace sigtoken
