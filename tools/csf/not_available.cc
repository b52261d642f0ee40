// The rest of the family: symbols, so that programs which name them link.

#include "tools/csf/include/csfbext.h"
#include "tools/csf/second_name.h"
#include "tools/csf/serve.h"

namespace sigtoken::csf {
namespace {

std::int32_t NotAvailable(const Answer& answer) {
  return c_library::Guard(answer, [&] {
    return answer.WriteError(
        Refusal(kServiceNotAvailable, CKR_FUNCTION_NOT_SUPPORTED,
                "this service is not offered",
                "use secret keys and the services for HMACs"));
  });
}

}  // namespace
}  // namespace sigtoken::csf

// NOLINTBEGIN(cert-dcl50-cpp): the services' parameters differ, and none is
// looked at.
#define SIGTOKEN_CSF_NOT_AVAILABLE(name)                                   \
  int32_t name(int32_t* return_code, int32_t* reason_code, ...) {          \
    return sigtoken::csf::NotAvailable({#name, return_code, reason_code}); \
  }                                                                        \
  SIGTOKEN_CSF_SECOND_NAME(name##6, name)

extern "C" {

SIGTOKEN_CSF_NOT_AVAILABLE(CSFPSKE);
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPSKD);
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPGKP);
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPPKS);
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPPKV);
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPUWK);
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPWPK);
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPDVK);
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPDMK);
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPPD2);
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPPE2);
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPPS2);
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPPV2);

}  // extern "C"
// NOLINTEND(cert-dcl50-cpp)
