// BackOff: when to try again what did not help.

#ifndef PKCS11_BASE_BACK_OFF_H_
#define PKCS11_BASE_BACK_OFF_H_

#include <chrono>

namespace sigtoken {

// Lets tries through, each later behind the one before: after the shortest
// pause, then twice as long each time, up to the longest one. They begin anew
// where nothing was tried for ten times the last pause: a device that comes and
// goes is tried no more often than one that is gone. Not thread safe.
class BackOff {
 public:
  using Clock = std::chrono::steady_clock;

  struct Pauses {
    std::chrono::milliseconds shortest{50};
    std::chrono::milliseconds longest{1000};
  };

  BackOff() = default;
  explicit BackOff(const Pauses& pauses) : pauses_(pauses) {}

  bool MayTry(Clock::time_point now) const { return now >= next_; }
  void Tried(Clock::time_point now);
  // They begin anew: what was tried is well for good.
  void Helped();

 private:
  Pauses pauses_;
  std::chrono::milliseconds pause_{0};
  Clock::time_point next_{};
};

}  // namespace sigtoken

#endif  // PKCS11_BASE_BACK_OFF_H_
