// Shows what is in a token, without checking it.

#ifndef SIGNER_IDT_INSPECT_H_
#define SIGNER_IDT_INSPECT_H_

#include <string>
#include <string_view>

#include "pkcs11/base/result.h"

namespace sigtoken {

// The texts of a token's first two parts: both strict JSON objects, neither
// believed.
struct InspectedToken {
  std::string header_json;
  std::string claims_json;
};

// Nothing is checked but that it can be read: any JWS in the compact
// serialization will do. Errors: kParameterInvalid.
Result<InspectedToken> InspectIdt(std::string_view token);

}  // namespace sigtoken

#endif  // SIGNER_IDT_INSPECT_H_
