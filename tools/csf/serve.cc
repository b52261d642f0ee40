#include "tools/csf/serve.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tools/csf/parameters.h"

namespace sigtoken::csf {

bool MessagesAreWanted() {
  static const bool wanted = [] {
    const char* value = std::getenv("SIGTOKEN_CSF_MESSAGES");
    return value != nullptr && std::strcmp(value, "1") == 0;
  }();
  return wanted;
}

std::int32_t Answer::Write(IcsfCode code) const {
  if (return_code != nullptr) *return_code = code.return_code;
  if (reason_code != nullptr) *reason_code = code.reason_code;
  return code.return_code;
}

std::int32_t Answer::WriteError(const Error& error) const {
  if (needed_length != nullptr && error.needed_bytes) {
    WriteLength(needed_length, *error.needed_bytes);
  }
  const std::int32_t code = Write(ToIcsf(error));
  if (MessagesAreWanted()) {
    // One write, lest the lines of threads mix.
    const std::string line = std::string(service) + ": " + ToText(error) + '\n';
    static_cast<void>(std::fwrite(line.data(), 1, line.size(), stderr));
  }
  return code;
}

std::int32_t Answer::WriteFault(const char* what) const {
  if (MessagesAreWanted()) {
    static_cast<void>(
        std::fprintf(stderr, "%s: %s (ICSF 16/0, X'0')\n", service, what));
  }
  return Write(kInternalFault);
}

}  // namespace sigtoken::csf
