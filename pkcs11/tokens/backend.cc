#include "pkcs11/tokens/backend.h"

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "pkcs11/base/file_check.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/base/private_file.h"
#include "pkcs11/cryptoki/call.h"
#include "pkcs11/cryptoki/module_cures.h"
#include "pkcs11/tokens/recovery.h"

namespace sigtoken {
namespace {

// Two at once, then one after each pause: for more than a second, as long as
// modules were seen to show no slots that were there (measured).
constexpr int kLookTries = 7;

// A token that cannot be opened costs the others of its module their sessions:
// so many times more seldom than a token that was in use.
constexpr int kCostsOthers = 10;

constexpr std::size_t kTokensNamed = 8;

// How long users are waited for that just take the module up.
constexpr std::chrono::milliseconds kLongestAsk{1000};
constexpr std::chrono::milliseconds kAskAgain{1};
constexpr std::chrono::milliseconds kLongestDrain{1000};
constexpr std::chrono::milliseconds kDrainLook{2};

// Those of the embedded store's tokens that need a repair. Who opens one that
// cannot be looked at hears why (Directory::OpenEmbedded): it does not stop
// the others.
Result<std::vector<EmbeddedStore::Token>> Torn(const EmbeddedStore& store,
                                               const HostLock::Shared& held,
                                               const TokenName* name) {
  std::vector<EmbeddedStore::Token> torn;
  if (name != nullptr) {
    SIGTOKEN_ASSIGN(const auto token, store.Find(held, *name));
    if (!token) return torn;
    SIGTOKEN_ASSIGN(const bool is_torn, store.IsTorn(held, *token));
    if (is_torn) torn.push_back(*token);
    return torn;
  }
  SIGTOKEN_ASSIGN(const auto names, store.Names(held));
  for (const TokenName& each : names) {
    const auto token = store.Find(held, each);
    if (!token || !*token) continue;
    if (const auto is_torn = store.IsTorn(held, **token); is_torn && *is_torn) {
      torn.push_back(**token);
    }
  }
  return torn;
}

}  // namespace

Backend::Backend(ModuleSpec spec, const std::filesystem::path& lock_folder,
                 std::optional<EmbeddedStore> embedded,
                 const DevicePauses& pauses)
    : spec_(std::move(spec)),
      callee_(Module::CalleeOf(spec_)),
      lock_(lock_folder,
            embedded ? "embedded"
                     : LockName(CanonicalPath(spec_.path) + '\0' + spec_.init)),
      embedded_(std::move(embedded)),
      pauses_(pauses),
      back_off_(
          {pauses.opening.shortest, kCostsOthers * pauses.opening.longest}) {}

Result<HostLock::Exclusive> Backend::Change(const TokenName* token) const {
  SIGTOKEN_TRY(TurnTo());
  auto held = lock_.AcquireExclusive();
  if (!held || !embedded_) return held;
  SIGTOKEN_ASSIGN(const auto torn, Torn(*embedded_, *held, token));
  for (const auto& each : torn) {
    SIGTOKEN_TRY(embedded_->Repair(*held, each));
  }
  return held;
}

Result<HostLock::Shared> Backend::Look(const TokenName* token) const {
  SIGTOKEN_TRY(TurnTo());
  while (true) {
    auto held = lock_.AcquireShared();
    if (!held || !embedded_) return held;
    SIGTOKEN_ASSIGN(const auto torn, Torn(*embedded_, *held, token));
    if (torn.empty()) return held;
    // A lock is not raised from shared to exclusive, since two that try would
    // wait for each other: it is given up, and all is looked at again.
    { const auto given_up = std::move(held); }
    if (auto repaired = Change(token); !repaired) {
      return std::move(repaired).error();
    }
  }
}

Result<std::shared_ptr<Module>> Backend::Use(const HostLock::Shared& /*held*/) {
  std::unique_lock lock(mutex_, std::defer_lock);
  if (!LockInTime(lock)) {
    return Unavailable("the module " + Quoted(spec_.path) +
                           " is being initialised by another thread, and does "
                           "not come back",
                       "see whether the device and its daemon still answer");
  }
  if (module_ && module_->Check()) return module_;
  // A call into it may still be on its way back. In a child the parent's is
  // not.
  while (!given_up_.expired()) {
    if (const auto old = given_up_.lock(); old && !old->Check()) break;
    if (std::chrono::steady_clock::now() > given_up_at_ + kLongestDrain) {
      return Unavailable("the module " + Quoted(spec_.path) +
                             " is given up, and a call into it has not come "
                             "back",
                         "see whether the device and its daemon still answer, "
                         "then try again");
    }
    std::this_thread::sleep_for(kDrainLook);
  }
  SIGTOKEN_TRY(CheckNotWritableByOthers(spec_.path));
  SIGTOKEN_ASSIGN(module_, Module::Load(spec_));
  return module_;
}

Result<bool> Backend::Reopen(const HostLock::Shared& held) {
  {
    const std::lock_guard lock(mutex_);
    if (module_.use_count() != 1) return false;
    module_.reset();
  }
  SIGTOKEN_TRY(Use(held));
  return true;
}

bool Backend::OpenAnew(const Error& error) {
  // One that does not start is initialised by the next who asks for it.
  if (!IsCuredByOpeningAnew(error) || error.call == "C_Initialize") {
    return false;
  }
  {
    const std::lock_guard lock(mutex_);
    const auto now = BackOff::Clock::now();
    if (!back_off_.MayTry(now)) return false;
    back_off_.Tried(now);
  }
  GiveUp();
  AskUsers(Ask::kGivenUp);
  return true;
}

void Backend::OpeningHelped() {
  const std::lock_guard lock(mutex_);
  back_off_.Helped();
}

void Backend::GiveUp() {
  const std::lock_guard lock(mutex_);
  if (!module_) return;
  given_up_ = module_;
  given_up_at_ = std::chrono::steady_clock::now();
  module_.reset();
}

bool Backend::IsGivenUp(const Module& module) {
  const std::lock_guard lock(mutex_);
  return given_up_.lock().get() == &module;
}

void Backend::AskUsers(Ask ask) {
  std::vector<std::shared_ptr<User>> users;
  {
    const std::lock_guard lock(users_mutex_);
    for (const auto& [name, user] : users_) users.push_back(user);
  }
  const auto end = std::chrono::steady_clock::now() + kLongestAsk;
  while (true) {
    std::erase_if(users, [ask](const auto& user) {
      const std::lock_guard lock(user->mutex);
      return !user->let_go || user->let_go(ask);
    });
    if (users.empty() || ask != Ask::kGivenUp ||
        std::chrono::steady_clock::now() >= end) {
      return;
    }
    std::this_thread::sleep_for(kAskAgain);
  }
}

void Backend::AddUser(const void* user, LetGo let_go) {
  auto added = std::make_shared<User>();
  added->let_go = std::move(let_go);
  const std::lock_guard lock(users_mutex_);
  users_[user] = std::move(added);
}

void Backend::RemoveUser(const void* user) {
  std::shared_ptr<User> removed;
  {
    const std::lock_guard lock(users_mutex_);
    const auto found = users_.find(user);
    if (found == users_.end()) return;
    removed = std::move(found->second);
    users_.erase(found);
  }
  // Not while it is asked.
  const std::lock_guard lock(removed->mutex);
  removed->let_go = nullptr;
}

namespace {

// "it shows 'a' (serial number 01) and 'b' (02)", for who mistook a label.
// Where it shows none, its own configuration may be another one than was meant.
std::string Shown(const std::vector<Slot>& slots, const ModuleSpec& spec) {
  std::string text;
  std::size_t more = 0;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (!slots[i].initialized()) continue;
    if (i >= kTokensNamed) {
      ++more;
      continue;
    }
    text += (text.empty() ? "it shows " : ", ") +
            Quoted(Trimmed(slots[i].info.label)) + " (serial number " +
            Printable(Trimmed(slots[i].info.serialNumber)) + ")";
  }
  if (text.empty()) {
    const std::string_view own =
        spec.softhsm2_conf.empty() ? OwnConfigurationOf(spec.path) : "";
    return "it shows no token" +
           (own.empty() ? "" : "; see that " + std::string(own));
  }
  return more == 0 ? text : text + " and " + std::to_string(more) + " more";
}

}  // namespace

