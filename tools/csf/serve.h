// Serve: from a service's outcome to its two codes, and nothing else leaves.

#ifndef TOOLS_CSF_SERVE_H_
#define TOOLS_CSF_SERVE_H_

#include <cstdint>

#include "pkcs11/base/result.h"
#include "tools/c_library/serve.h"
#include "tools/csf/services.h"

namespace sigtoken::csf {

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
  return c_library::Serve(answer, [&](c_library::Services& services) {
    const Result<IcsfCode> code = work(services.icsf);
    return code ? answer.Write(*code) : answer.WriteError(code.error());
  });
}

}  // namespace sigtoken::csf

#endif  // TOOLS_CSF_SERVE_H_
