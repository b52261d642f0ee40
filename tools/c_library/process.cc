#include "tools/c_library/process.h"

#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <utility>

#include "pkcs11/base/forks.h"
#include "pkcs11/setup/home.h"
#include "pkcs11/store/fork_guard.h"

namespace sigtoken::c_library {

// Of one process; a child of fork() has its own.
struct Process {
  explicit Process(const Process* parent) : parents(parent) {}

  // Guards the three below it.
  std::mutex mutex;
  std::condition_variable changed;
  int calls = 0;  // How many run.
  int forks = 0;  // How many threads are in fork().

  std::mutex opening;  // Guards the two below it.
  std::unique_ptr<Directory> directory;
  std::shared_ptr<Services> services;

  // What fork() copied: not to be used, and not to be freed either, since its
  // modules and its store are the parent's.
  const Process* const parents;
};

namespace {

// A fork() waits no longer for calls of other threads: one may hang in a module
// that does not come back, and most children only exec.
constexpr std::chrono::seconds kLongestWait{5};

std::atomic<Process*> this_process{nullptr};

// fork() may come from inside a call. It must not wait for itself.
thread_local int calls_of_this_thread = 0;

void BeforeFork() {
  if (ForkToExec::OfThisThread()) return;
  Process& process = *this_process.load();
  std::unique_lock lock(process.mutex);
  ++process.forks;
  if (calls_of_this_thread == 0) {
    process.changed.wait_for(lock, kLongestWait,
                             [&] { return process.calls == 0; });
  }
  // Until AfterFork, so that no call begins meanwhile.
  static_cast<void>(lock.release());
}

void AfterForkInParent() {
  if (ForkToExec::OfThisThread()) return;
  Process& process = *this_process.load();
  --process.forks;
  process.mutex.unlock();
  process.changed.notify_all();
}

void AfterForkInChild() {
  if (ForkToExec::OfThisThread()) return;
  Process& parents = *this_process.load();
  parents.mutex.unlock();  // Taken by this thread, in BeforeFork().
  this_process.store(new Process(&parents));
}

// When the library is loaded, and not at its first call: of what a thread is
// making while another one is in fork(), the child would wait for the end.
//
// Never destroyed: modules leave exit handlers behind, other threads may still
// be in a call while this one is in exit(), and a C program has no call that
// says goodbye.
[[gnu::constructor]] void MakeProcess() {
  this_process.store(new Process(nullptr));
  // First, for handlers are asked in the other order: the calls that are waited
  // for may need the store that it locks. What it could not do, it says when a
  // store is opened.
  static_cast<void>(ForkGuard::Register().has_value());
  pthread_atfork(BeforeFork, AfterForkInParent, AfterForkInChild);
}

Process& ThisProcess() { return *this_process.load(); }

// Precondition: process.opening is held.
Status Open(Process& process) {
  SIGTOKEN_ASSIGN(const Configuration configuration,
                  LoadConfiguration(Environment::FromProcess(), {}));
  SIGTOKEN_ASSIGN(process.directory, Directory::Open(configuration));
  SIGTOKEN_ASSIGN(process.services,
                  OpenServices(*process.directory, configuration));
  return Ok();
}

}  // namespace

Call::Call() : process_(ThisProcess()) {
  std::unique_lock lock(process_.mutex);
  // Where calls follow each other without a pause, a fork() would never find
  // none of them.
  process_.changed.wait(
      lock, [&] { return process_.forks == 0 || calls_of_this_thread > 0; });
  ++process_.calls;
  ++calls_of_this_thread;
}

Call::~Call() {
  --calls_of_this_thread;
  // Begun before a fork(), it comes back twice; only the parent waits for it.
  if (this_process.load() != &process_) return;
  const std::lock_guard lock(process_.mutex);
  --process_.calls;
  if (process_.forks > 0) process_.changed.notify_all();
}

Result<Services*> Call::services() {
  const std::lock_guard lock(process_.opening);
  if (!process_.services) {
    if (Status opened = Open(process_); !opened) {
      // Whatever is wrong with the configuration: for a caller of a service,
      // what it stands on is not there.
      opened.error().icsf = kNotAvailable;
      return std::move(opened).error();
    }
  }
  return process_.services.get();
}

SignalsHeld::SignalsHeld() {
  sigset_t pending;
  sigpending(&pending);
  sigemptyset(&held_);
  for (const int signal : {SIGPIPE, SIGXFSZ}) {
    if (sigismember(&pending, signal) == 0) sigaddset(&held_, signal);
  }
  pthread_sigmask(SIG_BLOCK, &held_, &before_);
}

SignalsHeld::~SignalsHeld() {
  const timespec at_once{};
  while (sigtimedwait(&held_, nullptr, &at_once) > 0 || errno == EINTR) {
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace sigtoken::c_library
