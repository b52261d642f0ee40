// BackOff: when to try again what did not help.

#ifndef PKCS11_BASE_BACK_OFF_H_
#define PKCS11_BASE_BACK_OFF_H_

#include <chrono>

namespace sigtoken {

// Lets tries that do not help through, each later behind the one before: after
// the shortest pause, then twice as long each time, up to the longest one. Not
// thread safe.
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
  // One has helped: the next fault is another one.
  void Helped();

 private:
  Pauses pauses_;
  std::chrono::milliseconds pause_{0};
  Clock::time_point next_{};
};

}  // namespace sigtoken

#endif  // PKCS11_BASE_BACK_OFF_H_
