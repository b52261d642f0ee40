#include "pkcs11/cryptoki/module.h"

#include <p11-kit/p11-kit.h>
#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "pkcs11/base/codes.h"
#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

// Counted up in every child: getpid() would cost a system call at each use.
std::atomic<unsigned> fork_generation{0};

// Before main(), and not at the first use: a handler that is registered while
// another thread's fork() waits in one is not run in that child (glibc), which
// would take the parent's module for its own.
[[gnu::constructor]] void CountForks() {
  pthread_atfork(nullptr, nullptr, [] {
    fork_generation.fetch_add(1, std::memory_order_relaxed);
  });
}

unsigned ForkGeneration() {
  return fork_generation.load(std::memory_order_relaxed);
}

// The modules that are alive in this process. It owns none of them. Never
// destroyed: a module may live until after the destructors of globals.
struct Registry {
  struct Entry {
    std::weak_ptr<Module> module;
    // The fork generation in which we called C_Initialize, until C_Finalize.
    std::optional<unsigned> initialized;
  };
  std::mutex mutex;
  std::condition_variable finalized;
  std::map<std::string, Entry> modules;  // By path.
};

Registry& TheRegistry() {
  static auto* const registry = new Registry;
  return *registry;
}

// Sets SOFTHSM2_CONF for its lifetime.
class SoftHsm2Conf {
 public:
  explicit SoftHsm2Conf(const std::string& value) : set_(!value.empty()) {
    if (!set_) return;
    if (const char* before = std::getenv(kName)) before_ = before;
    setenv(kName, value.c_str(), 1);
  }
  SoftHsm2Conf(const SoftHsm2Conf&) = delete;
  SoftHsm2Conf& operator=(const SoftHsm2Conf&) = delete;
  ~SoftHsm2Conf() {
    if (!set_) return;
    if (before_) {
      setenv(kName, before_->c_str(), 1);
    } else {
      unsetenv(kName);
    }
  }

 private:
  static constexpr const char* kName = "SOFTHSM2_CONF";
  bool set_;
  std::optional<std::string> before_;
};

Answered Initialize(CK_FUNCTION_LIST& functions, const ModuleSpec& spec) {
  const SoftHsm2Conf conf(spec.softhsm2_conf);
  std::string init = spec.init;
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  arguments.pReserved = init.empty() ? nullptr : init.data();
  return Call("C_Initialize", functions.C_Initialize, &arguments);
}

// p11-kit's words for a module that it cannot load, without the path: it is in
// them twice, and would leave no room for the reason behind it.
std::string WhyNotLoaded(const std::string& path) {
  const char* message = p11_kit_message();
  std::string_view why = message != nullptr ? message : "no reason given";
  const std::string named = path + ": ";
  if (const auto at = why.rfind(named); at != std::string_view::npos) {
    why.remove_prefix(at + named.size());
  }
  return Printable(why);
}

// What to do about a module that refuses its arguments. All but one of them are
// the same for every module: it can only be that one.
std::string CureForArguments(const ModuleSpec& spec) {
  return spec.init.empty()
             ? "some modules, NSS's softokn among them, need an initialisation "
               "string: write it as 'init' into the [[token]]"
             : "most modules take no initialisation string: leave 'init' out "
               "of the [[token]], or correct it";
}

}  // namespace

Status Check(const Answered& answered, std::string_view doing) {
  if (answered == CKR_OK) return Ok();
  Error error{answered.rv,
              answered.function,
              "could not " + std::string(doing),
              "",
              {}};
  if (const CkRvRow* row = FindCkRv(answered.rv)) {
    error.cure = row->meaning;
  } else {
    error.cure = "this code is the module vendor's own: look it up there";
  }
  return error;
}

Module::Module(ModuleSpec spec, CK_FUNCTION_LIST* functions, bool ours)
    : spec_(std::move(spec)),
      functions_(functions),
      ours_(ours),
      fork_generation_(ForkGeneration()) {}

