#include "pkcs11/deadline/executor.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "pkcs11/base/forks.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/call.h"
#include "pkcs11/deadline/circuit.h"

namespace sigtoken {
namespace {

std::string Seconds(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) + " s"
                           : std::to_string(count) + " ms";
}

constexpr const char* kCureForSlow =
    "see whether the device and its daemon still answer, and what was done; "
    "then try again. Where it is slow, raise deadline_seconds in the "
    "configuration";

Error Overdue(const CallWatch::Sight& sight, DeadlineOf of,
              std::chrono::milliseconds deadline) {
  const std::string limit = Seconds(deadline);
  if (sight.function == nullptr) {
    return Unavailable(
        sight.spent + sight.waited >= deadline
            ? "the calls of this request, and what it waited for, have taken " +
                  limit
            : "the PKCS#11 module is held by a call that does not come back",
        kCureForSlow);
  }
  const std::string function = sight.function;
  return Unavailable(of == DeadlineOf::kEachCall
                         ? "the PKCS#11 module has not come back from " +
                               function + " for " + limit
                         : "the PKCS#11 module has not come back from " +
                               function + " within the " + limit +
                               " of this request",
                     kCureForSlow);
}

// `callee` is null for work that turned to no module.
Error IsOpen(const Callee* callee, const Circuit& circuit) {
  const std::string of = callee != nullptr
                             ? "the PKCS#11 module " + Quoted(callee->Name())
                             : "PKCS#11 modules";
  if (circuit.all_places_are_taken()) {
    return Unavailable(
        std::to_string(circuit.stuck()) + " calls of " + of +
            " have not come back: nothing is begun until one of them does",
        "see whether the device and its daemon still answer; then start this "
        "program again");
  }
  return Unavailable("calls of " + of +
                         " did not come back in time, and it is being tried "
                         "whether it answers again",
                     "try again in a moment");
}

}  // namespace

// `mutex` guards all of it, but for what says that it is of a thread.
struct Executor::State : std::enable_shared_from_this<Executor::State> {
  struct Work final : CallWatch {
    Work(State& all, std::function<void()> to_run)
        : state(all), run(std::move(to_run)) {}

    Status MayTurnTo(Callee& callee) override;

    State& state;
    std::function<void()> run;            // Of its thread.
    std::vector<const Callee*> admitted;  // Of its thread.
    std::atomic<const Callee*> turned_to = nullptr;
    std::vector<const Callee*> probes;
    std::condition_variable ended;
    bool done = false;
    // In whose circuit its thread has a place, once that is left behind.
    std::optional<const Callee*> stuck_in;
  };

  struct Worker {
    std::thread thread;
    std::condition_variable wake;
    std::shared_ptr<Work> work;
  };

  explicit State(Options given) : options(given) {}

  Circuit& CircuitOf(const Callee* callee) {
    return circuits.try_emplace(callee, options.max_stuck).first->second;
  }
  Status Admit(Work& work, const Callee* callee);
  Result<std::shared_ptr<Worker>> TakeWorker();
  void Serve(const std::shared_ptr<Worker>& worker);
  void End(Work& work);
  void EndProbes(Work& work);
  void LeaveBehind(Work& work, const CallWatch::Sight& sight);

  const unsigned fork_generation = ForkGeneration();
  std::mutex mutex;
  Options options;
  // Null stands for what nobody knows the module of.
  std::map<const Callee*, Circuit> circuits;
  std::vector<std::shared_ptr<Worker>> idle;
  std::size_t stuck = 0;
  bool closing = false;
  std::shared_ptr<State> itself;  // Set where it must never end.
};

Status Executor::State::Work::MayTurnTo(Callee& callee) {
  if (turned_to == &callee) return Ok();
  if (std::find(admitted.begin(), admitted.end(), &callee) == admitted.end()) {
    const std::lock_guard lock(state.mutex);
    SIGTOKEN_TRY(state.Admit(*this, &callee));
    admitted.push_back(&callee);
  }
  turned_to = &callee;
  return Ok();
}

Status Executor::State::Admit(Work& work, const Callee* callee) {
  Circuit& circuit = CircuitOf(callee);
  const auto admission = circuit.Ask(Circuit::Clock::now());
  if (admission == Circuit::Admission::kRefused) return IsOpen(callee, circuit);
  if (admission == Circuit::Admission::kAsProbe) work.probes.push_back(callee);
  return Ok();
}

