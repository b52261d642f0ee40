#include "tools/cli/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "pkcs11/tokens/handle_reuse.h"

namespace sigtoken::cli {
namespace {

// Puts a file in the place of each standard descriptor that is closed, lest a
// store's file become one. It is opened the wrong way round, so that a read or
// write fails as it would have: a MAC of no data, or a result that nobody gets,
// is not what was asked for.
void FillStandardDescriptors() {
  constexpr int kWrongWay[] = {O_WRONLY, O_RDONLY, O_RDONLY};
  for (int descriptor = 0; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) >= 0) continue;
    // open() gives the lowest number that is free: this one.
    if (open("/dev/null", kWrongWay[descriptor]) != descriptor) return;
  }
}

}  // namespace

void HardenProcess() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  umask(0077);
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
  FillStandardDescriptors();
  SetModulesMayBeShared(false);
}

}  // namespace sigtoken::cli
