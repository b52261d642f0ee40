#include "pkcs11/deadline/executor.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

#include "pkcs11/cryptoki/call.h"

namespace sigtoken {
namespace {

using SteadyClock = std::chrono::steady_clock;

std::string Seconds(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) + " s"
                           : std::to_string(count) + " ms";
}

// A call may begin behind the last look.
constexpr std::chrono::milliseconds kLookAgain{20};

Error Overdue(const std::optional<CallWatch::Sight>& sight,
              std::chrono::milliseconds deadline) {
  return Unavailable(
      sight ? std::string("the PKCS#11 module has not come back from ") +
                  sight->function + " for " + Seconds(deadline)
            : "the PKCS#11 module is held by a call that does not come back",
      "see whether the device and its daemon still answer, and what was done; "
      "then try again. Where it is slow, raise deadline_seconds in the "
      "configuration");
}

}  // namespace

struct Executor::State {
  explicit State(Options given) : options(given) {}

  std::mutex mutex;
  Options options;
  std::condition_variable changed;
  std::size_t stuck = 0;

  // Of one piece of work. Guarded by the mutex of the executor, but the watch.
  struct Work {
    CallWatch watch;
    bool done = false;
    bool left_behind = false;
  };
};

Executor::Executor(Options options)
    : state_(std::make_shared<State>(options)) {}

Executor::~Executor() = default;

void Executor::set_deadline(std::chrono::milliseconds deadline) {
  const std::lock_guard lock(state_->mutex);
  state_->options.deadline = deadline;
}

std::size_t Executor::stuck() const {
  const std::lock_guard lock(state_->mutex);
  return state_->stuck;
}

Status Executor::RunThread(std::function<void()> work) {
  const auto state = state_;
  const auto mine = std::make_shared<State::Work>();
  std::unique_lock lock(state->mutex);
  if (state->stuck >= state->options.max_stuck) {
    return Unavailable(
        std::to_string(state->stuck) +
            " calls of PKCS#11 modules have not come back: nothing is begun "
            "until one of them does",
        "see whether the device and its daemon still answer; then start this "
        "program again");
  }
  std::thread thread;
  try {
    thread = std::thread([state, mine, work = std::move(work)]() mutable {
      CallWatch::Watch(&mine->watch);
      work();
      // What it holds goes while somebody waits for it still.
      work = nullptr;
      const std::lock_guard done_lock(state->mutex);
      mine->done = true;
      if (mine->left_behind) --state->stuck;
      state->changed.notify_all();
    });
  } catch (const std::system_error& error) {
    return Unavailable(
        std::string("no thread could be started: ") + error.what(),
        "see what limits the threads of this process");
  }
  // Time is counted as it is seen to pass: of a process that was stopped, no
  // module is to blame for the pause.
  SteadyClock::duration in_call{};
  SteadyClock::duration in_all{};
  std::optional<CallWatch::Sight> call;
  for (auto last = SteadyClock::now(); !mine->done;) {
    state->changed.wait_for(lock, kLookAgain);
    const auto now = SteadyClock::now();
    const auto passed =
        std::min<SteadyClock::duration>(now - last, 2 * kLookAgain);
    last = now;
    const auto sight = mine->watch.Look();
    const bool same = sight && call && sight->since == call->since;
    in_call = same ? in_call + passed : SteadyClock::duration{};
    in_all += passed;
    call = sight;
    const auto deadline = state->options.deadline;
    if (mine->done ||
        (in_call < deadline && (state->stuck == 0 || in_all < deadline))) {
      continue;
    }
    mine->left_behind = true;
    ++state->stuck;
    thread.detach();
    return Overdue(sight, deadline);
  }
  lock.unlock();
  thread.join();
  return Ok();
}

}  // namespace sigtoken
