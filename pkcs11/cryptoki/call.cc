#include "pkcs11/cryptoki/call.h"

#include <string_view>

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

}  // namespace sigtoken
