#include "signer/idt/signing_key.h"

namespace sigtoken {

SigningKey UseKey(const Key& key, const MacAlgorithm& algorithm) {
  return SigningKey{&algorithm,
                    [key, &algorithm](std::span<const std::uint8_t> data) {
                      return key.Sign(algorithm, data);
                    },
                    [key, &algorithm](std::span<const std::uint8_t> data,
                                      std::span<const std::uint8_t> mac) {
                      return key.Verify(algorithm, data, mac);
                    }};
}

}  // namespace sigtoken
