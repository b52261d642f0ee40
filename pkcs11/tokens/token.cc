#include "pkcs11/tokens/token.h"

#include <thread>
#include <utility>

#include "pkcs11/base/file_check.h"
#include "pkcs11/store/refused_pins_of_host.h"
#include "pkcs11/tokens/handle_reuse.h"
#include "pkcs11/tokens/pin_cures.h"
#include "pkcs11/tokens/right_mac.h"

namespace sigtoken {
namespace {

// For a session that somebody else has (ours).
constexpr std::chrono::seconds kLongestWaitForRoom{1};
constexpr std::chrono::milliseconds kLookForRoom{2};

// What a token says of it once it has refused a PIN (PKCS #11 v2.40, table 8);
// many say nothing.
std::string TriesThatAreLeft(CK_FLAGS flags) {
  return flags & CKF_USER_PIN_FINAL_TRY ? "; one more wrong PIN locks it" : "";
}

}  // namespace

TokenIdentity Token::identity() const {
  return {module_path_, backend_->spec().init, Trimmed(slot_.info.label),
          Trimmed(slot_.info.serialNumber)};
}

Status Token::CheckRefused(const std::optional<PinFile>& file) {
  if (refused_ && refused_->file == file) return refused_->error;
  if (!file) return Ok();
  SIGTOKEN_ASSIGN(auto rv, FindRefusedPin(*database_, identity(), *file));
  if (!rv) rv = FindRefusedPinOfHost(RefusedPinsFolder(), identity(), *file);
  if (!rv) return Ok();
  return Error{*rv, "C_Login",
               "the token " + name_.text() + " has refused the PIN in " +
                   QuotedPath(file->path) + ", and it is not tried again",
               CureOfPin(*rv, PinOwner::kUser, identity(), file->path),
               kNotAuthorized};
}

// Precondition: login_mutex_ is held.
Result<std::optional<Secret>> Token::ReadPin() {
  if (!(slot_.info.flags & CKF_LOGIN_REQUIRED)) return std::optional<Secret>();
  if (KeepsPin() && login_pin_) {
    return std::exchange(login_pin_, std::nullopt);
  }
  if (pin_.read) {
    SIGTOKEN_ASSIGN(Secret pin, pin_.read());
    return std::optional<Secret>(std::move(pin));
  }
  // Its own keypad asks.
  if (slot_.info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) {
    return std::optional<Secret>();
  }
  return Refusal(kNotAuthorized, CKR_PIN_INVALID,
                 "no PIN is named for the token " + name_.text(),
                 "add pin-source=file:/PATH to its URI");
}

Error Token::Remember(Error error, CK_RV for_others,
                      const std::optional<PinFile>& file) {
  // Whatever code the module has for it.
  error.icsf = kNotAuthorized;
  refused_ = RefusedPin{error, file};
  if (!file) return error;
  PutRefusedPinOfHost(RefusedPinsFolder(), identity(), *file, for_others);
  const auto written = [&]() -> Status {
    SIGTOKEN_ASSIGN(auto transaction, database_->Begin());
    SIGTOKEN_TRY(PutRefusedPin(*database_, identity(), *file, for_others));
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
        locked
            ? CureOfPin(CKR_PIN_LOCKED, PinOwner::kUser, identity(), pin_.file)
            : "log in once with the right PIN, with the vendor's own tool");
  }
  auto done =
      pin ? session.Login(CKU_USER, *pin) : session.LoginByDevice(CKU_USER);
  if (done) return done;
  done.error().message += " " + name_.text();
  const CK_RV rv = done.error().rv;
  if (IsNoWordOfThePin(rv)) return done;
  const auto then = module_->TokenInfo(slot_.id);
  // Some modules refuse a PIN with a code of their own: the token's flags tell
  // whether it was counted. Where they say nothing, it may be tried again.
  if (!IsPinRefusal(rv) && (!then || !HasCountedAWrongPin(then->flags))) {
    if (then && (then->flags & CKF_USER_PIN_TO_BE_CHANGED) != 0) {
      done.error().cure +=
          "; the token says that its PIN is to be changed: " +
          CureOfPin(CKR_PIN_EXPIRED, PinOwner::kUser, identity(), pin_.file);
    }
    return done;
  }
  const bool locked = then && (then->flags & CKF_USER_PIN_LOCKED) != 0;
  // Nobody asks the token again.
  const CK_RV for_others = locked ? CKR_PIN_LOCKED : rv;
  done.error().cure = CureOfPin(for_others, PinOwner::kUser, identity(),
                                file ? file->path : "");
  Error refused = Remember(std::move(done).error(), for_others, file);
  if (then) refused.cure += TriesThatAreLeft(then->flags);
  return refused;
}

