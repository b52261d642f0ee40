#include "pkcs11/cryptoki/environment.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "pkcs11/base/forks.h"
#include "pkcs11/cryptoki/call.h"

namespace sigtoken {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{1};

// What somebody may read for good is kept, and used again where it is the same.
struct Array {
  std::string entry;  // NAME=value
  std::vector<char*> variables;
};

struct Use {
  EnvironmentUse::Kind kind;
  Clock::time_point since;
  unsigned fork_generation;
  std::unique_ptr<EnvironmentVariable> variable;
};

struct Registry {
  std::mutex mutex;  // Held for no call of a module.
  std::uint64_t next = 0;
  std::map<std::uint64_t, Use> uses;
};

Registry& TheRegistry() {
  static auto* const registry = new Registry;
  return *registry;
}

std::mutex& ArraysMutex() {
  static auto* const mutex = new std::mutex;
  return *mutex;
}

std::list<Array>& Arrays() {
  static auto* const arrays = new std::list<Array>;
  return *arrays;
}

// Those of `variables` but the one of that name.
std::vector<char*> Without(char** variables, const std::string& name) {
  std::vector<char*> others;
  for (char** each = variables; each != nullptr && *each != nullptr; ++each) {
    if (!std::string_view(*each).starts_with(name + "=")) {
      others.push_back(*each);
    }
  }
  return others;
}

// The variables of now with `entry` in place of the one of its name.
char** With(const std::string& name, const std::string& entry) {
  const std::lock_guard lock(ArraysMutex());
  Array fresh{entry, Without(environ, name)};
  auto& arrays = Arrays();
  const auto same =
      std::find_if(arrays.begin(), arrays.end(), [&](const Array& known) {
        return known.entry == entry &&
               known.variables.front() == known.entry.data() &&
               known.variables.size() == fresh.variables.size() + 2 &&
               std::equal(fresh.variables.begin(), fresh.variables.end(),
                          known.variables.begin() + 1);
      });
  if (same != arrays.end()) return same->variables.data();
  arrays.push_back(std::move(fresh));
  Array& kept = arrays.back();
  kept.variables.insert(kept.variables.begin(), kept.entry.data());
  kept.variables.push_back(nullptr);
  return kept.variables.data();
}

// Whether all who are in its way have come to an end, or hang.
bool MayBegin(Registry& registry, EnvironmentUse::Kind kind) {
  std::erase_if(registry.uses, [](const auto& each) {
    const Use& use = each.second;
    // What fork() has copied comes to no end either.
    return use.fork_generation != ForkGeneration() ||
           Clock::now() > use.since + EnvironmentUse::kLongestUse;
  });
  return std::ranges::all_of(registry.uses, [&](const auto& each) {
    return kind == EnvironmentUse::Kind::kRead && each.second.kind == kind;
  });
}

void BeforeFork() {
  if (ForkToExec::OfThisThread()) return;
  TheRegistry().mutex.lock();
  ArraysMutex().lock();
}

void AfterFork() {
  if (ForkToExec::OfThisThread()) return;
  ArraysMutex().unlock();
  TheRegistry().mutex.unlock();
}

// As that of the registry of modules (module_entry.cc), for the same reason.
[[gnu::constructor(101)]] void TakePartInForks() {
  pthread_atfork(&BeforeFork, &AfterFork, &AfterFork);
}

}  // namespace

EnvironmentVariable::EnvironmentVariable(const char* name,
                                         const std::string& value)
    : name_(name), before_(environ) {
  if (const char* found = std::getenv(name)) value_before_ = found;
  set_ = With(name, std::string(name) + "=" + value);
  environ = set_;
}

EnvironmentVariable::~EnvironmentVariable() {
  if (environ == set_ && Without(set_, name_) == Without(before_, name_)) {
    environ = before_;
    return;
  }
  // Somebody else has set a variable meanwhile.
  if (value_before_) {
    setenv(name_, value_before_->c_str(), 1);
  } else {
    unsetenv(name_);
  }
}

Result<EnvironmentUse> EnvironmentUse::Begin(Kind kind) {
  const CallWatch::Wait wait;
  Registry& registry = TheRegistry();
  while (true) {
    {
      const std::lock_guard lock(registry.mutex);
      if (MayBegin(registry, kind)) {
        const std::uint64_t number = registry.next++;
        registry.uses.emplace(number,
                              Use{kind, Clock::now(), ForkGeneration(), {}});
        return EnvironmentUse(number);
      }
    }
    if (!wait.MayGoOn()) {
      return Unavailable(
          "another PKCS#11 module of this process is being initialised, and "
          "does not come back",
          "see whether its device and daemon still answer; try again in a "
          "moment");
    }
    std::this_thread::sleep_for(kLook);
  }
}

void EnvironmentUse::Set(const char* name, const std::string& value) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  const auto use = registry.uses.find(*number_);
  if (use == registry.uses.end()) return;
  use->second.variable = std::make_unique<EnvironmentVariable>(name, value);
}

EnvironmentUse::EnvironmentUse(EnvironmentUse&& other) noexcept
    : number_(std::exchange(other.number_, std::nullopt)) {}

EnvironmentUse::~EnvironmentUse() {
  if (!number_) return;
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  const auto use = registry.uses.find(*number_);
  // After a fork() it is the parent's.
  if (use == registry.uses.end() ||
      use->second.fork_generation != ForkGeneration()) {
    return;
  }
  registry.uses.erase(use);
}

}  // namespace sigtoken
