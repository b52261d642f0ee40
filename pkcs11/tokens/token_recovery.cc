// The part of Token that brings it back when its login, its sessions or its
// device went.

#include <unistd.h>

#include <string>
#include <thread>
#include <utility>

#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/cryptoki/call.h"
#include "pkcs11/tokens/token.h"
#include "pkcs11/tokens/trial_key.h"

namespace sigtoken {
namespace {

using Clock = BackOff::Clock;

constexpr std::chrono::milliseconds kLook{1};
// How often one that is not shown may cost the others their sessions: SoftHSM2
// shows a folder that came back only after C_Finalize (measured).
constexpr std::chrono::seconds kForceInterval{10};

// True for its lifetime.
class Raised {
 public:
  explicit Raised(std::atomic<bool>& flag) : flag_(flag) { flag_ = true; }
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;
  ~Raised() { flag_ = false; }

 private:
  std::atomic<bool>& flag_;
};

// Precondition: the mutex is not held.
CK_SLOT_ID SlotId(std::mutex& mutex, const Slot& slot) {
  const std::lock_guard lock(mutex);
  return slot.id;
}

Status CheckInSlot(const Session& session, CK_SLOT_ID slot,
                   const TokenIdentity& mine, const TokenName& name) {
  SIGTOKEN_ASSIGN(const CK_TOKEN_INFO now, session.module().TokenInfo(slot));
  if (Trimmed(now.label) == mine.label &&
      Trimmed(now.serialNumber) == mine.serial) {
    return Ok();
  }
  return Error{CKR_TOKEN_NOT_PRESENT, "C_GetTokenInfo",
               "the token " + name.text() +
                   " is not in its slot any more: another one is there",
               "put it back, or correct the configuration", kNotAvailable};
}

// Whether the token shows an object that only its user sees. SoftHSM2 finds
// none in a folder that is gone, and reads none that it found before
// (measured).
bool ShowsAnObject(const Session& session) {
  const auto& functions = session.functions();
  const CK_SESSION_HANDLE handle = session.handle();
  Attributes wanted;
  wanted.Flag(CKA_TOKEN, true).Flag(CKA_PRIVATE, true);
  auto list = wanted.ForCall();
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  CK_ULONG count = 0;
  const bool searched = Call("C_FindObjectsInit", functions.C_FindObjectsInit,
                             handle, list.data(), list.size()) == CKR_OK &&
                        Call("C_FindObjects", functions.C_FindObjects, handle,
                             &object, 1, &count) == CKR_OK;
  Call("C_FindObjectsFinal", functions.C_FindObjectsFinal, handle);
  if (!searched || count != 1) return false;
  CK_OBJECT_CLASS value = 0;
  CK_ATTRIBUTE read{CKA_CLASS, &value, sizeof value};
  return Call("C_GetAttributeValue", functions.C_GetAttributeValue, handle,
              object, &read, 1) == CKR_OK;
}

}  // namespace

Status Token::Login() {
  SIGTOKEN_TRY(backend_->TurnTo());
  Dropped dropped;
  SIGTOKEN_ASSIGN(const auto lock, LockLogin());
  return EnsureLogin(dropped);
}

Status Token::Ready() {
  return WithRecovery([this]() -> Status {
    SIGTOKEN_TRY(Login());
    SIGTOKEN_ASSIGN(const auto held, Look());
    SIGTOKEN_ASSIGN(const Session session,
                    OpenSession(held, Access::kReadOnly));
    SIGTOKEN_TRY(CheckLoggedIn(session));
    // Nothing is begun in a token that CheckShowsAll() makes do with.
    return CheckInSlot(session, SlotId(pool_mutex_, slot_), identity(), name_);
  });
}

Error Token::IsBeingOpenedAnew() const {
  return Unavailable("the token " + name_.text() +
                         " is being opened anew: its device or its login was "
                         "gone",
                     "try again in a moment");
}

// For who logs in for the first time, or renews, others wait; for a device that
// went, nobody does.
Result<std::unique_lock<std::mutex>> Token::LockLogin() {
  AskForWay();
  std::unique_lock lock(login_mutex_, std::try_to_lock);
  if (lock.owns_lock() && anchor_) return lock;
  const CallWatch::Wait wait;
  while (!lock.owns_lock() || !anchor_) {
    if (recovering_) return IsBeingOpenedAnew();
    if (lock.owns_lock()) break;
    if (!wait.MayGoOn()) {
      return Unavailable("another thread of process " +
                             std::to_string(getpid()) +
                             " is logging in to the token " + name_.text() +
                             ", and does not come to an end",
                         "see whether the device and its daemon still answer");
    }
    std::this_thread::sleep_for(kLook);
    static_cast<void>(lock.try_lock());
  }
  return lock;
}

// Precondition: login_mutex_ is held.
Status Token::EnsureLogin(Dropped& dropped) {
  if (anchor_) return Ok();
  std::optional<Raised> raised;
  {
    const std::lock_guard lock(pool_mutex_);
    if (lost_) {
      if (!back_off_.MayTry(Clock::now())) return *lost_;
      raised.emplace(recovering_);
    }
  }
  auto done = LoginAnew();
  const std::lock_guard lock(pool_mutex_);
  if (done) {
    lost_.reset();
    return done;
  }
  // After a first login that worked, the next tries come later and later; and
  // after a C_Login that failed, which a token may count without saying so.
  const bool refused =
      done.error().call == "C_Login" && ToIcsf(done.error()) != kNotAuthorized;
  if (generation_ > 0 || refused) {
    lost_ = done.error();
    back_off_.Tried(Clock::now());
  }
  if (generation_ > 0) dropped = LetGo();
  return done;
}

// As EnsureLogin(), with a session that lives. Precondition: login_mutex_ is
// held.
Status Token::EnsureAnchor(Dropped& dropped) {
  SIGTOKEN_TRY(EnsureLogin(dropped));
  const auto looked = anchor_->IsLoggedIn();
  if (looked || !IsSessionGone(looked.error())) return Ok();
  dropped.anchor = std::exchange(anchor_, std::nullopt);
  has_session_objects_ = false;
  Dropped more;
  return EnsureLogin(more);
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

// Where the last try did not bring it back: other tokens of the module that are
// as lost, and do not know it, keep it from being initialised anew.
void Token::AskForWay() {
  bool force = false;
  {
    const std::lock_guard lock(pool_mutex_);
    const auto now = Clock::now();
    // A PIN that is refused is not the module's fault; nor is a token that was
    // never logged in to any reason to ask the others.
    if (!lost_ || generation_ == 0 || ToIcsf(*lost_) == kNotAuthorized ||
        !back_off_.MayTry(now)) {
      return;
    }
    force = now >= next_force_;
    if (force) next_force_ = now + kForceInterval;
  }
  const std::unique_lock recovering(recovery_mutex_, std::try_to_lock);
  if (!recovering) return;
  const Raised raised(recovering_);
  if (force) backend_->GiveUp();
  backend_->AskUsers(force ? Backend::Ask::kGivenUp
                           : Backend::Ask::kUnlessWell);
}

bool Token::MakeWay(Backend::Ask ask) {
  Dropped dropped;
  const std::unique_lock login(login_mutex_, std::try_to_lock);
  if (!login) return false;
  std::shared_ptr<Module> module;
  {
    const std::lock_guard lock(pool_mutex_);
    module = module_;
  }
  if (!module) return true;
  const bool go = ask == Backend::Ask::kGivenUp
                      ? backend_->IsGivenUp(*module)
                      : !anchor_ || !anchor_->IsLoggedIn();
  if (!go) return true;
  const std::lock_guard lock(pool_mutex_);
  dropped = LetGo();
  return true;
}

void Token::SessionsGone(unsigned seen) {
  Dropped dropped;
  // Who logs in finds all anew.
  const std::unique_lock login(login_mutex_, std::try_to_lock);
  if (!login || generation_ != seen) return;
  const bool alive = anchor_ && anchor_->IsLoggedIn();
  const std::lock_guard lock(pool_mutex_);
  if (!module_) return;
  ++generation_;
  dropped.pool = std::exchange(pool_, {});
  if (alive) return;
  has_session_objects_ = false;
  dropped.anchor = std::exchange(anchor_, std::nullopt);
}

Result<bool> Token::Recover(unsigned seen, CK_RV why) {
  SIGTOKEN_ASSIGN(const Recovery done, RecoverUnlessWell(seen, why, false));
  return done == Recovery::kAnew;
}

Result<Token::Recovery> Token::RecoverUnlessWell(unsigned seen, CK_RV why,
                                                 bool of_a_use) {
  const std::unique_lock recovering(recovery_mutex_, std::try_to_lock);
  if (!recovering) return Recovery::kNotNow;
  if (generation_ != seen) return Recovery::kAnew;
  if (of_a_use && MayBeOfTheRequest(why)) {
    // Others may be well served meanwhile, and log in.
    const Raised trying(trying_);
    {
      const std::lock_guard lock(pool_mutex_);
      if (!back_off_.MayTry(Clock::now())) return Recovery::kNotNow;
    }
    if (SignsWithATrialKey(*this)) return Recovery::kNotNeeded;
    if (generation_ != seen) return Recovery::kAnew;
  }
  const Raised raised(recovering_);
  {
    Dropped dropped;
    const std::unique_lock login(login_mutex_, std::try_to_lock);
    if (!login) return Recovery::kNotNow;
    const std::lock_guard lock(pool_mutex_);
    const auto now = Clock::now();
    if (!back_off_.MayTry(now)) return Recovery::kNotNow;
    lost_.reset();
    next_force_ = now + kForceInterval;
    // Before it is let go of, so that nobody takes it up again.
    if (why != CKR_USER_NOT_LOGGED_IN) backend_->GiveUp();
    dropped = LetGo();
  }
  if (why != CKR_USER_NOT_LOGGED_IN) {
    backend_->AskUsers(Backend::Ask::kGivenUp);
  }
  {
    Dropped dropped;
    const std::lock_guard lock(login_mutex_);
    SIGTOKEN_TRY(EnsureLogin(dropped));
  }
  const std::lock_guard lock(pool_mutex_);
  back_off_.Tried(Clock::now());
  return Recovery::kAnew;
}

bool Token::MayRecover(unsigned seen) {
  if (generation_ != seen) return true;
  if (recovering_ || trying_) return false;
  const std::lock_guard lock(pool_mutex_);
  return back_off_.MayTry(Clock::now());
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

Status Token::CheckShowsAll(const Session& session) const {
  SIGTOKEN_TRY(CheckLoggedIn(session));
  Status in_slot =
      CheckInSlot(session, SlotId(pool_mutex_, slot_), identity(), name_);
  // SoftHSM2 2.6.1 does not say any more what the token is once a login could
  // not write to its file, and shows all keys (measured, in a folder that is
  // read-only).
  const bool may_be_read_only =
      !in_slot && is_of_this_host_ && in_slot.error().rv == CKR_GENERAL_ERROR;
  if (may_be_read_only && ShowsAnObject(session)) return Ok();
  return in_slot;
}

}  // namespace sigtoken
