#include "keygen/import.h"

#include <sodium.h>

#include <array>
#include <cstring>
#include <string>

#include "pkcs11/cryptoki/objects.h"

namespace sigtoken {
namespace {

// The block of SHA-256, and the least size that every module takes for all
// three algorithms. SHA-384 and SHA-512 fill their block of 128 bytes up with
// zeros in the same way.
constexpr std::size_t kPaddedBytes = 64;

Status CheckValue(const Secret& value) {
  const auto refuse = [](std::string message) {
    return Refusal(kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
                   std::move(message),
                   "give the key that the other side signs with, of 32 bytes "
                   "or more");
  };
  if (value.size() > kMaxImportBytes) {
    return refuse("the key has " + std::to_string(value.size()) +
                  " bytes, and " + std::to_string(kMaxImportBytes) +
                  " is the limit");
  }
  if (value.size() == 0) {
    return refuse("the key is empty: everybody can sign with it");
  }
  if (sodium_is_zero(value.data(), value.size()) == 1) {
    return refuse("the key has only zero bytes: everybody can sign with it");
  }
  return Ok();
}

Result<Secret> Padded(const Secret& value) {
  SIGTOKEN_ASSIGN(Secret padded, Secret::OfSize(kPaddedBytes));
  std::memcpy(padded.data(), value.data(), value.size());
  return padded;
}

// HMAC-SHA-256 over no data, as tokens/check_value.h has the module make it.
std::array<std::uint8_t, crypto_auth_hmacsha256_BYTES> CheckMacOf(
    const Secret& value) {
  std::array<std::uint8_t, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, value.data(), value.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  sodium_memzero(&state, sizeof state);
  return mac;
}

Result<MadeKey> Make(const KeyMaker& maker, const KeySpec& spec,
                     const Secret& value, Secret& stored) {
  const auto mac = CheckMacOf(value);
  const KeyCreation source{
      [&stored](Session& session, const Attributes& attributes) {
        return CreateSecretKey(session, attributes, stored);
      },
      stored.size(), true,
      [&mac](const FoundKey& found) -> Status {
        // A key that cannot sign has none.
        if (!found.check_mac || sodium_memcmp(found.check_mac->data(),
                                              mac.data(), mac.size()) == 0) {
          return Ok();
        }
        return Error{CKR_DEVICE_ERROR, "C_CreateObject",
                     "the module holds another key than it was given; it was "
                     "destroyed again",
                     "the module or its device is faulty: replace it",
                     kNotAvailable};
      },
      std::vector<std::uint8_t>(mac.begin(), mac.end())};
  return maker(spec, source);
}

}  // namespace

Result<MadeKey> ImportKey(Token& token, const KeySpec& spec, Secret& value) {
  return ImportKey(MakerIn(token), spec, value);
}

Result<MadeKey> ImportKey(const KeyMaker& maker, const KeySpec& spec,
                          Secret& value) {
  SIGTOKEN_TRY(CheckValue(value));
  KeySpec sized = spec;
  sized.bytes = value.size();
  auto made = Make(maker, sized, value, value);
  if (made || made.error().rv != CKR_KEY_SIZE_RANGE ||
      value.size() >= kPaddedBytes) {
    return made;
  }
  SIGTOKEN_ASSIGN(Secret padded, Padded(value));
  made = Make(maker, sized, value, padded);
  if (made) made->padded = true;
  return made;
}

}  // namespace sigtoken
