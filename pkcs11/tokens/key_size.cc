#include "pkcs11/tokens/key_size.h"

#include <array>
#include <optional>
#include <string>

#include "pkcs11/cryptoki/mac.h"
#include "pkcs11/tokens/trial_key.h"

namespace sigtoken {
namespace {

bool Signs(Token& token, const HostLock::Exclusive& held,
           const MacAlgorithm& algorithm, std::size_t bytes) {
  auto session = token.OpenSession(held, Access::kReadOnly);
  if (!session) return false;
  const auto key = MakeTrialKey(*session, bytes);
  return key && SignMac(*session, *key, algorithm, {}).has_value();
}

// The least of the usual sizes that the module takes.
std::optional<std::size_t> LeastBytes(Token& token,
                                      const HostLock::Exclusive& held,
                                      const MacAlgorithm& algorithm) {
  for (const std::size_t bytes :
       {10U, 14U, 16U, 20U, 24U, 28U, 32U, 48U, 64U}) {
    if (Signs(token, held, algorithm, bytes)) return bytes;
  }
  return std::nullopt;
}

}  // namespace

Error KeyTooShort(Token& token, const HostLock::Exclusive& held, Error error,
                  const MacAlgorithm& algorithm, std::size_t bytes) {
  const std::string name(algorithm.name);
  error.message =
      "the module does not use a key of " +
      (bytes == 0 ? "this size" : std::to_string(bytes) + " bytes") + " for " +
      name;
  const auto least = LeastBytes(token, held, algorithm);
  error.cure =
      (least ? "this module needs " + std::to_string(*least) +
                   " bytes or more for " + name
             : "this module takes none of the usual sizes up to 64 bytes for " +
                   name) +
      ", ICSF has no such limit: generate a " +
      (FindMacAlgorithm(name) != nullptr ? "key with --alg " + name
                                         : std::string("longer key"));
  return error;
}

}  // namespace sigtoken
