// Backend: one PKCS#11 module, its host lock, and the embedded store behind it
// if it is that one.

#ifndef PKCS11_TOKENS_BACKEND_H_
#define PKCS11_TOKENS_BACKEND_H_

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "pkcs11/base/back_off.h"
#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/module.h"
#include "pkcs11/icsf/token_name.h"
#include "pkcs11/setup/configuration.h"
#include "pkcs11/setup/embedded_store.h"
#include "pkcs11/store/host_lock.h"

namespace sigtoken {

// The cure where a module that others had initialised shows the wrong tokens.
inline constexpr const char* kInitializedByOthers =
    "another part of this program had initialised the module, maybe with "
    "another store: use it in a process of its own";

// Thread safe. Loads the module at first use.
class Backend {
 public:
  // `lock_folder` is there already.
  Backend(ModuleSpec spec, const std::filesystem::path& lock_folder,
          std::optional<EmbeddedStore> embedded,
          const DevicePauses& pauses = {});

  const ModuleSpec& spec() const { return spec_; }
  const DevicePauses& pauses() const { return pauses_; }
  const std::optional<EmbeddedStore>& embedded() const { return embedded_; }

  // Asked before what may wait for another thread in the module; who takes the
  // host lock has asked. Errors: kNotAvailable, at once (CallWatch::TurnTo).
  Status TurnTo() const { return CallWatch::TurnTo(callee_); }

  // The host lock. In the embedded store, files that a killed process left torn
  // are put right first: those of `token`, or of all tokens when it is null.
  Result<HostLock::Shared> Look(const TokenName* token) const;
  Result<HostLock::Exclusive> Change(const TokenName* token) const;

  // The host lock alone, to remove a token that is beyond repair.
  Result<HostLock::Exclusive> ChangeUnrepaired() const {
    SIGTOKEN_TRY(TurnTo());
    return lock_.AcquireExclusive();
  }

  // Errors: kNotAvailable; also for a module file that others may change.
  Result<std::shared_ptr<Module>> Use(const HostLock::Shared& held);

  // How long a token that is not there is looked for.
  enum class Patience {
    kOverASecond,  // A module's daemon may still be starting.
    kTwoLooks,     // For one that is looked for again later.
  };

  // The one slot whose token `wanted` takes; `what` names it in messages. A
  // token that is not there is looked for again after a fresh C_Initialize, if
  // no session of this process stands in the way: modules show what other
  // processes made only then.
  //
  // Errors: kNotAvailable when there is none; kParameterInvalid for several.
  Result<Slot> FindSlot(const HostLock::Shared& held, const std::string& what,
                        const std::function<bool(const Slot&)>& wanted,
                        Patience patience = Patience::kOverASecond);

  // Finalises and initialises again. False when somebody else holds the module.
  Result<bool> Reopen(const HostLock::Shared& held);

  // After an error of a module that no token is using, or that all of them
  // would meet: where a fresh C_Initialize may cure it, all users let go of it.
  // False where it is not tried now (BackOff). The caller holds no lock of
  // theirs.
  bool OpenAnew(const Error& error);
  // What failed before works now.
  void OpeningHelped();

  // Gives the module up: the next Use() initialises it anew, as soon as nobody
  // in this process holds the old one.
  void GiveUp();
  bool IsGivenUp(const Module& module);

  // Asks all users to let go of the module; those who cannot yet are waited
  // for, all together for at most a second. The caller holds none of their
  // locks.
  enum class Ask {
    kGivenUp,     // Of one that IsGivenUp().
    kUnlessWell,  // Of one that does not answer them any more.
  };
  void AskUsers(Ask ask);

  // Who holds the module between its calls. `let_go` is called from any thread,
  // until `user` is removed; it waits for nobody, and is false where it is to
  // be asked again: the user is just taking it up.
  using LetGo = std::function<bool(Ask)>;
  void AddUser(const void* user, LetGo let_go);
  void RemoveUser(const void* user);

 private:
  ModuleSpec spec_;
  Callee& callee_;
  HostLock lock_;
  std::optional<EmbeddedStore> embedded_;
  DevicePauses pauses_;
  std::mutex mutex_;
  std::shared_ptr<Module> module_;
  std::weak_ptr<Module> given_up_;
  std::chrono::steady_clock::time_point given_up_at_;
  BackOff back_off_;

  struct User {
    std::mutex mutex;  // While it is asked.
    LetGo let_go;      // Null once it is removed.
  };
  std::mutex users_mutex_;  // Nobody waits for anything who holds it.
  std::map<const void*, std::shared_ptr<User>> users_;
};

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_BACKEND_H_
