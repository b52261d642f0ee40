#include "pkcs11/capabilities/in_threads.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "pkcs11/cryptoki/call.h"

namespace sigtoken {
namespace {

// As often as the deadline looks (deadline/executor.cc).
constexpr std::chrono::milliseconds kLook{20};

// The calling thread has been admitted to the module.
class ThreadWatch final : public CallWatch {
 private:
  Status MayTurnTo(Callee& /*callee*/) override { return Ok(); }
};

// The call that has lasted longest; without a function while none of them is in
// one.
CallWatch::Sight LongestCall(const std::deque<ThreadWatch>& watches) {
  CallWatch::Sight longest;
  for (const ThreadWatch& watch : watches) {
    const auto sight = watch.Look();
    if (sight.function == nullptr) continue;
    if (longest.function == nullptr || sight.since < longest.since) {
      longest = sight;
    }
  }
  return longest;
}

// Has the calling thread seem to be in the calls of others.
class Mirror {
 public:
  explicit Mirror(CallWatch* watch) : watch_(watch) {}
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;
  ~Mirror() { Leave(); }

  void Show(const CallWatch::Sight& call) {
    if (call.function == seen_.function && call.since == seen_.since) return;
    Leave();
    seen_ = call;
    if (watch_ == nullptr || call.function == nullptr) return;
    entered_ = watch_->Enter(call.function, call.callee);
  }

 private:
  void Leave() {
    if (entered_) watch_->Leave();
    entered_ = false;
  }

  CallWatch* watch_;
  CallWatch::Sight seen_;
  bool entered_ = false;
};

}  // namespace

Status RunInThreads(std::size_t count,
                    const std::function<void(std::size_t)>& work) {
  std::mutex mutex;
  std::condition_variable ended;
  std::size_t running = 0;
  std::deque<ThreadWatch> watches(count);
  std::vector<std::thread> threads;
  Status started = Ok();
  for (std::size_t i = 0; i < count; ++i) {
    try {
      {
        const std::lock_guard lock(mutex);
        ++running;
      }
      threads.emplace_back([&, i] {
        CallWatch::Watch(&watches.at(i));
        work(i);
        const std::lock_guard lock(mutex);
        --running;
        ended.notify_all();
      });
    } catch (const std::system_error& error) {
      const std::lock_guard lock(mutex);
      --running;
      started = Unavailable(
          std::string("no thread could be started: ") + error.what(),
          "see what limits the threads of this process");
      break;
    }
  }
  {
    Mirror mirror(CallWatch::OfThisThread());
    std::unique_lock lock(mutex);
    while (running > 0) {
      ended.wait_for(lock, kLook);
      mirror.Show(LongestCall(watches));
    }
  }
  for (std::thread& thread : threads) thread.join();
  return started;
}

}  // namespace sigtoken