Result<std::shared_ptr<Executor::State::Worker>> Executor::State::TakeWorker() {
  if (!idle.empty()) {
    auto worker = std::move(idle.back());
    idle.pop_back();
    return worker;
  }
  auto worker = std::make_shared<Worker>();
  try {
    worker->thread = std::thread(
        [state = shared_from_this(), worker] { state->Serve(worker); });
  } catch (const std::system_error& error) {
    return Unavailable(
        std::string("no thread could be started: ") + error.what(),
        "see what limits the threads of this process");
  }
  return worker;
}

void Executor::State::Serve(const std::shared_ptr<Worker>& worker) {
  std::unique_lock lock(mutex);
  while (true) {
    worker->wake.wait(lock, [&] { return worker->work || closing; });
    if (!worker->work) return;
    const auto work = std::exchange(worker->work, nullptr);
    lock.unlock();
    Callee::SetOfThisThread(nullptr);
    CallWatch::Watch(work.get());
    work->run();
    // What it holds goes while somebody waits for it still.
    work->run = nullptr;
    CallWatch::Watch(nullptr);
    lock.lock();
    End(*work);
    if (work->stuck_in) return;
    idle.push_back(worker);
    work->ended.notify_one();
  }
}

void Executor::State::End(Work& work) {
  work.done = true;
  EndProbes(work);
  if (!work.stuck_in) return;
  CircuitOf(*work.stuck_in).CameBack();
  --stuck;
}

void Executor::State::EndProbes(Work& work) {
  for (const Callee* callee : work.probes) {
    // Where nobody knows which module it was, any work is as good.
    CircuitOf(callee).ProbeEnded(callee == nullptr ||
                                 work.HasAnswered(*callee));
  }
  work.probes.clear();
}

void Executor::State::LeaveBehind(Work& work, const CallWatch::Sight& sight) {
  const Callee* callee = sight.callee;
  if (sight.function == nullptr) {
    // It has taken too long, or waits for a thread that is stuck: maybe in
    // another module.
    callee = work.turned_to;
    const bool waits = sight.spent + sight.waited < options.deadline;
    if (waits && CircuitOf(callee).stuck() == 0) callee = nullptr;
  }
  const auto probe = std::find(work.probes.begin(), work.probes.end(), callee);
  const bool is_probe = probe != work.probes.end();
  if (is_probe) work.probes.erase(probe);
  // The other ones have come back from what they were asked.
  EndProbes(work);
  CircuitOf(callee).Stuck(is_probe, Circuit::Clock::now());
  work.stuck_in = callee;
  ++stuck;
  work.End(sight);
}

Executor::Executor(Options options)
    : state_(std::make_shared<State>(options)) {}

Executor::~Executor() {
  // Of a child of fork(), which has none of the threads.
  if (state_->fork_generation != ForkGeneration()) {
    state_->itself = state_;
    return;
  }
  std::vector<std::shared_ptr<State::Worker>> idle;
  {
    const std::lock_guard lock(state_->mutex);
    state_->closing = true;
    idle.swap(state_->idle);
  }
  for (const auto& worker : idle) {
    worker->wake.notify_one();
    worker->thread.join();
  }
}

void Executor::set_deadline(std::chrono::milliseconds deadline) {
  const std::lock_guard lock(state_->mutex);
  state_->options.deadline = deadline;
}

std::size_t Executor::stuck() const {
  const std::lock_guard lock(state_->mutex);
  return state_->stuck;
}

Status Executor::RunThread(std::function<void()> run, DeadlineOf of) {
  State& state = *state_;
  if (state.fork_generation != ForkGeneration()) {
    return Unavailable(
        "this process is a child of the one that made its threads",
        "open sigtoken after fork(), in each process for itself");
  }
  const auto work = std::make_shared<State::Work>(state, std::move(run));
  std::unique_lock lock(state.mutex);
  SIGTOKEN_TRY(state.Admit(*work, nullptr));
  const auto worker = state.TakeWorker();
  if (!worker) {
    state.End(*work);
    return worker.error();
  }
  (*worker)->work = work;
  (*worker)->wake.notify_one();

  CallTime time(of, CallTime::Clock::now());
  while (true) {
    work->ended.wait_for(lock, CallTime::kLookEvery);
    if (work->done) return Ok();
    const auto sight = work->Look();
    const auto deadline = state.options.deadline;
    time.Add(sight, state.stuck > 0, CallTime::Clock::now(), deadline);
    if (time.taken() < deadline) continue;
    // What it waits for is another process's, or is of a thread whose own
    // deadline ends now: it says itself for whom it has waited.
    if (sight.waiting && state.CircuitOf(work->turned_to).stuck() == 0) {
      work->EndWait(sight);
      continue;
    }
    state.LeaveBehind(*work, sight);
    (*worker)->thread.detach();
    return Overdue(sight, of, deadline);
  }
}

}  // namespace sigtoken
