// Circuit: whether work may turn to a module that does not always come back.

#ifndef PKCS11_DEADLINE_CIRCUIT_H_
#define PKCS11_DEADLINE_CIRCUIT_H_

#include <cstddef>

#include "pkcs11/base/back_off.h"

namespace sigtoken {

// Of one module. It has places for so many threads that are stuck in it; when
// the last one is taken it opens, and admits nobody. Once a thread has come
// back, one piece of work is admitted as a probe, and nobody else: if the
// module answers it in time, whatever that is, the circuit closes; if the probe
// ends without a call, the next one is the probe; if it is stuck, the next one
// is admitted after a pause, a longer one each time (BackOff). A thread that
// never comes back keeps its place for good.
//
// Not thread safe.
class Circuit {
 public:
  using Clock = BackOff::Clock;

  explicit Circuit(std::size_t places) : places_(places) {}

  enum class Admission { kAdmitted, kAsProbe, kRefused };
  Admission Ask(Clock::time_point now);

  // The probe has ended in time; `answered` says whether a call of it came
  // back.
  void ProbeEnded(bool answered);

  // A thread is stuck; `probe` says whether its work was the probe.
  void Stuck(bool probe, Clock::time_point now);
  // One of those has come back.
  void CameBack();

  std::size_t stuck() const { return stuck_; }
  bool all_places_are_taken() const { return stuck_ >= places_; }

 private:
  enum class State { kClosed, kOpen, kProbing };

  std::size_t places_;
  std::size_t stuck_ = 0;
  State state_ = State::kClosed;
  BackOff back_off_;  // Of the probes since it was closed.
};

}  // namespace sigtoken

#endif  // PKCS11_DEADLINE_CIRCUIT_H_
