#include "pkcs11/tokens/token.h"

#include <utility>

#include "pkcs11/base/file_check.h"
#include "pkcs11/tokens/handle_reuse.h"
#include "pkcs11/tokens/right_mac.h"

namespace sigtoken {
namespace {

bool IsPinRefusal(CK_RV rv) {
  return rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED ||
         rv == CKR_PIN_EXPIRED || rv == CKR_PIN_INVALID ||
         rv == CKR_PIN_LEN_RANGE || rv == CKR_USER_PIN_NOT_INITIALIZED;
}

// What a token says of it once it has refused a PIN (PKCS #11 v2.40, table 8);
// many say nothing.
std::string TriesThatAreLeft(CK_FLAGS flags) {
  if (flags & CKF_USER_PIN_LOCKED) return "; the token has locked it";
  return flags & CKF_USER_PIN_FINAL_TRY ? "; one more wrong PIN locks it" : "";
}

}  // namespace

TokenIdentity Token::identity() const {
  return {backend_->spec().path, backend_->spec().init,
          Trimmed(slot_.info.label), Trimmed(slot_.info.serialNumber)};
}

Status Token::CheckRefused(const std::optional<PinFile>& file) {
  if (refused_ && refused_->file == file) return refused_->error;
  if (!file) return Ok();
  SIGTOKEN_ASSIGN(const auto rv, FindRefusedPin(*database_, identity(), *file));
  if (!rv) return Ok();
  return Error{*rv, "C_Login",
               "the token " + name_.text() + " has refused the PIN in " +
                   QuotedPath(file->path) + ", and it is not tried again",
               "write the right PIN into that file", kNotAuthorized};
}

Result<std::optional<Secret>> Token::ReadPin() const {
  if (!(slot_.info.flags & CKF_LOGIN_REQUIRED)) return std::optional<Secret>();
  if (pin_.read) {
    SIGTOKEN_ASSIGN(Secret pin, pin_.read());
    return std::optional<Secret>(std::move(pin));
  }
  // Its own keypad asks.
  if (slot_.info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) {
    return std::optional<Secret>();
  }
  return Refusal(kNotAuthorized, CKR_PIN_INVALID,
                 "the configuration names no PIN for the token " + name_.text(),
                 "add pin-source=file:/PATH to its URI");
}

Error Token::Remember(Error error, const std::optional<PinFile>& file) {
  error.cure = file ? "write the right PIN into " + QuotedPath(file->path) +
                          ": this one is not tried again"
                    : "give the right PIN";
  if (error.rv == CKR_USER_PIN_NOT_INITIALIZED) {
    error.cure = "have its security officer set the user's PIN; " + error.cure;
  }
  refused_ = RefusedPin{error, file};
  if (!file) return error;
  const auto written = [&]() -> Status {
    SIGTOKEN_ASSIGN(auto transaction, database_->Begin());
    SIGTOKEN_TRY(PutRefusedPin(*database_, identity(), *file, error.rv));
    return transaction.Commit();
  }();
  if (!written) {
    error.cure += "; that it was refused could not be written down: " +
                  written.error().message;
  }
  return error;
}

Status Token::LogIn(Session& session, std::optional<Secret>& pin,
                    const std::optional<PinFile>& file) {
  if (!(slot_.info.flags & CKF_LOGIN_REQUIRED)) return Ok();
  SIGTOKEN_ASSIGN(const CK_TOKEN_INFO now, module_->TokenInfo(slot_.id));
  if (now.flags & (CKF_USER_PIN_LOCKED | CKF_USER_PIN_FINAL_TRY)) {
    const bool locked = now.flags & CKF_USER_PIN_LOCKED;
    return Refusal(
        kNotAuthorized, CKR_PIN_LOCKED,
        "the token " + name_.text() +
            (locked ? " says that its PIN is locked"
                    : " says that one more wrong PIN locks it"),
        locked ? "have its security officer set a new PIN"
               : "log in once with the right PIN, with the vendor's own tool");
  }
  auto done =
      pin ? session.Login(CKU_USER, *pin) : session.LoginByDevice(CKU_USER);
  if (done) return done;
  done.error().message += " " + name_.text();
  if (!IsPinRefusal(done.error().rv)) return done;
  Error refused = Remember(std::move(done).error(), file);
  if (const auto then = module_->TokenInfo(slot_.id)) {
    refused.cure += TriesThatAreLeft(then->flags);
  }
  return refused;
}

Status Token::Login() {
  Dropped dropped;
  const std::lock_guard lock(login_mutex_);
  return EnsureLogin(dropped);
}

// Precondition: login_mutex_ is held.
Status Token::EnsureLogin(Dropped& dropped) {
  if (anchor_) return Ok();
  auto done = LoginAnew();
  // After a first login that worked, the next tries come later and later.
  if (!done && generation_ > 0) {
    const std::lock_guard pool(pool_mutex_);
    lost_ = done.error();
    dropped = LetGo();
  }
  return done;
}

// Precondition: login_mutex_ is held.
Status Token::LoginAnew() {
  // Before the PIN is read: what changes it meanwhile is a change.
  const auto file = LookAtPinFile(pin_.file);
  SIGTOKEN_TRY(CheckRefused(file));
  // Before the lock is taken: a person who is asked takes his time.
  SIGTOKEN_ASSIGN(auto pin, ReadPin());
  SIGTOKEN_ASSIGN(const auto held, Change());
  // Again: another process may just have been refused.
  SIGTOKEN_TRY(CheckRefused(file));
  {
    const std::lock_guard pool(pool_mutex_);
    if (!module_) SIGTOKEN_TRY(Attach(held));
  }
  SIGTOKEN_ASSIGN(Session session, OpenSession(held, Access::kReadOnly));
  SIGTOKEN_TRY(LogIn(session, pin, file));
  refused_.reset();
  // With this session goes whatever the trial leaves.
  auto trial = OpenSession(held, Access::kReadOnly);
  may_reuse_handles_ = !trial || MayReuseHandles(held, *trial);
  if (trial) SIGTOKEN_TRY(CheckRightMac(held, *trial));
  const auto info = module_->Info();
  is_of_this_host_ = info && Trimmed(info->manufacturerID) == "SoftHSM";
  anchor_ = std::move(session);
  if (!is_of_this_host_) login_pin_ = std::move(pin);
  return Ok();
}

// Precondition: pool_mutex_ is held.
Status Token::Attach(const HostLock::Shared& held) {
  if (lost_) {
    const auto now = BackOff::Clock::now();
    if (!back_off_.MayTry(now)) return *lost_;
    back_off_.Tried(now);
  }
  const TokenIdentity wanted = identity();
  SIGTOKEN_ASSIGN(
      const Slot slot,
      backend_->FindSlot(
          held, "the token " + name_.text(), [&](const Slot& found) {
            return Trimmed(found.info.label) == wanted.label &&
                   Trimmed(found.info.serialNumber) == wanted.serial;
          }));
  SIGTOKEN_ASSIGN(module_, backend_->Use(held));
  slot_.id = slot.id;
  lost_.reset();
  return Ok();
}

// Precondition: login_mutex_ and pool_mutex_ are held.
Token::Dropped Token::LetGo() {
  ++generation_;
  has_session_objects_ = false;
  return {std::exchange(pool_, {}), std::exchange(anchor_, std::nullopt),
          std::exchange(module_, nullptr)};
}

void Token::Restart(const HostLock::Exclusive& held, Session last) {
  { const Session closed = std::move(last); }
  {
    Dropped dropped;
    // Who logs in waits for the host lock, which the caller has.
    const std::unique_lock login(login_mutex_, std::try_to_lock);
    const std::lock_guard lock(pool_mutex_);
    if (!login || !module_ || module_->initialized_by_others()) return;
    dropped = LetGo();
  }
  // What fails here fails again for the next user, who is told.
  static_cast<void>(backend_->Reopen(held).has_value());
}

void Token::LetGoOfGivenUp() {
  Dropped dropped;
  const std::lock_guard login(login_mutex_);
  const std::lock_guard lock(pool_mutex_);
  if (module_ && backend_->IsGivenUp(*module_)) dropped = LetGo();
}

Result<bool> Token::Recover(unsigned seen, CK_RV why) {
  const std::unique_lock recovering(recovery_mutex_, std::try_to_lock);
  if (!recovering) return false;
  if (generation_ != seen) return true;
  {
    Dropped dropped;
    const std::unique_lock login(login_mutex_, std::try_to_lock);
    if (!login) return false;
    const std::lock_guard lock(pool_mutex_);
    const auto now = BackOff::Clock::now();
    if (!back_off_.MayTry(now)) return false;
    back_off_.Tried(now);
    lost_.reset();
    // Before it is let go of, so that nobody takes it up again.
    if (why != CKR_USER_NOT_LOGGED_IN) backend_->GiveUp();
    dropped = LetGo();
  }
  if (why != CKR_USER_NOT_LOGGED_IN) backend_->AskUsers();
  SIGTOKEN_TRY(Login());
  return true;
}

void Token::RecoveryHelped() {
  const std::lock_guard lock(pool_mutex_);
  back_off_ = {};
}

Status Token::CheckLoggedIn(const Session& session) const {
  if (!(slot_.info.flags & CKF_LOGIN_REQUIRED)) return Ok();
  SIGTOKEN_ASSIGN(const bool logged_in, session.IsLoggedIn());
  if (logged_in) return Ok();
  return Error{CKR_USER_NOT_LOGGED_IN, "C_GetSessionInfo",
               "the login to the token " + name_.text() + " was lost",
               "see what else in this program logs out, or whether the device "
               "was reset; then start it again",
               kNotAvailable};
}

Result<bool> Token::Renew(const HostLock::Exclusive& held) {
  // Who logs in waits for the host lock, which the caller has.
  const std::unique_lock login(login_mutex_, std::try_to_lock);
  if (!login || !anchor_ || has_session_objects_) return false;
  const std::lock_guard lock(pool_mutex_);
  // The backend's, our own, and one with each session.
  const std::size_t known = 3 + pool_.size();
  if (!module_ || module_->initialized_by_others() ||
      static_cast<std::size_t>(module_.use_count()) != known) {
    return false;
  }
  // Closed here: the module must be finalised before it is looked at anew.
  { const Dropped closed = LetGo(); }
  // Not where another token of the module was opened in this very moment.
  const auto logged_in = [&]() -> Status {
    SIGTOKEN_TRY(backend_->Reopen(held));
    SIGTOKEN_TRY(Attach(held));
    SIGTOKEN_ASSIGN(Session session,
                    Session::Open(module_, slot_.id, Access::kReadOnly));
    SIGTOKEN_TRY(LogIn(session, login_pin_, LookAtPinFile(pin_.file)));
    anchor_ = std::move(session);
    return Ok();
  }();
  if (logged_in) return true;
  // Without a login it would look empty: Login() opens it again.
  { const Dropped closed = LetGo(); }
  return logged_in.error();
}

Result<Token::Opened> Token::Open(Access access) {
  std::shared_ptr<Module> module;
  CK_SLOT_ID slot = 0;
  unsigned generation = 0;
  {
    const std::lock_guard lock(pool_mutex_);
    if (!module_) {
      // Who opened it here would see a token that nobody has logged in to, and
      // take it for an empty one.
      return Check({CKR_SESSION_HANDLE_INVALID, "C_OpenSession"},
                   "open a session: the token " + name_.text() +
                       " is being opened anew")
          .error();
    }
    module = module_;
    slot = slot_.id;
    generation = generation_;
  }
  // Not under the mutex: who gives a session back does not wait for a device.
  SIGTOKEN_ASSIGN(Session session,
                  Session::Open(std::move(module), slot, access));
  return Opened{std::move(session), generation};
}

Result<Session> Token::OpenSession(const HostLock::Shared& /*held*/,
                                   Access access) {
  SIGTOKEN_ASSIGN(Opened opened, Open(access));
  return std::move(opened.session);
}

Result<Token::Lease> Token::Borrow() {
  {
    const std::lock_guard lock(pool_mutex_);
    // Those of the pool are the parent's, after a fork().
    if (module_) SIGTOKEN_TRY(module_->Check());
    if (!pool_.empty()) {
      Session session = std::move(pool_.back());
      pool_.pop_back();
      return Lease(*this, generation_, std::move(session));
    }
  }
  SIGTOKEN_ASSIGN(const auto held, Look());
  SIGTOKEN_ASSIGN(Opened opened, Open(Access::kReadOnly));
  return Lease(*this, opened.generation, std::move(opened.session));
}

Token::Lease::~Lease() {
  if (!session_) return;
  // Who holds the mutex may wait for the last session of a module that was
  // given up: this one.
  const std::unique_lock lock(token_->pool_mutex_, std::try_to_lock);
  if (!lock || token_->generation_ != generation_) return;
  token_->pool_.push_back(*std::move(session_));
}

}  // namespace sigtoken
