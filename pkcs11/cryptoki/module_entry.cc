#include "pkcs11/cryptoki/module_entry.h"

#include <pthread.h>

#include <map>

#include "pkcs11/base/forks.h"

namespace sigtoken {
namespace {

struct Registry {
  std::mutex mutex;  // Held for no call of a module.
  std::map<std::string, ModuleEntry*> entries;
};

Registry& TheRegistry() {
  static auto* const registry = new Registry;
  return *registry;
}

}  // namespace

// The handlers of fork().
struct ModuleForks {
  static void Before() {
    if (!ForkToExec::OfThisThread()) TheRegistry().mutex.lock();
  }
  static void InParent() {
    if (!ForkToExec::OfThisThread()) TheRegistry().mutex.unlock();
  }
  static void InChild() {
    if (ForkToExec::OfThisThread()) return;
    for (const auto& [path, entry] : TheRegistry().entries) {
      entry->helper.LeaveToParent();
    }
    TheRegistry().mutex.unlock();
  }
};

namespace {

// Before all others, so that its lock is the last that fork() takes: other
// handlers wait for calls, which want it.
[[gnu::constructor(101)]] void TakePartInForks() {
  pthread_atfork(&ModuleForks::Before, &ModuleForks::InParent,
                 &ModuleForks::InChild);
}

}  // namespace

ModuleEntry& ModuleEntry::Of(const std::string& path) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  ModuleEntry*& entry = registry.entries[path];
  if (entry != nullptr && entry->generation_ == ForkGeneration()) return *entry;
  // What fork() has copied stays as it is: another thread may have held it.
  auto* const fresh = new ModuleEntry(path, ForkGeneration());
  fresh->inherited =
      entry != nullptr && (entry->initialized || entry->inherited);
  entry = fresh;
  return *fresh;
}

}  // namespace sigtoken
