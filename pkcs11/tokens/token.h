// Token: an ICSF token, on the PKCS#11 token behind it.

#ifndef PKCS11_TOKENS_TOKEN_H_
#define PKCS11_TOKENS_TOKEN_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkcs11/base/back_off.h"
#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/session.h"
#include "pkcs11/setup/configuration.h"
#include "pkcs11/store/database.h"
#include "pkcs11/store/host_lock.h"
#include "pkcs11/store/refused_pins.h"
#include "pkcs11/store/token_records.h"
#include "pkcs11/tokens/backend.h"
#include "pkcs11/tokens/recovery.h"

namespace sigtoken {

// Thread safe. It logs in once, and again only after Renew(), Restart() and
// Recover(); one
// idle session stays open that carries the login: with a token's last session
// its login ends.
//
// The locks come in this order, everywhere: the host lock, then the database.
// Who holds a guard does not call Login() or Borrow(), which take one
// themselves.
class Token {
 public:
  // Where the user's PIN comes from.
  struct Pin {
    // Null where nobody named a place.
    std::function<Result<Secret>()> read;
    // The file that holds it, by which a refused PIN is remembered; empty for
    // a PIN that is in no file.
    std::string file;
  };

  // `module_path` is how this token's module is called: others that share the
  // backend may call it by another path.
  Token(std::shared_ptr<Backend> backend, std::shared_ptr<Module> module,
        std::string module_path, Slot slot, TokenName name, Pin pin,
        std::vector<BoundKey> bound_keys, Database& database)
      : backend_(std::move(backend)),
        module_(std::move(module)),
        module_path_(std::move(module_path)),
        slot_(slot),
        name_(std::move(name)),
        pin_(std::move(pin)),
        bound_keys_(std::move(bound_keys)),
        database_(&database),
        back_off_(backend_->pauses().opening) {
    backend_->AddUser(this, [this](Backend::Ask ask) { return MakeWay(ask); });
  }
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;
  ~Token() { backend_->RemoveUser(this); }

  const TokenName& name() const { return name_; }
  const CK_TOKEN_INFO& info() const { return slot_.info; }
  const Backend& backend() const { return *backend_; }
  Database& database() const { return *database_; }
  TokenIdentity identity() const;

  // The [[token.key]] of the configuration.
  const std::vector<BoundKey>& bound_keys() const { return bound_keys_; }

  // The host lock, to look at the token's objects or to change them.
  Result<HostLock::Shared> Look() const { return backend_->Look(&name_); }
  Result<HostLock::Exclusive> Change() const {
    return backend_->Change(&name_);
  }

  // Logs in if this was not done yet, and anew where the login went: after a
  // fault not by each caller, but later and later (BackOff). While another
  // thread is at that, it is refused at once.
  //
  // A wrong PIN is not tried again by any process that uses the same state
  // store, until the file that holds it changes; a PIN that is in no file, not
  // by this process. It is wrong where C_Login says so. Where C_Login gives
  // another code, which is none of a session or device that is gone, it counts
  // as wrong if the token's flags say behind it that wrong PINs were counted;
  // else nothing was counted, and it is tried again, later and later. A token
  // that says that its next wrong PIN locks it is left alone.
  //
  // Errors: kNotAuthorized for all of these; kNotAvailable where the module
  // computes wrong MACs, or is being opened anew; as C_Login gave them.
  Status Login();

  // Login(), before a change: what is made is not made twice, so it is seen to
  // first that device and login are still there, and they are opened anew where
  // they are not. Takes a guard. Errors: as Login() and Recover().
  Status Ready();

  // As Login(), and whatever the module's MACs are: for who tries them himself
  // (capabilities/).
  Status LoginUntried();
  // What C_Login answers to the same PIN once more, in `session`: never a PIN
  // that was not taken before. Nothing where no PIN was given: the token wants
  // none, or has asked for it itself. Precondition: LoginUntried().
  std::optional<CK_RV> LoginAgain(const HostLock::Exclusive& held,
                                  Session& session);

  // Whether a handle that was found may name another object later
  // (tokens/handle_reuse.h). Good after Login().
  bool may_reuse_handles() const { return may_reuse_handles_; }

  // Finalises and initialises the module, and logs in again with the same PIN:
  // some modules show only then what other processes made (SoftHSM2 2.6.1 takes
  // their change for its own when it makes a key, measured). True: no handle of
  // before is good any more. False, and nothing is changed: somebody in this
  // process uses the module, be it with a session of OpenSession() or Borrow(),
  // or has made something by MakeInLogin() since the login. Precondition: not
  // is_of_this_host(). Errors: kNotAvailable, and the next call tries again; as
  // Login().
  Result<bool> Renew(const HostLock::Exclusive& held);

