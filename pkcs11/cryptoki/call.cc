#include "pkcs11/cryptoki/call.h"

#include <algorithm>
#include <string_view>
#include <thread>

namespace sigtoken {
namespace {

thread_local CallWatch* watch_of_this_thread = nullptr;
thread_local Callee* callee_of_this_thread = nullptr;

}  // namespace

void Callee::SetOfThisThread(Callee* callee) { callee_of_this_thread = callee; }

Callee* Callee::OfThisThread() { return callee_of_this_thread; }

void CallWatch::Watch(CallWatch* watch) { watch_of_this_thread = watch; }

CallWatch* CallWatch::OfThisThread() { return watch_of_this_thread; }

Status CallWatch::TurnTo(Callee& callee) {
  CallWatch* const watch = OfThisThread();
  return watch != nullptr ? watch->MayTurnTo(callee) : Ok();
}

bool CallWatch::Enter(const char* function, Callee* callee) {
  const std::lock_guard lock(mutex_);
  if (ended_ != nullptr && ended_ == callee &&
      std::string_view(function) != "C_Finalize") {
    return false;
  }
  now_.function = function;
  now_.callee = callee;
  now_.since = Clock::now();
  ++now_.calls;
  return true;
}

void CallWatch::Leave() {
  const std::lock_guard lock(mutex_);
  now_.spent += Clock::now() - now_.since;
  now_.function = nullptr;
  if (std::find(answered_.begin(), answered_.end(), now_.callee) ==
      answered_.end()) {
    answered_.push_back(now_.callee);
  }
}

CallWatch::Sight CallWatch::Look() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

bool CallWatch::End(const Sight& seen) {
  const std::lock_guard lock(mutex_);
  if (now_.function == nullptr || now_.calls != seen.calls) return false;
  if (now_.callee == nullptr || !now_.callee->EndCalls()) return false;
  ended_ = now_.callee;
  return true;
}

bool CallWatch::HasAnswered(const Callee& callee) const {
  const std::lock_guard lock(mutex_);
  return std::find(answered_.begin(), answered_.end(), &callee) !=
         answered_.end();
}

CallWatch::Wait::Wait() : watch_(OfThisThread()) {
  if (watch_ == nullptr) return;
  const std::lock_guard lock(watch_->mutex_);
  watch_->now_.waiting = true;
  watch_->now_.since = Clock::now();
  number_ = ++watch_->now_.waits;
}

CallWatch::Wait::~Wait() {
  if (watch_ == nullptr) return;
  const std::lock_guard lock(watch_->mutex_);
  watch_->now_.waited += Clock::now() - watch_->now_.since;
  watch_->now_.waiting = false;
}

bool CallWatch::Wait::MayGoOn() const {
  return watch_ == nullptr || watch_->ended_wait_ != number_;
}

CallWatch::CallByCall::CallByCall() : watch_(OfThisThread()) {
  if (watch_ == nullptr) return;
  const std::lock_guard lock(watch_->mutex_);
  before_ = watch_->now_;
  watch_->now_.call_by_call = true;
}

CallWatch::CallByCall::~CallByCall() {
  if (watch_ == nullptr) return;
  const std::lock_guard lock(watch_->mutex_);
  watch_->now_.call_by_call = before_.call_by_call;
  watch_->now_.spent = before_.spent;
  watch_->now_.waited = before_.waited;
}

bool LockInTime(std::unique_lock<std::mutex>& mutex) {
  if (mutex.try_lock()) return true;
  const CallWatch::Wait wait;
  while (!mutex.try_lock()) {
    if (!wait.MayGoOn()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

}  // namespace sigtoken
