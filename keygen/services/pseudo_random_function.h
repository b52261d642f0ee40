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

// Fills `output`, which stays as it was after an error: with random bytes of a
// token's module (PRNG; a handle of blanks names the omnipresent token), or
// with the pseudo-random function of TLS 1.0 over the value of a generic secret
// key (TLS-PRF, RFC 2246, section 5). PRNG has an empty parms_list. That of
// TLS-PRF is laid out by us, for ICSF's layout is not public: 4 bytes length of
// the seed, 4 bytes length of the label, seed, label; seed and label have 1 to
// 1024 bytes together.
//
// Errors: kRuleArrayInvalid; kLengthInvalid for a parms_list that is not so,
// and for an output of 0 or more than 64 MiB (ours); kHandleInvalid;
// kTokenNotFound; as GenerateRandom(). Of TLS-PRF: kKeyUnextractable for a key
// whose value stays in the token; kKeyTypeInconsistent; kObjectDisabled;
// kSessionObjectGone; kObjectNotFound; kServiceNotAvailable.
Status PseudoRandomFunction(Icsf& icsf, const PseudoRandomFunctionCall& call,
                            std::span<std::uint8_t> output);

}  // namespace sigtoken

#endif  // KEYGEN_SERVICES_PSEUDO_RANDOM_FUNCTION_H_