  // Lets go of all sessions, the caller's `last` too, and of the module:
  // whoever uses the token next initialises it anew, if nobody else in this
  // process uses it, and Login() logs in with the PIN as it is then. No handle
  // of before is good any more. For a destroy that failed: SoftHSM2 hides the
  // key then, from this process alone. While another thread logs in, only
  // `last` is closed.
  void Restart(const HostLock::Exclusive& held, Session last);

  // What `work` gives; where it fails because an object or a session is gone,
  // what it gives once more with another one; where the device or the login is,
  // once more after Recover(). For work that changes nothing, finds all it
  // needs itself, and takes its guards itself.
  template <typename Work>
  auto WithRecovery(const Work& work) -> decltype(work()) {
    unsigned seen = generation();
    auto result = work();
    if (!result && IsCuredByRepeating(result.error())) {
      if (IsSessionGone(result.error())) {
        SessionsGone(seen);
        seen = generation();
      }
      result = work();
    }
    if (result || !IsCuredByOpeningAnew(result.error())) return result;
    SIGTOKEN_ASSIGN(const bool recovered, Recover(seen, result.error().rv));
    if (!recovered) return result;
    return work();
  }

  // After an error of the code `why`, which IsCuredByOpeningAnew(), was met in
  // the generation `seen`: lets go of all sessions, initialises the module
  // anew, finds the token and logs in; after a lost login, only that. Other
  // tokens of the module are asked to let go of it too. Nothing is left to do
  // where that has happened since. False where it is not tried now: another
  // thread is at it, or the last try is not long enough ago (BackOff). Errors:
  // kNotAvailable; as Login().
  Result<bool> Recover(unsigned seen, CK_RV why);
  // As Recover(), but where the error is `of_a_use` of a key, and may be of
  // that request alone, the device is first tried with a key of our own: who
  // sends what a module cannot sign is not to end all sessions by it. It may
  // take as long as the device likes: one thread at a time does it.
  enum class Recovery {
    kNotNow,     // Recover() is false.
    kAnew,       // It is true.
    kNotNeeded,  // The device is well, and nothing was done.
  };
  Result<Recovery> RecoverUnlessWell(unsigned seen, CK_RV why, bool of_a_use);
  // Whether Recover() would do anything now.
  bool MayRecover(unsigned seen);

  // After an error that IsSessionGone() was met in the generation `seen`: one
  // session may have timed out, or somebody else in this process has finalised
  // the module, and its handles are dealt anew. The idle sessions go, each
  // object is looked for again, and the login is made again if its session is
  // gone too.
  void SessionsGone(unsigned seen);

  // Where the token wants a login and has lost it, it shows no private object,
  // and each as one that is not there. Errors: kNotAvailable for that.
  Status CheckLoggedIn(const Session& session) const;

  // Whether what a search did not find is not there: the session is logged in,
  // and the token in its slot, or it shows an object still (SoftHSM2 shows none
  // where its folder is gone). Errors: kNotAvailable, IsCuredByOpeningAnew().
  Status CheckShowsAll(const Session& session) const;

  // How often it was renewed: handles are good for one such generation.
  unsigned generation() const { return generation_; }

  // Whether the module keeps its tokens in files of this machine, where the
  // host lock keeps all users apart, as SoftHSM2 does. It is not logged in to
  // again without need, for it loses a token whose user dies in C_Login
  // (2.6.1, measured). Good after Login().
  bool is_of_this_host() const { return is_of_this_host_; }

  // A session of the caller's own, in the login that Login() has seen to.
  // Errors: CKR_SESSION_HANDLE_INVALID where the module was let go of since,
  // and nobody has logged in; as C_OpenSession gave them.
  Result<Session> OpenSession(const HostLock::Shared& held, Access access);

  // What `make` makes of the session that carries the login, logging in first
  // if this was not done yet: a session object that is made in it lives as long
  // as the login, and all sessions of the token see it. It is gone after
  // Restart() and Recover(), and in a forked child. `make` gives a Result or a
  // Status; one at a time. It takes no guard and gets one, and the caller holds
  // none: nobody searches meanwhile, for SoftHSM2 ties the handle of a session
  // object to the session that sees it first, and it goes with that (2.6.1,
  // measured). The session is read-only, which is enough for these (PKCS #11
  // v2.40, 2.4). Errors: as Login() and as `make` gave them; kNotAvailable in a
  // forked child.
  template <typename Make>
  auto MakeInLogin(const Make& make)
      -> decltype(make(std::declval<Session&>(),
                       std::declval<const HostLock::Shared&>())) {
    SIGTOKEN_TRY(Ready());
    Dropped dropped;
    SIGTOKEN_ASSIGN(const auto lock, LockLogin());
    SIGTOKEN_TRY(EnsureAnchor(dropped));
    SIGTOKEN_TRY(anchor_->module().Check());
    SIGTOKEN_ASSIGN(const auto held, Change());
    SIGTOKEN_TRY(CheckLoggedIn(*anchor_));
    auto made = make(*anchor_, held);
    if (made) has_session_objects_ = true;
    return made;
  }

