// Token: an ICSF token, on the PKCS#11 token behind it.

#ifndef PKCS11_TOKENS_TOKEN_H_
#define PKCS11_TOKENS_TOKEN_H_

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/session.h"
#include "pkcs11/store/database.h"
#include "pkcs11/store/host_lock.h"
#include "pkcs11/store/token_records.h"
#include "pkcs11/tokens/backend.h"

namespace sigtoken {

// Thread safe. It logs in once in its life, and keeps one idle session open
// that carries the login: with a token's last session its login ends.
//
// The locks come in this order, everywhere: the host lock, then the database.
// Who holds a guard does not call Login() or Borrow(), which take one
// themselves.
class Token {
 public:
  using PinReader = std::function<Result<Secret>()>;

  Token(std::shared_ptr<Backend> backend, std::shared_ptr<Module> module,
        Slot slot, TokenName name, PinReader pin, Database& database)
      : backend_(std::move(backend)),
        module_(std::move(module)),
        slot_(slot),
        name_(std::move(name)),
        pin_(std::move(pin)),
        database_(&database) {}

  const TokenName& name() const { return name_; }
  const CK_TOKEN_INFO& info() const { return slot_.info; }
  const Backend& backend() const { return *backend_; }
  Database& database() const { return *database_; }
  TokenIdentity identity() const;

  // The host lock, to look at the token's objects or to change them.
  Result<HostLock::Shared> Look() const { return backend_->Look(&name_); }
  Result<HostLock::Exclusive> Change() const {
    return backend_->Change(&name_);
  }

  // Logs in if this was not done yet. A wrong PIN is not tried again. Errors:
  // kNotAuthorized for a PIN that the token refuses; as C_Login gave them.
  Status Login();

  // Whether a handle that was found may name another object later. Good after
  // Login().
  bool may_reuse_handles() const { return may_reuse_handles_; }

  // A session of the caller's own. Errors: as C_OpenSession gave them.
  Result<Session> OpenSession(const HostLock::Shared& held,
                              Access access) const;

  // A read-only session of the pool, for signing; it goes back there unless it
  // is dropped. Precondition: Login() has succeeded. Errors: kNotAvailable in a
  // forked child; as C_OpenSession gave them.
  class Lease {
   public:
    Lease(Token& token, Session session)
        : token_(&token), session_(std::move(session)) {}
    Lease(Lease&& other) noexcept
        : token_(other.token_),
          session_(std::exchange(other.session_, std::nullopt)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    Session& session() { return *session_; }
    // Closes the session: after an error nobody knows what state it is in.
    void Drop() { session_.reset(); }

   private:
    Token* token_;
    std::optional<Session> session_;
  };
  Result<Lease> Borrow();

 private:
  std::shared_ptr<Backend> backend_;
  std::shared_ptr<Module> module_;
  Slot slot_;
  TokenName name_;
  PinReader pin_;
  Database* database_;

  std::mutex login_mutex_;
  std::optional<Session> anchor_;
  std::optional<Error> refused_;
  std::atomic<bool> may_reuse_handles_ = true;

  std::mutex pool_mutex_;
  std::vector<Session> pool_;
};

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_TOKEN_H_
