// What a key, once made, must show before sigtoken would count it as made.

#ifndef PKCS11_CAPABILITIES_PROOF_H_
#define PKCS11_CAPABILITIES_PROOF_H_

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/capabilities/scratch.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/cryptoki/mac_algorithm.h"

namespace sigtoken {

inline std::span<const std::uint8_t> BytesOf(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// A MAC by a session of its own, since after an error nobody knows what state
// one is in. Errors: as the module gave them.
Result<Mac> SignOnce(Scratch& scratch, CK_OBJECT_HANDLE key,
                     const MacAlgorithm& algorithm,
                     std::span<const std::uint8_t> data);

// What the key does wrong, in a phrase: it signs one text differently, or
// refuses the right MAC, or takes a wrong one. Nothing for one that is fit; the
// same proof that a key of sigtoken's must stand (keygen/known_answer.h).
std::optional<std::string> WhyUnfit(Scratch& scratch, CK_OBJECT_HANDLE key,
                                    const MacAlgorithm& algorithm);

// The names of the attributes in which `object` differs from what was asked
// for. One that the module does not have counts where it protects the key
// (keygen/key_template.h); what it does not have otherwise, it cannot allow.
Result<std::vector<std::string>> DifferentAttributes(Session& session,
                                                     CK_OBJECT_HANDLE object,
                                                     const Attributes& asked);

// HMAC-SHA-256 and HMAC-SHA-512 computed here; nothing for other algorithms.
std::optional<std::vector<std::uint8_t>> MacComputedHere(
    const MacAlgorithm& algorithm, std::span<const std::uint8_t> key,
    std::span<const std::uint8_t> data);

}  // namespace sigtoken

#endif  // PKCS11_CAPABILITIES_PROOF_H_
