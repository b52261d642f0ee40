// CallTime: how much of its deadline a piece of work has used.

#ifndef PKCS11_DEADLINE_CALL_TIME_H_
#define PKCS11_DEADLINE_CALL_TIME_H_

#include <chrono>

#include "pkcs11/cryptoki/call.h"

namespace sigtoken {

// What a deadline is of.
enum class DeadlineOf {
  kRequest,  // All Cryptoki calls and Waits of the work together.
  // Each call, and each Wait, of work that may take as long as it has much to
  // do: a list, a test of everything.
  kEachCall,
};

// Counts the time that a thread is seen to spend in Cryptoki calls, and in
// which it waits for others that may be stuck in them. It is to be looked at
// every kLookEvery; in a longer pause this process was stopped, or had no
// processor, and no module is to blame for it. Pauses shorter than kStop are
// those of a busy machine: as much of them as the deadline is forgiven, and no
// more. Not thread safe.
class CallTime {
 public:
  using Clock = CallWatch::Clock;

  static constexpr std::chrono::milliseconds kLookEvery{20};
  // Ours: many times what a thread waits for a processor.
  static constexpr std::chrono::milliseconds kStop{1000};

  CallTime(DeadlineOf of, Clock::time_point begin) : of_(of), last_(begin) {}

  // Adds what has passed since the last look. `sight` is what is seen now;
  // `beside_stuck` says whether another thread is stuck in the module that the
  // work has turned to, and `deadline` how long that may take.
  void Add(const CallWatch::Sight& sight, bool beside_stuck,
           Clock::time_point now, Clock::duration deadline);

  // Of what was added.
  Clock::duration taken() const { return in_calls_ + waited_; }

 private:
  DeadlineOf of_;
  Clock::time_point last_;
  bool counted_ = false;
  unsigned calls_ = 0;
  unsigned waits_ = 0;
  Clock::duration pauses_{0};    // In what is counted.
  Clock::duration forgiven_{0};  // Of those that were short.
  Clock::duration in_calls_{0};  // And in Waits.
  Clock::duration waited_{0};    // Without either, since the last call.
};

}  // namespace sigtoken

#endif  // PKCS11_DEADLINE_CALL_TIME_H_