  // A read-only session of the pool, for signing; it goes back there unless it
  // is dropped. The token is not renewed meanwhile. Where the token takes no
  // more sessions, it is one that another thread gives back within a second.
  // Precondition: Login() has succeeded. Errors: kNotAvailable in a forked
  // child; as C_OpenSession gave them.
  class Lease {
   public:
    Lease(Token& token, unsigned generation, Session session);
    Lease(Lease&& other) noexcept
        : token_(std::exchange(other.token_, nullptr)),
          generation_(other.generation_),
          session_(std::exchange(other.session_, std::nullopt)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    Session& session() { return *session_; }
    unsigned generation() const { return generation_; }
    // Closes the session: after an error nobody knows what state it is in.
    void Drop() { session_.reset(); }

   private:
    void GiveBack();

    Token* token_;  // Null for what was moved from.
    unsigned generation_;
    std::optional<Session> session_;
  };
  Result<Lease> Borrow();

 private:
  // What is remembered of a PIN that was refused.
  struct RefusedPin {
    Error error;
    std::optional<PinFile> file;
  };

  Status CheckRefused(const std::optional<PinFile>& file);
  Result<std::optional<Secret>> ReadPin();
  Status LogIn(Session& session, std::optional<Secret>& pin,
               const std::optional<PinFile>& file);
  Error Remember(Error error, CK_RV for_others,
                 const std::optional<PinFile>& file);
  bool KeepsPin() const;
  Status LoginAnew();
  Status LoginWith(std::optional<Secret>& pin,
                   const std::optional<PinFile>& file);
  Status Attach(const HostLock::Shared& held);

  // What was let go of: closed and finalised when it goes, which may take as
  // long as the device likes, and so under no lock.
  struct Dropped {
    std::vector<Session> pool;
    std::optional<Session> anchor;
    std::shared_ptr<Module> module;
  };
  [[nodiscard]] Dropped LetGo();
  Error IsBeingOpenedAnew() const;
  Result<std::unique_lock<std::mutex>> LockLogin();
  Status EnsureLogin(Dropped& dropped);
  Status EnsureAnchor(Dropped& dropped);
  void AskForWay();
  bool MakeWay(Backend::Ask ask);

  struct Opened {
    Session session;
    unsigned generation;  // In which it is good.
  };
  Result<Opened> Open(Access access);
  Result<Opened> OpenOnce(Access access);
  bool MakeRoom(BackOff::Clock::time_point until);

  std::shared_ptr<Backend> backend_;
  std::shared_ptr<Module> module_;
  std::string module_path_;
  Slot slot_;
  TokenName name_;
  Pin pin_;
  std::vector<BoundKey> bound_keys_;
  Database* database_;

  std::atomic<unsigned> generation_ = 0;

  std::mutex login_mutex_;
  std::optional<Session> anchor_;
  // Since the login: Renew() would end them.
  bool has_session_objects_ = false;
  bool macs_are_tried_elsewhere_ = false;
  // For Renew(), where it may be called, for LoginAgain(), and where it cannot
  // be read twice.
  std::optional<Secret> login_pin_;
  std::optional<RefusedPin> refused_;
  std::atomic<bool> may_reuse_handles_ = true;
  std::atomic<bool> is_of_this_host_ = false;

  std::atomic<std::size_t> lent_ = 0;  // How many sessions are out.

  std::mutex recovery_mutex_;  // Before login_mutex_.
  std::atomic<bool> recovering_ = false;

  // Of module_, slot_.id, lost_, back_off_ and next_force_ too; after
  // login_mutex_. Nobody calls the module who holds it.
  mutable std::mutex pool_mutex_;
  std::vector<Session> pool_;
  std::optional<Error> lost_;  // Why the last try did not bring it back.
  BackOff back_off_;
  BackOff::Clock::time_point next_force_{};

  std::atomic<bool> trying_ = false;  // Whether the device is well.
};

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_TOKEN_H_
