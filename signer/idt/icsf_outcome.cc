#include "signer/idt/icsf_outcome.h"

namespace sigtoken {
namespace {

constexpr IcsfCode kAlgorithmNotAvailable{12, 8};

}  // namespace

bool IsIcsfUnavailable(const Error& error) {
  const IcsfCode icsf = ToIcsf(error);
  return icsf.return_code >= 12 && icsf != kAlgorithmNotAvailable;
}

}  // namespace sigtoken
