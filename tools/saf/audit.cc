#include "tools/saf/audit.h"

#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <ctime>

#include "tools/saf/include/sigtoken_audit.h"

namespace sigtoken::saf {
namespace {

// Not the log's own flag: there is no log yet before the first call, and no
// handler of a signal may ask whether there is.
//
// The process that wants it, or 0: a child of fork() inherits the wish and must
// not fulfil it once more.
std::atomic<pid_t> rotation_wanted_by{0};
std::atomic<std::time_t> rotation_wished{0};
static_assert(std::atomic<pid_t>::is_always_lock_free);
static_assert(std::atomic<std::time_t>::is_always_lock_free);

}  // namespace

std::time_t TakeRotation() {
  const bool wanted = rotation_wanted_by.load() != 0 &&
                      rotation_wanted_by.exchange(0) == getpid();
  return wanted ? rotation_wished.load() : 0;
}

}  // namespace sigtoken::saf

extern "C" {

void sigtoken_audit_rotate(void) {
  sigtoken::saf::rotation_wished.store(time(nullptr));
  sigtoken::saf::rotation_wanted_by.store(getpid());
}

}  // extern "C"
