#include "pkcs11/base/back_off.h"

#include <algorithm>

namespace sigtoken {

void BackOff::Tried(Clock::time_point now) {
  pause_ = std::clamp(2 * pause_, pauses_.shortest, pauses_.longest);
  next_ = now + pause_;
}

void BackOff::Helped() {
  pause_ = {};
  next_ = {};
}

}  // namespace sigtoken
