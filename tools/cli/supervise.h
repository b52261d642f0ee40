// Supervise: runs the work of a program so that a module which does not come
// back costs its user the deadline and no more.

#ifndef TOOLS_CLI_SUPERVISE_H_
#define TOOLS_CLI_SUPERVISE_H_

#include <csignal>
#include <exception>
#include <functional>
#include <utility>

#include "pkcs11/base/result.h"
#include "pkcs11/deadline/executor.h"
#include "tools/cli/command.h"

namespace sigtoken::cli {

// Lets no signal in for its lifetime, so that another thread gets them: the
// one that knows when a module must not be left half way.
class SignalsHeld {
 public:
  SignalsHeld();
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;
  ~SignalsHeld();

  const sigset_t& before() const { return before_; }

 private:
  sigset_t before_{};
};

// Lets the signals of `mask` in for its lifetime.
class SignalsLetIn {
 public:
  explicit SignalsLetIn(const sigset_t& mask);
  SignalsLetIn(const SignalsLetIn&) = delete;
  SignalsLetIn& operator=(const SignalsLetIn&) = delete;
  ~SignalsLetIn();

 private:
  sigset_t before_{};
};

// Runs `work` on a thread of its own, which alone gets signals. It may use what
// lives as long as the program does: where it is left behind, CloseAndLeave()
// ends that. Errors: as `work` and Executor::Run() give them; what is thrown is
// a fault of ours.
template <typename T>
Result<T> Supervise(Executor& executor, std::function<Result<T>()> work,
                    DeadlineOf deadline_of = DeadlineOf::kRequest) {
  const SignalsHeld signals;
  return executor.Run<T>(
      [mask = signals.before(), work = std::move(work)]() -> Result<T> {
        const SignalsLetIn let_in(mask);
        try {
          return work();
        } catch (const std::exception& exception) {
          // bad_alloc, or a fault of ours: no function of ours throws.
          return Fault(exception.what());
        }
      },
      deadline_of);
}

// Lets go of tokens and modules, whose answer changes nothing any more. Ends
// the process with `status` where a thread was or is left behind: nothing that
// it may use is destroyed.
void CloseAndLeave(Executor& executor, Context& context, int status);

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_SUPERVISE_H_
