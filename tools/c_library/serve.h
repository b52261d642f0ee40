// Serve and Guard: what runs behind a C interface, and nothing else leaves it.

#ifndef TOOLS_C_LIBRARY_SERVE_H_
#define TOOLS_C_LIBRARY_SERVE_H_

#include <cstdint>
#include <exception>

#include "pkcs11/base/result.h"
#include "tools/c_library/messages.h"
#include "tools/c_library/process.h"

namespace sigtoken::c_library {

// An `answer` is the library's: where a service writes its codes. Of both
// functions below it needs
//   std::int32_t WriteFault(const char* what) const, which allocates nothing,
//   std::int32_t WriteError(const Error&) const,
// and each gives what the service is to return.

// Runs `work`, a std::int32_t() that needs no tokens.
template <typename Answer, typename Work>
std::int32_t Guard(const Answer& answer, const Work& work) {
  const SignalsHeld held;  // stderr may be a pipe, too.
  // No exception crosses the C interface. None is thrown by our own functions;
  // what there is, the standard library throws.
  try {
    return work();
  } catch (const std::exception& exception) {
    return answer.WriteFault(exception.what());
  }
}

// Runs `work`, a std::int32_t(Services&) that writes its outputs once nothing
// can fail any more.
template <typename Answer, typename Work>
std::int32_t Serve(const Answer& answer, const Work& work) {
  return Guard(answer, [&] {
    // Before a module is loaded, which changes the environment for a moment.
    static_cast<void>(MessagesAreWanted());
    Call call;
    const Result<Services*> services = call.services();
    return services ? work(**services) : answer.WriteError(services.error());
  });
}

}  // namespace sigtoken::c_library

#endif  // TOOLS_C_LIBRARY_SERVE_H_
