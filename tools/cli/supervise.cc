#include "tools/cli/supervise.h"

#include <pthread.h>

#include <cstdlib>

namespace sigtoken::cli {

SignalsHeld::SignalsHeld() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before_);
}

SignalsHeld::~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

SignalsLetIn::SignalsLetIn(const sigset_t& mask) {
  pthread_sigmask(SIG_SETMASK, &mask, &before_);
}

SignalsLetIn::~SignalsLetIn() {
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void CloseAndLeave(Executor& executor, Context& context, int status) {
  if (executor.stuck() > 0) std::_Exit(status);
  const auto closed = Supervise<std::monostate>(executor, [&]() -> Status {
    context.Close();
    return Ok();
  });
  if (!closed) std::_Exit(status);
}

}  // namespace sigtoken::cli
