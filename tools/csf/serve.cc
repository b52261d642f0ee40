#include "tools/csf/serve.h"

#include "tools/c_library/messages.h"
#include "tools/c_library/parameters.h"

namespace sigtoken::csf {

std::int32_t Answer::Write(IcsfCode code) const {
  if (return_code != nullptr) *return_code = code.return_code;
  if (reason_code != nullptr) *reason_code = code.reason_code;
  return code.return_code;
}

std::int32_t Answer::WriteError(const Error& error) const {
  if (needed_length != nullptr && error.needed_bytes) {
    c_library::WriteLength(needed_length, *error.needed_bytes);
  }
  const std::int32_t code = Write(ToIcsf(error));
  if (c_library::MessagesAreWanted()) {
    c_library::WriteMessage(service, ToText(error));
  }
  return code;
}

std::int32_t Answer::WriteFault(const char* what) const {
  c_library::WriteFaultMessage(service, what, "ICSF 16/0, X'0'");
  return Write(kInternalFault);
}

}  // namespace sigtoken::csf
