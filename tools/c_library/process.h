// What the services of a C library work on in one process, and what holds while
// one of them runs. Each library has these sources in it, and so a state of its
// own beside those of others in the process.

#ifndef TOOLS_C_LIBRARY_PROCESS_H_
#define TOOLS_C_LIBRARY_PROCESS_H_

#include <csignal>
#include <memory>

#include "pkcs11/base/result.h"
#include "pkcs11/setup/configuration.h"
#include "pkcs11/tokens/directory.h"

namespace sigtoken::c_library {

// What the library's services stand on beside the tokens. Each library defines
// it, and the function below, once. Used by any number of threads at once.
struct Services;

// `directory` outlives them; `configuration` does not. Called by one thread at
// a time, and again where it failed. Errors: what is wrong; the caller of a
// service is told kNotAvailable.
Result<std::shared_ptr<Services>> OpenServices(
    Directory& directory, const Configuration& configuration);

struct Process;

// One call of a service, while it runs. A fork() of another thread waits for
// its end, so that the child does not get a copy of locks that are taken.
class Call {
 public:
  Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call();

  // Opened, as the tokens of the configuration are, by the first call of a
  // process that needs them, and again by the next one where that failed; in a
  // child of fork() anew. Never freed. Errors: kNotAvailable.
  Result<Services*> services();

 private:
  Process& process_;
};

// Keeps signals from this thread for its lifetime that what it writes may send
// it: SIGPIPE, where p11-kit's client has a socket whose other end is gone, and
// SIGXFSZ, where the store or the audit file reaches RLIMIT_FSIZE. A library
// may neither let the program die of that nor change what the program does with
// its signals. One that was waiting already is blocked, and the program's own.
class SignalsHeld {
 public:
  SignalsHeld();
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;
  ~SignalsHeld();

 private:
  sigset_t held_{};
  sigset_t before_{};
};

}  // namespace sigtoken::c_library

#endif  // TOOLS_C_LIBRARY_PROCESS_H_
