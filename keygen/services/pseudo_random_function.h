// CSFPPRF: ICSF's callable service PKCS #11 Pseudo-random function.

#ifndef KEYGEN_SERVICES_PSEUDO_RANDOM_FUNCTION_H_
#define KEYGEN_SERVICES_PSEUDO_RANDOM_FUNCTION_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/attribute_list.h"
#include "pkcs11/objects/icsf.h"

namespace sigtoken {

// What the caller hands over (z/OS ICSF Application Programmer's Guide,
// CSFPPRF).
struct PseudoRandomFunctionCall {
  std::string_view rule_array;  // PRNG or TLS-PRF.
  std::string_view handle;      // 44 characters: of a token, or of a key.
  std::span<const std::uint8_t> parms_list;
  ByteOrder order = ByteOrder::kBigEndian;
};

// Fills `output`, which stays as it was after an error.
Status PseudoRandomFunction(Icsf& icsf, const PseudoRandomFunctionCall& call,
                            std::span<std::uint8_t> output);

}  // namespace sigtoken

#endif  // KEYGEN_SERVICES_PSEUDO_RANDOM_FUNCTION_H_
