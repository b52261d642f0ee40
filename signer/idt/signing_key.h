// What an identity token is signed and checked with.

#ifndef SIGNER_IDT_SIGNING_KEY_H_
#define SIGNER_IDT_SIGNING_KEY_H_

#include <cstdint>
#include <functional>
#include <span>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/mac_algorithm.h"
#include "pkcs11/tokens/key.h"

namespace sigtoken {

// A key with the one algorithm that it is used with. Both functions work inside
// the key's token, and fail as Key's do.
struct SigningKey {
  const MacAlgorithm* algorithm = nullptr;
  std::function<Result<Mac>(std::span<const std::uint8_t> data)> sign;
  // False where `mac` does not fit, for its length too.
  std::function<Result<bool>(std::span<const std::uint8_t> data,
                             std::span<const std::uint8_t> mac)>
      verify;
};

// `key` with `algorithm`, which must be one of MacAlgorithms().
SigningKey UseKey(const Key& key, const MacAlgorithm& algorithm);

// Finds the key when the order of checks comes to it, not before: looking for
// it may be what fails. Empty: no key was named.
using KeySource = std::function<Result<SigningKey>()>;

}  // namespace sigtoken

#endif  // SIGNER_IDT_SIGNING_KEY_H_
