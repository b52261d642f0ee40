#include "tools/saf/audit.h"

#include <sys/types.h>
#include <unistd.h>

#include <atomic>

#include "tools/saf/include/sigtoken_audit.h"

namespace sigtoken::saf {
namespace {

// Not the log's own flag: there is no log yet before the first call, and no
// handler of a signal may ask whether there is.
//
// The process that wants it, or 0: a child of fork() inherits the wish and must
// not fulfil it once more.
std::atomic<pid_t> rotation_wanted_by{0};
static_assert(std::atomic<pid_t>::is_always_lock_free);

}  // namespace

bool TakeRotation() {
  return rotation_wanted_by.load() != 0 &&
         rotation_wanted_by.exchange(0) == getpid();
}

}  // namespace sigtoken::saf

extern "C" {

void sigtoken_audit_rotate(void) {
  sigtoken::saf::rotation_wanted_by.store(getpid());
}

}  // extern "C"
