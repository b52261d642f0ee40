#include "tools/csf/services.h"

#include "tools/c_library/messages.h"

namespace sigtoken::c_library {

const char* const kMessagesVariable = "SIGTOKEN_CSF_MESSAGES";

Result<std::shared_ptr<Services>> OpenServices(
    Directory& directory, const Configuration& /*configuration*/) {
  return std::make_shared<Services>(directory);
}

}  // namespace sigtoken::c_library
