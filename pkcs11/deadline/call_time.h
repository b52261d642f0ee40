// CallTime: how much of its deadline a piece of work has used.

#ifndef PKCS11_DEADLINE_CALL_TIME_H_
#define PKCS11_DEADLINE_CALL_TIME_H_

#include <chrono>

#include "pkcs11/cryptoki/call.h"

namespace sigtoken {

// What a deadline is of.
enum class DeadlineOf {
  kRequest,   // All Cryptoki calls of the work together.
  kEachCall,  // For work that may take as long as it has much to do.
};

// Counts the time that a thread is seen to spend in Cryptoki calls, and what it
// waits for others that may be stuck in them. It is to be looked at every
// kLookEvery; of a longer pause this process was stopped, or had no processor,
// and no module is to blame for it. Not thread safe.
class CallTime {
 public:
  using Clock = CallWatch::Clock;

  static constexpr std::chrono::milliseconds kLookEvery{20};

  CallTime(DeadlineOf of, Clock::time_point begin) : of_(of), last_(begin) {}

  // Adds what has passed since the last look. `sight` is what is seen now;
  // `beside_stuck` says whether another thread is stuck in the module that the
  // work has turned to.
  void Add(const CallWatch::Sight& sight, bool beside_stuck,
           Clock::time_point now);

  // Of what was added.
  Clock::duration taken() const { return in_calls_ + waited_; }

 private:
  DeadlineOf of_;
  Clock::time_point last_;
  bool was_in_call_ = false;
  unsigned calls_ = 0;
  Clock::duration pauses_{0};  // In what is counted.
  Clock::duration in_calls_{0};
  Clock::duration waited_{0};  // Without a call, since the last one.
};

}  // namespace sigtoken

#endif  // PKCS11_DEADLINE_CALL_TIME_H_
