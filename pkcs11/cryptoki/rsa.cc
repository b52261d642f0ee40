#include "pkcs11/cryptoki/rsa.h"

#include <algorithm>
#include <optional>
#include <string>

#include "pkcs11/cryptoki/call.h"
#include "pkcs11/cryptoki/objects.h"

namespace sigtoken {
namespace {

constexpr const char* kDoing = "sign with RSA";

// Nobody makes shorter keys: 1,024 bits. What is shorter and not known to be
// the key's own length was cut.
constexpr std::size_t kLeastBytes = 128;

// Nothing where the module does not give a private key's modulus.
Result<std::optional<std::size_t>> LengthOf(Session& session,
                                            CK_OBJECT_HANDLE key) {
  SIGTOKEN_ASSIGN(const auto values,
                  ReadAttributes(session, key, {{CKA_MODULUS}}));
  const auto modulus = values.find(CKA_MODULUS);
  if (modulus == values.end() || RsaBytes(modulus->second) == 0) {
    return std::optional<std::size_t>();
  }
  return std::optional(RsaBytes(modulus->second));
}

}  // namespace

std::size_t RsaBytes(std::span<const std::uint8_t> modulus) {
  const auto first = std::find_if(modulus.begin(), modulus.end(),
                                  [](std::uint8_t byte) { return byte != 0; });
  return static_cast<std::size_t>(modulus.end() - first);
}

Result<std::vector<std::uint8_t>> SignRsaPkcs(
    Session& session, CK_OBJECT_HANDLE key,
    std::span<const std::uint8_t> digest_info) {
  SIGTOKEN_ASSIGN(const auto expected, LengthOf(session, key));
  if (expected && *expected > kMaxRsaBytes) {
    return Refusal(kKeyFunctionNotPermitted, CKR_KEY_SIZE_RANGE,
                   "the modulus has " + std::to_string(*expected) +
                       " bytes, more than " + std::to_string(kMaxRsaBytes),
                   "use a shorter RSA key");
  }
  auto& functions = session.functions();
  CK_MECHANISM mechanism{CKM_RSA_PKCS, nullptr, 0};
  SIGTOKEN_TRY(Check(Call("C_SignInit", functions.C_SignInit, session.handle(),
                          &mechanism, key),
                     kDoing));
  std::vector<std::uint8_t> signature(kMaxRsaBytes);
  CK_ULONG length = signature.size();
  SIGTOKEN_TRY(Check(Call("C_Sign", functions.C_Sign, session.handle(),
                          const_cast<CK_BYTE*>(digest_info.data()),
                          digest_info.size(), signature.data(), &length),
                     kDoing));
  if (expected ? length != *expected
               : length < kLeastBytes || length > signature.size()) {
    return Error{CKR_DEVICE_ERROR,
                 "C_Sign",
                 std::string("could not ") + kDoing,
                 "the module gave a signature of " + std::to_string(length) +
                     " bytes, not " +
                     (expected ? std::to_string(*expected)
                               : std::string("as long as a modulus")),
                 {}};
  }
  signature.resize(length);
  return signature;
}

}  // namespace sigtoken
