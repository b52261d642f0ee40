// Executor: work that calls modules, on threads that may be left behind.

#ifndef PKCS11_DEADLINE_EXECUTOR_H_
#define PKCS11_DEADLINE_EXECUTOR_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "pkcs11/base/result.h"
#include "pkcs11/deadline/call_time.h"

namespace sigtoken {

// Runs work that calls PKCS#11 modules, so that a call that does not come back
// costs its caller the deadline and no more: PKCS#11 cannot end a call, so its
// thread is left behind. A module in a helper process is ended with its helper,
// and its thread comes back.
//
// Each module has a circuit (deadline/circuit.h): while `max_stuck` threads are
// left behind in it, work that turns to it is refused at once, and other work
// is not.
//
// The time in Cryptoki calls counts, and that in which the work waits for other
// threads and processes, who may be stuck in one
// (CallWatch::Wait): such a wait ends by itself then, and says whom it was for.
// Not the time in which the work waits for a person. While a thread is stuck in
// the module that the work has turned to, the time between its calls counts
// too: it may wait for that one.
//
// A thread that is left behind ends when its call comes back and its work with
// it. A program that has such threads ends by _Exit(). Threads are kept for the
// work to come, as many as have been in use at a time. Thread safe.
class Executor {
 public:
  struct Options {
    std::chrono::milliseconds deadline{5000};
    std::size_t max_stuck = 4;
  };

  explicit Executor(Options options);
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  // Does not wait for threads that were left behind.
  ~Executor();

  // What `work` gives. It may go on after this has returned, so it has its own
  // share of all that it uses. It throws nothing. Errors: those of `work`;
  // kNotAvailable, with the Cryptoki function, when the deadline has passed;
  // kNotAvailable at once, also in a child of fork().
  template <typename T>
  Result<T> Run(std::function<Result<T>()> work,
                DeadlineOf of = DeadlineOf::kRequest) {
    struct Shared {
      std::function<Result<T>()> work;
      std::optional<Result<T>> result;
    };
    const auto shared = std::make_shared<Shared>(Shared{std::move(work), {}});
    SIGTOKEN_TRY(RunThread(
        [shared] { shared->result = std::exchange(shared->work, nullptr)(); },
        of));
    return *std::move(shared->result);
  }

  // Of what is running, too.
  void set_deadline(std::chrono::milliseconds deadline);

  // How many threads are left behind now.
  std::size_t stuck() const;

 private:
  struct State;
  Status RunThread(std::function<void()> run, DeadlineOf of);

  std::shared_ptr<State> state_;
};

}  // namespace sigtoken

#endif  // PKCS11_DEADLINE_EXECUTOR_H_
