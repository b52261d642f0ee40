#include "pkcs11/tokens/token.h"

#include <utility>

#include "pkcs11/tokens/handle_reuse.h"

namespace sigtoken {
namespace {

bool IsPinRefusal(CK_RV rv) {
  return rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED ||
         rv == CKR_PIN_EXPIRED || rv == CKR_PIN_INVALID ||
         rv == CKR_PIN_LEN_RANGE;
}

}  // namespace

TokenIdentity Token::identity() const {
  return {backend_->spec().path, backend_->spec().init,
          Trimmed(slot_.info.label), Trimmed(slot_.info.serialNumber)};
}

Status Token::Login() {
  const std::lock_guard lock(login_mutex_);
  if (anchor_) return Ok();
  // Some tokens lock themselves, or a whole device, after three wrong PINs.
  if (refused_) return *refused_;

  SIGTOKEN_ASSIGN(const auto held, Change());
  SIGTOKEN_ASSIGN(Session session, OpenSession(held, Access::kReadOnly));
  if (slot_.info.flags & CKF_LOGIN_REQUIRED) {
    SIGTOKEN_ASSIGN(Secret pin, pin_());
    if (auto done = session.Login(CKU_USER, pin); !done) {
      done.error().message += " " + name_.text();
      if (IsPinRefusal(done.error().rv)) refused_ = done.error();
      return done;
    }
  }
  // With this session goes whatever the trial leaves.
  auto trial = OpenSession(held, Access::kReadOnly);
  may_reuse_handles_ = !trial || MayReuseHandles(held, *trial);
  anchor_ = std::move(session);
  return Ok();
}

Result<Session> Token::OpenSession(const HostLock::Shared& /*held*/,
                                   Access access) const {
  return Session::Open(module_, slot_.id, access);
}

Result<Token::Lease> Token::Borrow() {
  // Those of the pool are the parent's, after a fork().
  SIGTOKEN_TRY(module_->Check());
  {
    const std::lock_guard lock(pool_mutex_);
    if (!pool_.empty()) {
      Session session = std::move(pool_.back());
      pool_.pop_back();
      return Lease(*this, std::move(session));
    }
  }
  SIGTOKEN_ASSIGN(const auto held, Look());
  SIGTOKEN_ASSIGN(Session session, OpenSession(held, Access::kReadOnly));
  return Lease(*this, std::move(session));
}

Token::Lease::~Lease() {
  if (!session_) return;
  const std::lock_guard lock(token_->pool_mutex_);
  token_->pool_.push_back(*std::move(session_));
}

}  // namespace sigtoken
