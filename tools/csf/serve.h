// Serve: from a service's outcome to its two codes, and nothing else leaves.

#ifndef TOOLS_CSF_SERVE_H_
#define TOOLS_CSF_SERVE_H_

#include <cstdint>
#include <exception>
#include <utility>

#include "pkcs11/base/result.h"
#include "pkcs11/objects/icsf.h"
#include "tools/csf/process.h"

namespace sigtoken::csf {

// Whether SIGTOKEN_CSF_MESSAGES was 1 at the first call.
bool MessagesAreWanted();

// Where a service answers.
struct Answer {
  const char* service;        // Its name, for messages.
  std::int32_t* return_code;  // Either may be NULL.
  std::int32_t* reason_code;
  // The length of the output that may be too short. Null where there is none.
  std::int32_t* needed_length = nullptr;

  // Writes both codes; gives the first.
  std::int32_t Write(IcsfCode code) const;
  // With the message, where it is wanted, and the length that the error says is
  // needed.
  std::int32_t WriteError(const Error& error) const;
  // kInternalFault. Allocates nothing: `what` may be a bad_alloc's.
  std::int32_t WriteFault(const char* what) const;
};

// Runs `work`, a Result<IcsfCode>(Icsf&) that writes its outputs once nothing
// can fail any more, and answers with its codes.
template <typename Work>
std::int32_t Serve(const Answer& answer, const Work& work) {
  const SigpipeHeld held;
  // No exception crosses the C interface. None is thrown by our own functions;
  // what there is, the standard library throws.
  try {
    // Before a module is loaded, which changes the environment for a moment.
    static_cast<void>(MessagesAreWanted());
    Call call;
    const Result<Icsf*> icsf = call.icsf();
    if (!icsf) return answer.WriteError(icsf.error());
    const Result<IcsfCode> code = work(**icsf);
    return code ? answer.Write(*code) : answer.WriteError(code.error());
  } catch (const std::exception& exception) {
    return answer.WriteFault(exception.what());
  }
}

}  // namespace sigtoken::csf

#endif  // TOOLS_CSF_SERVE_H_
