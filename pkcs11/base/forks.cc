#include "pkcs11/base/forks.h"

#include <pthread.h>

#include <atomic>

namespace sigtoken {
namespace {

std::atomic<unsigned> fork_generation{0};

thread_local bool forks_to_exec = false;

// Before main(), and not at the first use: a handler that is registered while
// another thread's fork() waits in one is not run in that child (glibc), which
// would take the parent's module for its own.
[[gnu::constructor]] void CountForks() {
  pthread_atfork(nullptr, nullptr, [] {
    fork_generation.fetch_add(1, std::memory_order_relaxed);
  });
}

}  // namespace

unsigned ForkGeneration() {
  return fork_generation.load(std::memory_order_relaxed);
}

ForkToExec::ForkToExec() { forks_to_exec = true; }

ForkToExec::~ForkToExec() { forks_to_exec = false; }

bool ForkToExec::OfThisThread() { return forks_to_exec; }

}  // namespace sigtoken
