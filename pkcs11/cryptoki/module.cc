#include "pkcs11/cryptoki/module.h"

#include <p11-kit/p11-kit.h>

#include <optional>
#include <string_view>
#include <utility>

#include "pkcs11/base/codes.h"
#include "pkcs11/base/file_check.h"
#include "pkcs11/base/forks.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/environment.h"
#include "pkcs11/cryptoki/module_cures.h"
#include "pkcs11/cryptoki/module_entry.h"

namespace sigtoken {
namespace {

using Environment = EnvironmentUse::Kind;

CK_RV InitializeHelper(HelperProcess* helper, CK_C_INITIALIZE_ARGS* arguments) {
  return helper->Initialize(arguments);
}

Result<Answered> Initialize(ModuleEntry& entry, CK_FUNCTION_LIST& functions,
                            const ModuleSpec& spec) {
  const bool has_conf = !spec.softhsm2_conf.empty();
  SIGTOKEN_ASSIGN(auto environment,
                  EnvironmentUse::Begin(has_conf ? Environment::kChange
                                                 : Environment::kRead));
  if (has_conf) environment.Set("SOFTHSM2_CONF", spec.softhsm2_conf);
  std::string init = spec.init;
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  arguments.pReserved = init.empty() ? nullptr : init.data();
  return spec.isolated
             ? Call("C_Initialize", &InitializeHelper, &entry.helper,
                    &arguments)
             : Call("C_Initialize", functions.C_Initialize, &arguments);
}

CK_RV LoadModule(const char* path, CK_FUNCTION_LIST** functions) {
  *functions = p11_kit_module_load(path, P11_KIT_MODULE_UNMANAGED);
  return *functions != nullptr ? CKR_OK : CKR_GENERAL_ERROR;
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

// p11-kit's client leaves all its threads but one waiting for ever when its
// server dies while they call it: who fails to read the answer of another one
// wakes nobody (0.24.1, measured).
bool NeedsTurns(const Module& module) {
  const auto info = module.Info();
  return info && Trimmed(info->manufacturerID) == "PKCS#11 Kit";
}

// Precondition: entry.mutex is held.
Result<CK_FUNCTION_LIST*> LoadFunctions(ModuleEntry& entry,
                                        const ModuleSpec& spec) {
  // No other module is waited for without need: it may hang.
  if (spec.isolated && entry.helper.functions() != nullptr) {
    return entry.helper.functions();
  }
  SIGTOKEN_ASSIGN(const auto environment,
                  EnvironmentUse::Begin(spec.isolated ? Environment::kChange
                                                      : Environment::kRead));
  if (spec.isolated) return entry.helper.Load(spec.path);
  // Its constructors are the vendor's too, and may hang as any call may.
  CK_FUNCTION_LIST* functions = nullptr;
  if (Call("C_GetFunctionList", &LoadModule, spec.path.c_str(), &functions) ==
      CKR_OK) {
    return functions;
  }
  return Unavailable("the PKCS#11 module " + Quoted(spec.path) +
                         " could not be loaded: " + WhyNotLoaded(spec.path),
                     "check the path; install the module's package");
}

// As Check(), of what no request is at fault for: whatever the code, a module
// that does not start, or does not tell of itself, is not available.
Status CheckModule(const Answered& answered, std::string_view doing) {
  auto good = Check(answered, doing);
  if (!good) good.error().icsf = kNotAvailable;
  return good;
}

}  // namespace

Status Check(const Answered& answered, std::string_view doing) {
  if (answered == CKR_OK) return Ok();
  Error error{answered.rv,
              answered.function,
              "could not " + std::string(doing),
              "",
              {}};
  error.cure = CureOf(answered.rv);
  if (const CkRvRow* row = FindCkRv(answered.rv)) {
    error.cure = std::string(row->meaning) + ". " + Sentence(error.cure);
  }
  return error;
}

Module::Module(ModuleSpec spec, CK_FUNCTION_LIST* functions, ModuleEntry& entry,
               bool ours)
    : spec_(std::move(spec)),
      functions_(functions),
      entry_(&entry),
      ours_(ours),
      fork_generation_(ForkGeneration()) {}

Callee& Module::CalleeOf(const ModuleSpec& spec) {
  return ModuleEntry::Of(CanonicalPath(spec.path));
}

Result<std::shared_ptr<Module>> Module::Load(const ModuleSpec& spec) {
  ModuleEntry& entry = ModuleEntry::Of(CanonicalPath(spec.path));
  Callee::SetOfThisThread(&entry);
  std::shared_ptr<Module> alive;  // Outlives the lock, which its end takes.
  std::unique_lock lock(entry.mutex);
  alive = entry.module.lock();
  // Its last share is gone, and another thread is about to finalise it.
  while (!alive && entry.initialized) {
    entry.finalized.wait(lock);
    alive = entry.module.lock();
  }
  if (alive) {
    if (alive->spec_.init == spec.init &&
        alive->spec_.softhsm2_conf == spec.softhsm2_conf &&
        alive->spec_.isolated == spec.isolated) {
      return alive;
    }
    return Unavailable(
        "the module " + Quoted(spec.path) +
            " is in use in this process with another configuration",
        "use one configuration of a module in a process at a time");
  }

  SIGTOKEN_ASSIGN(CK_FUNCTION_LIST * functions, LoadFunctions(entry, spec));
  if ((entry.inherited && !spec.isolated) || entry.left_initialized) {
    // What fork() copied, NSS would go on with: the parent's random numbers, to
    // make its keys once more (measured). The answer does not matter.
    Call("C_Finalize", functions->C_Finalize, nullptr);
  }
  entry.inherited = false;
  SIGTOKEN_ASSIGN(const Answered answered, Initialize(entry, *functions, spec));
  const bool ours = answered != CKR_CRYPTOKI_ALREADY_INITIALIZED ||
                    entry.left_initialized == spec;
  if (answered != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
    auto good = CheckModule(
        answered, "initialise the PKCS#11 module " + Quoted(spec.path));
    if (!good) {
      if (spec.isolated) entry.helper.CleanUp();
      good.error().cure = CureOfStart(spec, answered);
      return std::move(good).error();
    }
  }
  std::shared_ptr<Module> module(new Module(spec, functions, entry, ours));
  if (ours) entry.one_at_a_time = NeedsTurns(*module);
  entry.module = module;
  entry.left_initialized.reset();
  entry.initialized = ours;
  return module;
}

Module::~Module() {
  // In a child the module belongs to the parent still.
  if (!ours_ || !Check()) return;
  {
    const std::lock_guard lock(entry_->mutex);
    if (Call("C_Finalize", functions().C_Finalize, nullptr) != CKR_OK) {
      entry_->left_initialized = spec_;
    }
    if (spec_.isolated) entry_->helper.Ended();
    entry_->initialized = false;
  }
  entry_->finalized.notify_all();
}

CK_FUNCTION_LIST& Module::functions() const {
  Callee::SetOfThisThread(entry_);
  return *functions_;
}

Result<std::vector<Slot>> Module::Slots() const {
  SIGTOKEN_TRY(Check());
  const std::string doing = "list the slots of " + Quoted(spec_.path);
  std::vector<CK_SLOT_ID> ids;
  CK_RV rv = CKR_BUFFER_TOO_SMALL;
  // The number can grow between the question for it and the list.
  for (int tries = 0; rv == CKR_BUFFER_TOO_SMALL && tries < 5; ++tries) {
    CK_ULONG count = 0;
    SIGTOKEN_TRY(CheckModule(Call("C_GetSlotList", functions().C_GetSlotList,
                                  CK_TRUE, nullptr, &count),
                             doing));
    ids.resize(count + 1);
    count = ids.size();
    rv = Call("C_GetSlotList", functions().C_GetSlotList, CK_TRUE, ids.data(),
              &count);
    if (rv == CKR_OK) ids.resize(count);
  }
  SIGTOKEN_TRY(CheckModule({rv, "C_GetSlotList"}, doing));

  std::vector<Slot> slots;
  for (const CK_SLOT_ID id : ids) {
    Slot slot{id, {}, {}};
    // A slot whose token left meanwhile is no slot with a token.
    if (Call("C_GetTokenInfo", functions().C_GetTokenInfo, id, &slot.info) !=
        CKR_OK)
      continue;
    // For the slot- attributes of URIs alone: without them it fits none.
    if (Call("C_GetSlotInfo", functions().C_GetSlotInfo, id, &slot.slot) !=
        CKR_OK)
      slot.slot = {};
    slots.push_back(slot);
  }
  return slots;
}

Result<CK_INFO> Module::Info() const {
  SIGTOKEN_TRY(Check());
  CK_INFO info{};
  SIGTOKEN_TRY(CheckModule(Call("C_GetInfo", functions().C_GetInfo, &info),
                           "look at " + Quoted(spec_.path)));
  return info;
}

Result<CK_TOKEN_INFO> Module::TokenInfo(CK_SLOT_ID slot) const {
  SIGTOKEN_TRY(Check());
  CK_TOKEN_INFO info{};
  SIGTOKEN_TRY(sigtoken::Check(
      Call("C_GetTokenInfo", functions().C_GetTokenInfo, slot, &info),
      "look at the token in slot " + std::to_string(slot)));
  return info;
}

void Module::CloseSession(CK_SESSION_HANDLE session) {
  const auto close = [this](CK_SESSION_HANDLE each) {
    return Call("C_CloseSession", functions().C_CloseSession, each).rv;
  };
  std::vector<CK_SESSION_HANDLE> left = {session};
  if (close(session) == CKR_OK) {
    {
      const std::lock_guard lock(unclosed_mutex_);
      left = std::exchange(unclosed_, {});
    }
    std::erase_if(left, [&](CK_SESSION_HANDLE each) {
      const CK_RV rv = close(each);
      return rv == CKR_OK || rv == CKR_SESSION_HANDLE_INVALID ||
             rv == CKR_SESSION_CLOSED;
    });
  }
  if (left.empty()) return;
  const std::lock_guard lock(unclosed_mutex_);
  unclosed_.insert(unclosed_.end(), left.begin(), left.end());
}

void Module::SessionOpened(CK_SESSION_HANDLE session) {
  const std::lock_guard lock(unclosed_mutex_);
  std::erase(unclosed_, session);
}

Status Module::Check() const {
  if (fork_generation_ == ForkGeneration()) return Ok();
  return Unavailable(
      "this process is a child of the one that opened the PKCS#11 module",
      "open sigtoken after fork(), in each process for itself");
}

}  // namespace sigtoken