bool Token::KeepsPin() const {
  return macs_are_tried_elsewhere_ || (pin_.read && pin_.file.empty());
}

Status Token::LoginUntried() {
  {
    const std::lock_guard lock(login_mutex_);
    macs_are_tried_elsewhere_ = true;
  }
  return Login();
}

std::optional<CK_RV> Token::LoginAgain(const HostLock::Exclusive& /*held*/,
                                       Session& session) {
  const std::lock_guard lock(login_mutex_);
  if (!login_pin_) return std::nullopt;
  return Call("C_Login", session.functions().C_Login, session.handle(),
              CKU_USER, login_pin_->data(), login_pin_->size())
      .rv;
}

// Precondition: login_mutex_ is held.
Status Token::LoginAnew() {
  // Before the PIN is read: what changes it meanwhile is a change.
  const auto file = LookAtPinFile(pin_.file);
  SIGTOKEN_TRY(CheckRefused(file));
  // Before the lock is taken: a person who is asked takes his time.
  SIGTOKEN_ASSIGN(auto pin, ReadPin());
  auto done = LoginWith(pin, file);
  if (done ? !is_of_this_host_ || KeepsPin() : KeepsPin() && !refused_) {
    login_pin_ = std::move(pin);
  }
  return done;
}

// Precondition: login_mutex_ is held.
Status Token::LoginWith(std::optional<Secret>& pin,
                        const std::optional<PinFile>& file) {
  SIGTOKEN_ASSIGN(const auto held, Change());
  // Again: another process may just have been refused.
  SIGTOKEN_TRY(CheckRefused(file));
  SIGTOKEN_TRY(Attach(held));
  SIGTOKEN_ASSIGN(Session session, OpenSession(held, Access::kReadOnly));
  // Before the PIN is tried: what fails here is no login that failed.
  SIGTOKEN_ASSIGN(const CK_INFO info, session.module().Info());
  SIGTOKEN_TRY(LogIn(session, pin, file));
  refused_.reset();
  // Who else has initialised the module may do so again; in a process of its
  // own nobody can.
  const bool shared =
      session.module().initialized_by_others() ||
      (ModulesMayBeShared() && !session.module().spec().isolated);
  const auto reuses = [&] {
    // With this session goes whatever the trial leaves.
    auto trial = OpenSession(held, Access::kReadOnly);
    return !trial || MayReuseHandles(held, *trial);
  };
  may_reuse_handles_ = shared || reuses();
  // A login counts only behind it: nobody asks later.
  if (!macs_are_tried_elsewhere_) SIGTOKEN_TRY(CheckRightMac(*this, held));
  is_of_this_host_ = Trimmed(info.manufacturerID) == "SoftHSM";
  anchor_ = std::move(session);
  return Ok();
}

// Precondition: login_mutex_ is held.
Status Token::Attach(const HostLock::Shared& held) {
  bool again = false;
  {
    const std::lock_guard lock(pool_mutex_);
    if (module_) return Ok();
    again = lost_.has_value();
  }
  // A module may list its slots and yet do nothing until it is initialised
  // again (tpm2-pkcs11 once its daemon is back, measured).
  if (again) SIGTOKEN_TRY(backend_->Reopen(held));
  const TokenIdentity wanted = identity();
  SIGTOKEN_ASSIGN(const Slot slot,
                  backend_->FindSlot(
                      held, "the token " + name_.text(),
                      [&](const Slot& found) {
                        return Trimmed(found.info.label) == wanted.label &&
                               Trimmed(found.info.serialNumber) ==
                                   wanted.serial;
                      },
                      Backend::Patience::kTwoLooks));
  SIGTOKEN_ASSIGN(auto module, backend_->Use(held));
  const std::lock_guard lock(pool_mutex_);
  module_ = std::move(module);
  slot_.id = slot.id;
  return Ok();
}

