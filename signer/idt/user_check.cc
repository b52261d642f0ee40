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

TokenRefusal Revoked() { return {kUserRevoked, "the user is revoked"}; }

std::optional<TokenRefusal> Refuse(const User& user,
                                   const UserQuestion& question) {
  if (user.revoked) return Revoked();
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

Result<CountedFailure> CountFailure(const UserChecks& checks,
                                    const std::string& id) {
  CountedFailure failure;
  if (checks.registry == nullptr || !checks.counts) return failure;
  SIGTOKEN_ASSIGN(failure.change, checks.registry->Begin());
  SIGTOKEN_ASSIGN(failure.count, failure.change->CountFailure(id));
  // Nobody is kept waiting for what changes nothing.
  if (failure.count == FailureCount::kNotCounted) failure.change.reset();
  return failure;
}

Result<Checked<PendingChange>> Admit(
    const UserChecks& checks, const User& user,
    std::optional<Authenticator> new_credential) {
  using Outcome = Checked<PendingChange>;
  // Nearly always there is nothing, and then nobody is kept from writing.
  if (!checks.counts || (user.revoke_count == 0 && !new_credential)) {
    return Outcome(PendingChange());
  }
  SIGTOKEN_ASSIGN(PendingChange change, checks.registry->Begin());
  SIGTOKEN_ASSIGN(const auto now, checks.registry->Find(user.id));
  if (now && now->revoked) return Outcome(Revoked());
  if (new_credential) SIGTOKEN_TRY(change->Renew(user.id, *new_credential));
  SIGTOKEN_TRY(change->ForgetFailures(user.id));
  return Outcome(std::move(change));
}

}  // namespace sigtoken
