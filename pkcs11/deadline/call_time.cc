#include "pkcs11/deadline/call_time.h"

#include <algorithm>
#include <utility>

namespace sigtoken {
namespace {

using Duration = CallTime::Clock::duration;

}  // namespace

void CallTime::Add(const CallWatch::Sight& sight, bool beside_stuck,
                   Clock::time_point now) {
  const Duration passed = now - std::exchange(last_, now);
  const Duration pause =
      std::max<Duration>(passed - 2 * kLookEvery, Duration::zero());
  const bool in_call = sight.function != nullptr;
  const bool is_new = std::exchange(calls_, sight.calls) != sight.calls;
  const bool was_in_call = std::exchange(was_in_call_, in_call);

  if (is_new && of_ == DeadlineOf::kEachCall) pauses_ = Duration::zero();
  if (in_call || is_new || was_in_call) pauses_ += pause;
  const Duration running =
      in_call ? std::max<Duration>(now - sight.since, Duration::zero())
              : Duration::zero();
  const Duration counted =
      of_ == DeadlineOf::kRequest ? sight.spent + running : running;
  in_calls_ = std::max<Duration>(counted - pauses_, Duration::zero());

  if (in_call || is_new || !beside_stuck) {
    waited_ = Duration::zero();
  } else {
    waited_ += passed - pause;
  }
}

}  // namespace sigtoken
