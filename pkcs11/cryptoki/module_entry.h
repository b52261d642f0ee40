// ModuleEntry: what this process has of a module file.

#ifndef PKCS11_CRYPTOKI_MODULE_ENTRY_H_
#define PKCS11_CRYPTOKI_MODULE_ENTRY_H_

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "pkcs11/cryptoki/call.h"
#include "pkcs11/cryptoki/helper_process.h"
#include "pkcs11/cryptoki/module.h"

namespace sigtoken {

// One for each canonical path, for good: a module may live until after the
// destructors of globals. A child of fork() has its own.
class ModuleEntry : public Callee {
 public:
  // From any thread.
  static ModuleEntry& Of(const std::string& path);

  std::string Name() const override { return path_; }
  bool EndCalls() override { return helper.Kill(); }
  // p11-kit's client leaves all its threads but one waiting for ever when its
  // server or helper dies while they call it: who fails to read the answer of
  // another one wakes nobody (0.24.1, measured).
  std::mutex* Turn() override {
    return helper.is_active() || one_at_a_time ? &turn_ : nullptr;
  }

  // Held in C_Initialize and C_Finalize, and so no longer than one module
  // takes: another one is not waited for.
  std::mutex mutex;
  std::condition_variable finalized;
  std::weak_ptr<Module> module;
  bool initialized = false;  // By us, and not finalised since.
  // As what it was initialised, where it did not let itself be finalised.
  std::optional<ModuleSpec> left_initialized;
  // By the parent, which fork() has copied into this process.
  bool inherited = false;

  HelperProcess helper;
  std::atomic<bool> one_at_a_time = false;

 private:
  ModuleEntry(std::string path, unsigned generation)
      : path_(std::move(path)), generation_(generation) {}
  ~ModuleEntry() = default;

  std::mutex turn_;
  std::string path_;
  unsigned generation_;  // Of the process that it is of.
};

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_MODULE_ENTRY_H_
