#include "pkcs11/base/back_off.h"

#include <algorithm>

namespace sigtoken {
namespace {

constexpr int kCalm = 10;

}  // namespace

void BackOff::Tried(Clock::time_point now) {
  // next_ is one pause behind the last try.
  if (now >= next_ + (kCalm - 1) * pause_) pause_ = {};
  pause_ = std::clamp(2 * pause_, pauses_.shortest, pauses_.longest);
  next_ = now + pause_;
}

void BackOff::Helped() {
  pause_ = {};
  next_ = {};
}

}  // namespace sigtoken
