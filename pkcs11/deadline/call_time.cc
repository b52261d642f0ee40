#include "pkcs11/deadline/call_time.h"

#include <algorithm>
#include <utility>

namespace sigtoken {
namespace {

using Duration = CallTime::Clock::duration;

}  // namespace

void CallTime::Add(const CallWatch::Sight& sight, bool beside_stuck,
                   Clock::time_point now, Duration deadline) {
  const Duration passed = now - std::exchange(last_, now);
  const Duration late =
      std::max<Duration>(passed - 2 * kLookEvery, Duration::zero());
  const bool each_call = of_ == DeadlineOf::kEachCall || sight.call_by_call;
  const bool in_call = sight.function != nullptr;
  const bool counts = in_call || sight.waiting;
  const bool is_new_call = std::exchange(calls_, sight.calls) != sight.calls;
  const bool is_new_wait = std::exchange(waits_, sight.waits) != sight.waits;
  const bool counted_before = std::exchange(counted_, counts);
  const bool may_wait = !in_call && !is_new_call && beside_stuck;

  if ((is_new_call || is_new_wait) && each_call) {
    pauses_ = Duration::zero();
    forgiven_ = Duration::zero();
  }
  const bool has_counted =
      counts || is_new_call || is_new_wait || counted_before;
  Duration pause = late;
  if (late < kStop && (has_counted || may_wait)) {
    pause = std::clamp(deadline - forgiven_, Duration::zero(), late);
    forgiven_ += pause;
  }

  if (has_counted) pauses_ += pause;
  const Duration running =
      counts ? std::max<Duration>(now - sight.since, Duration::zero())
             : Duration::zero();
  const Duration counted =
      each_call ? running : sight.spent + sight.waited + running;
  in_calls_ = std::max<Duration>(counted - pauses_, Duration::zero());

  if (!may_wait) {
    waited_ = Duration::zero();
  } else if (!sight.waiting) {
    waited_ += passed - pause;
  }
}

}  // namespace sigtoken
