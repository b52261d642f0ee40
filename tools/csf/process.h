// What the callable services of one process work on, and what holds while one
// of them runs.

#ifndef TOOLS_CSF_PROCESS_H_
#define TOOLS_CSF_PROCESS_H_

#include <csignal>

#include "pkcs11/base/result.h"
#include "pkcs11/objects/icsf.h"

namespace sigtoken::csf {

struct Process;

// One call of a service, while it runs. A fork() of another thread waits for
// its end, so that the child does not get a copy of locks that are taken.
class Call {
 public:
  Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call();

  // The tokens of the configuration, opened by the first call of a process that
  // needs them, and again by the next one where that failed; in a child of
  // fork() anew. Errors: kNotAvailable.
  Result<Icsf*> icsf();

 private:
  Process& process_;
};

// Keeps SIGPIPE from this thread for its lifetime: p11-kit's client writes to a
// socket whose other end may be gone, and a library may neither let the program
// die of that nor change what the program does with its signals.
class SigpipeHeld {
 public:
  SigpipeHeld();
  SigpipeHeld(const SigpipeHeld&) = delete;
  SigpipeHeld& operator=(const SigpipeHeld&) = delete;
  ~SigpipeHeld();

 private:
  sigset_t before_{};
  // One was waiting already: then it is blocked, and the program's own.
  bool pending_before_ = false;
};

}  // namespace sigtoken::csf

#endif  // TOOLS_CSF_PROCESS_H_
