#include "pkcs11/tokens/key_size.h"

#include <functional>
#include <string>

#include "pkcs11/cryptoki/mac.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/trial_key.h"

namespace sigtoken {
namespace {

using MakeKey =
    std::function<Result<CK_OBJECT_HANDLE>(Session&, std::size_t bytes)>;

// For modules that generate none.
Result<CK_OBJECT_HANDLE> ImportTrialKey(Session& session, std::size_t bytes) {
  SIGTOKEN_ASSIGN(Secret value, Secret::RandomHex(bytes));
  return CreateSecretKey(session, TrialKey(), value);
}

bool Signs(Token& token, const HostLock::Exclusive& held,
           const MacAlgorithm& algorithm, std::size_t bytes,
           const MakeKey& make) {
  auto session = token.OpenSession(held, Access::kReadOnly);
  if (!session) return false;
  const auto key = make(*session, bytes);
  return key && SignMac(*session, *key, algorithm, {}).has_value();
}

}  // namespace

std::optional<std::size_t> LeastKeyBytes(Token& token,
                                         const HostLock::Exclusive& held,
                                         const MacAlgorithm& algorithm) {
  for (const MakeKey& make : {MakeKey(MakeTrialKey), MakeKey(ImportTrialKey)}) {
    for (const std::size_t bytes :
         {10U, 14U, 16U, 20U, 24U, 28U, 32U, 48U, 64U}) {
      if (Signs(token, held, algorithm, bytes, make)) return bytes;
    }
  }
  return std::nullopt;
}

Error KeyTooShort(Token& token, const HostLock::Exclusive& held, Error error,
                  const MacAlgorithm& algorithm, std::size_t bytes) {
  const std::string name(algorithm.name);
  error.message =
      "the module does not use a key of " +
      (bytes == 0 ? "this size" : std::to_string(bytes) + " bytes") + " for " +
      name;
  const auto least = LeastKeyBytes(token, held, algorithm);
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
