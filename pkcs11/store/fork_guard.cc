#include "pkcs11/store/fork_guard.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "pkcs11/base/file_check.h"
#include "pkcs11/base/forks.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/store/database.h"

namespace sigtoken {
namespace {

// Ours. A thread may hold a connection for as long as a device takes to destroy
// a key; a program that calls fork() is not kept for longer than this.
constexpr std::chrono::seconds kLongestWait{5};
constexpr std::chrono::milliseconds kLook{1};

std::atomic<unsigned> generation{0};

// Set by fork() in a child that knows nothing of what it has inherited.
std::atomic<bool> unusable{false};

// Threads that wait in fork().
std::atomic<int> forking{0};

// Whether this thread's fork() has all locks.
thread_local bool held_for_fork = false;

// How many connections this thread uses, or the same one within itself.
thread_local int uses = 0;

void GiveWay() {
  while (uses == 0 && forking > 0) std::this_thread::sleep_for(kLook);
}

// Never destroyed: connections may live until after the destructors of globals,
// and fork() may be called there.
struct Registry {
  struct LeftAlone {
    std::filesystem::path file;
    std::unique_ptr<SQLite::Database> connection;
  };
  // Not recursive: a child may unlock what its parent has locked.
  std::mutex mutex;
  std::set<Database*> open;
  std::vector<LeftAlone> left_alone;
};

Registry& TheRegistry() {
  static auto* const registry = new Registry;
  return *registry;
}

Error InTheMiddle(const std::filesystem::path& file) {
  return Unavailable(
      "the state store " + Quoted(file.string()) +
          " cannot be used in this process: it was forked in the middle of a "
          "change of its parent's",
      "call fork() while no thread of the program is in sigtoken, or start a "
      "program of its own");
}

}  // namespace

ForkGuard::Use::Use() {
  GiveWay();
  ++uses;
}

ForkGuard::Use::~Use() { --uses; }

unsigned ForkGuard::Generation() {
  return generation.load(std::memory_order_relaxed);
}

ForkGuard::Lock ForkGuard::HoldToClose() {
  GiveWay();
  return Lock(TheRegistry().mutex);
}

Status ForkGuard::Register() {
  static const int registered =
      pthread_atfork(&BeforeFork, &InParent, &InChild);
  if (registered == 0) return Ok();
  return Unavailable("this process cannot be guarded at fork(): " +
                         std::generic_category().message(registered),
                     "free some memory");
}

Result<ForkGuard::Lock> ForkGuard::HoldToOpen(
    const std::filesystem::path& file) {
  SIGTOKEN_TRY(Register());
  if (unusable) return InTheMiddle(file);
  GiveWay();
  Registry& registry = TheRegistry();
  Lock held(registry.mutex);
  for (const auto& left : registry.left_alone) {
    std::error_code ignored;
    if (std::filesystem::equivalent(file, left.file, ignored)) {
      return InTheMiddle(file);
    }
  }
  return held;
}

void ForkGuard::Add(const Lock& /*held*/, Database& database) {
  TheRegistry().open.insert(&database);
}

void ForkGuard::Remove(const Lock& /*held*/, Database& database) {
  TheRegistry().open.erase(&database);
}

// Not one after the other: who holds one may wait for another, or to open one.
bool ForkGuard::TryLockAll() {
  const auto& open = TheRegistry().open;
  for (auto each = open.begin(); each != open.end(); ++each) {
    if ((*each)->mutex_.try_lock()) continue;
    while (each != open.begin()) (*--each)->mutex_.unlock();
    return false;
  }
  return true;
}

void ForkGuard::UnlockAll() {
  for (Database* const each : TheRegistry().open) each->mutex_.unlock();
}

void ForkGuard::BeforeFork() {
  // A program that is started gets no connection.
  if (ForkToExec::OfThisThread()) return;
  ++forking;
  const auto end = std::chrono::steady_clock::now() + kLongestWait;
  std::mutex& mutex = TheRegistry().mutex;
  do {
    held_for_fork = mutex.try_lock();
    if (held_for_fork && TryLockAll()) return;
    if (held_for_fork) mutex.unlock();
    held_for_fork = false;
    std::this_thread::sleep_for(kLook);
  } while (std::chrono::steady_clock::now() < end);
}

void ForkGuard::InParent() {
  if (ForkToExec::OfThisThread()) return;
  --forking;
  if (!held_for_fork) return;
  UnlockAll();
  TheRegistry().mutex.unlock();
}

void ForkGuard::InChild() {
  if (ForkToExec::OfThisThread()) return;
  generation.fetch_add(1, std::memory_order_relaxed);
  forking = 0;
  if (!held_for_fork) {
    unusable = true;
    return;
  }
  Registry& registry = TheRegistry();
  for (Database* const each : registry.open) {
    // Their mutexes stay locked: a recursive one is its thread's, and that is
    // another one here. Nobody asks for them any more.
    if (each->changes_ > 0) {
      registry.left_alone.push_back(
          {each->file_, std::move(each->connection_)});
    } else {
      each->connection_.reset();
    }
  }
  registry.open.clear();
  registry.mutex.unlock();
}

}  // namespace sigtoken