Result<Slot> Backend::FindSlot(const HostLock::Shared& held,
                               const std::string& what,
                               const std::function<bool(const Slot&)>& wanted,
                               Patience patience) {
  const int looks = patience == Patience::kTwoLooks ? 2 : kLookTries;
  bool foreign = false;
  std::vector<Slot> shown;
  for (int tries = 0; tries < looks; ++tries) {
    std::vector<Slot> found;
    bool listed = false;
    {
      SIGTOKEN_ASSIGN(const auto module, Use(held));
      foreign = module->initialized_by_others();
      const auto slots = module->Slots();
      listed = slots.has_value();
      if (!slots && (tries > 0 || !IsCuredByOpeningAnew(slots.error()))) {
        return slots.error();
      }
      shown = slots ? *slots : std::vector<Slot>();
      for (const Slot& slot : shown) {
        if (slot.initialized() && wanted(slot)) found.push_back(slot);
      }
    }
    if (found.size() > 1) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     what + " fits " + std::to_string(found.size()) +
                         " tokens of " + Quoted(spec_.path),
                     "add the token's serial number to its URI");
    }
    if (found.size() == 1) return found.front();
    // Others may have finalised it too: then it is ours to initialise.
    if ((foreign && listed) || tries + 1 == looks) break;
    if (tries > 0) std::this_thread::sleep_for(pauses_.look);
    SIGTOKEN_ASSIGN(const bool reopened, Reopen(held));
    if (!reopened) break;
  }
  return Unavailable(
      what + " is not among the tokens that " + Quoted(spec_.path) + " shows",
      foreign ? kInitializedByOthers
              : "check label and serial number, the device and its daemon: " +
                    Shown(shown, spec_) +
                    "; if another process made the token just now, open "
                    "sigtoken again");
}

}  // namespace sigtoken
