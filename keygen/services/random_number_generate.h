// CSNBRNG and CSNBRNGL: ICSF's callable service Random number generate.

#ifndef KEYGEN_SERVICES_RANDOM_NUMBER_GENERATE_H_
#define KEYGEN_SERVICES_RANDOM_NUMBER_GENERATE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/objects/icsf.h"

namespace sigtoken {

// The size of CSNBRNG's number, and the longest of CSNBRNGL's (z/OS ICSF
// Application Programmer's Guide, "Random number generate").
inline constexpr std::size_t kRandomNumberBytes = 8;
inline constexpr std::size_t kMaxRandomNumberBytes = 8192;

// Fills `output`, which stays as it was after an error, with random bytes of
// the omnipresent token's module. `form` is CSNBRNG's form and CSNBRNGL's rule
// array: RANDOM, or ODD or EVEN for the number of one bits of each byte.
// Errors: kRuleArrayInvalid; kLengthInvalid for an output that has not 1 to
// kMaxRandomNumberBytes; as GenerateRandom() and Directory::FindToken().
Status RandomNumberGenerate(Icsf& icsf, std::string_view form,
                            std::span<std::uint8_t> output);

}  // namespace sigtoken

#endif  // KEYGEN_SERVICES_RANDOM_NUMBER_GENERATE_H_