Result<std::shared_ptr<Module>> Module::Load(const ModuleSpec& spec) {
  Registry& registry = TheRegistry();
  std::shared_ptr<Module> alive;  // Outlives the lock, which its end takes.
  std::unique_lock lock(registry.mutex);
  Registry::Entry& entry = registry.modules[spec.path];
  alive = entry.module.lock();
  // Its last share is gone, and another thread is about to finalise it.
  while (!alive && entry.initialized == ForkGeneration()) {
    registry.finalized.wait(lock);
    alive = entry.module.lock();
  }
  if (alive && alive->Check()) {
    if (alive->spec_ == spec) return alive;
    return Unavailable(
        "the module " + Quoted(spec.path) +
            " is in use in this process with another configuration",
        "use one configuration of a module in a process at a time");
  }

  CK_FUNCTION_LIST* functions =
      p11_kit_module_load(spec.path.c_str(), P11_KIT_MODULE_UNMANAGED);
  if (functions == nullptr) {
    return Unavailable("the PKCS#11 module " + Quoted(spec.path) +
                           " could not be loaded: " + WhyNotLoaded(spec.path),
                       "check the path; install the module's package");
  }
  if (entry.initialized && entry.initialized != ForkGeneration()) {
    // What fork() copied. NSS would go on with the parent's random numbers, and
    // make its keys once more (measured). The answer does not matter.
    Call("C_Finalize", functions->C_Finalize, nullptr);
    entry.initialized.reset();
  }
  const Answered answered = Initialize(*functions, spec);
  const bool ours = answered != CKR_CRYPTOKI_ALREADY_INITIALIZED;
  if (ours) {
    auto good = sigtoken::Check(
        answered, "initialise the PKCS#11 module " + Quoted(spec.path));
    if (!good) {
      // Whatever the code, a module that does not start is not available.
      good.error().icsf = kNotAvailable;
      if (answered == CKR_ARGUMENTS_BAD)
        good.error().cure = CureForArguments(spec);
      return std::move(good).error();
    }
  }
  std::shared_ptr<Module> module(new Module(spec, functions, ours));
  entry.module = module;
  if (ours) entry.initialized = module->fork_generation_;
  return module;
}

Module::~Module() {
  // In a child the module belongs to the parent still.
  if (!ours_ || !Check()) return;
  Registry& registry = TheRegistry();
  {
    const std::lock_guard lock(registry.mutex);
    Call("C_Finalize", functions_->C_Finalize, nullptr);
    registry.modules[spec_.path].initialized.reset();
  }
  registry.finalized.notify_all();
}

Result<std::vector<Slot>> Module::Slots() const {
  SIGTOKEN_TRY(Check());
  const std::string doing = "list the slots of " + Quoted(spec_.path);
  std::vector<CK_SLOT_ID> ids;
  CK_RV rv = CKR_BUFFER_TOO_SMALL;
  // The number can grow between the question for it and the list.
  for (int tries = 0; rv == CKR_BUFFER_TOO_SMALL && tries < 5; ++tries) {
    CK_ULONG count = 0;
    SIGTOKEN_TRY(
        sigtoken::Check(Call("C_GetSlotList", functions_->C_GetSlotList,
                             CK_TRUE, nullptr, &count),
                        doing));
    ids.resize(count + 1);
    count = ids.size();
    rv = Call("C_GetSlotList", functions_->C_GetSlotList, CK_TRUE, ids.data(),
              &count);
    if (rv == CKR_OK) ids.resize(count);
  }
  SIGTOKEN_TRY(sigtoken::Check({rv, "C_GetSlotList"}, doing));

  std::vector<Slot> slots;
  for (const CK_SLOT_ID id : ids) {
    Slot slot{id, {}, {}};
    // A slot whose token left meanwhile is no slot with a token.
    if (Call("C_GetTokenInfo", functions_->C_GetTokenInfo, id, &slot.info) !=
        CKR_OK)
      continue;
    // For the slot- attributes of URIs alone: without them it fits none.
    if (Call("C_GetSlotInfo", functions_->C_GetSlotInfo, id, &slot.slot) !=
        CKR_OK)
      slot.slot = {};
    slots.push_back(slot);
  }
  return slots;
}

Result<CK_INFO> Module::Info() const {
  SIGTOKEN_TRY(Check());
  CK_INFO info{};
  SIGTOKEN_TRY(sigtoken::Check(Call("C_GetInfo", functions_->C_GetInfo, &info),
                               "look at " + Quoted(spec_.path)));
  return info;
}

Result<CK_TOKEN_INFO> Module::TokenInfo(CK_SLOT_ID slot) const {
  SIGTOKEN_TRY(Check());
  CK_TOKEN_INFO info{};
  SIGTOKEN_TRY(sigtoken::Check(
      Call("C_GetTokenInfo", functions_->C_GetTokenInfo, slot, &info),
      "look at the token in slot " + std::to_string(slot)));
  return info;
}

Status Module::Check() const {
  if (fork_generation_ == ForkGeneration()) return Ok();
  return Unavailable(
      "this process is a child of the one that opened the PKCS#11 module",
      "open sigtoken after fork(), in each process for itself");
}

}  // namespace sigtoken