Result<bool> Token::Renew(const HostLock::Exclusive& held) {
  // Who logs in waits for the host lock, which the caller has.
  const std::unique_lock login(login_mutex_, std::try_to_lock);
  if (!login || !anchor_ || has_session_objects_) return false;
  {
    // Closed here: the module must be finalised before it is looked at anew.
    Dropped closed;
    const std::lock_guard lock(pool_mutex_);
    // The backend's, our own, and one with each session.
    const std::size_t known = 3 + pool_.size();
    if (!module_ || module_->initialized_by_others() ||
        static_cast<std::size_t>(module_.use_count()) != known) {
      return false;
    }
    closed = LetGo();
  }
  // Not where another token of the module was opened in this very moment.
  const auto logged_in = [&]() -> Status {
    SIGTOKEN_TRY(backend_->Reopen(held));
    SIGTOKEN_TRY(Attach(held));
    SIGTOKEN_ASSIGN(Session session, OpenSession(held, Access::kReadOnly));
    SIGTOKEN_TRY(LogIn(session, login_pin_, LookAtPinFile(pin_.file)));
    anchor_ = std::move(session);
    return Ok();
  }();
  if (logged_in) return true;
  // Without a login it would look empty: Login() opens it again.
  Dropped closed;
  const std::lock_guard lock(pool_mutex_);
  closed = LetGo();
  return logged_in.error();
}

// Whether a session was closed that stood in the way: one that nobody uses, or
// else one that is given back before `until`.
bool Token::MakeRoom(BackOff::Clock::time_point until) {
  const std::size_t lent = lent_;
  while (BackOff::Clock::now() < until) {
    std::vector<Session> idle;
    {
      const std::lock_guard lock(pool_mutex_);
      idle.swap(pool_);
    }
    if (!idle.empty() || lent_ < lent) return true;
    if (lent == 0) return false;
    std::this_thread::sleep_for(kLookForRoom);
  }
  return false;
}

Result<Token::Opened> Token::Open(Access access) {
  const auto until = BackOff::Clock::now() + kLongestWaitForRoom;
  auto opened = OpenOnce(access);
  while (!opened && opened.error().rv == CKR_SESSION_COUNT && MakeRoom(until)) {
    opened = OpenOnce(access);
  }
  return opened;
}

Result<Token::Opened> Token::OpenOnce(Access access) {
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
  SIGTOKEN_TRY(backend_->TurnTo());
  {
    const std::lock_guard lock(pool_mutex_);
    // Those of the pool are the parent's, after a fork().
    if (module_) SIGTOKEN_TRY(module_->Check());
    if (!pool_.empty()) {
      Session session = std::move(pool_.back());
      pool_.pop_back();
      return Lease(*this, generation_, std::move(session));
    }
    // Not even for the host lock, which whoever opens it anew has.
    if (!module_ && recovering_) return IsBeingOpenedAnew();
  }
  SIGTOKEN_ASSIGN(const auto held, Look());
  SIGTOKEN_ASSIGN(Opened opened, Open(Access::kReadOnly));
  return Lease(*this, opened.generation, std::move(opened.session));
}

Token::Lease::Lease(Token& token, unsigned generation, Session session)
    : token_(&token), generation_(generation), session_(std::move(session)) {
  ++token_->lent_;
}

Token::Lease::~Lease() {
  if (token_ == nullptr) return;
  GiveBack();
  session_.reset();
  --token_->lent_;
}

void Token::Lease::GiveBack() {
  if (!session_) return;
  // Who holds the mutex may wait for the last session of a module that was
  // given up: this one.
  const std::unique_lock lock(token_->pool_mutex_, std::try_to_lock);
  if (!lock || token_->generation_ != generation_) return;
  token_->pool_.push_back(*std::move(session_));
}

}  // namespace sigtoken
