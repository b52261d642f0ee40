#include "pkcs11/capabilities/proof.h"

#include <sodium.h>

#include <algorithm>

#include "pkcs11/capabilities/finding.h"
#include "pkcs11/cryptoki/mac.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/icsf/attribute_types.h"

namespace sigtoken {
namespace {

constexpr std::string_view kText = "sigtoken: what this token can do";

Result<bool> VerifyOnce(Scratch& scratch, CK_OBJECT_HANDLE key,
                        const MacAlgorithm& algorithm, const Mac& mac) {
  SIGTOKEN_ASSIGN(Session session, scratch.Open(Access::kReadOnly));
  return VerifyMac(session, key, algorithm, BytesOf(kText), mac.bytes());
}

bool Protects(CK_ATTRIBUTE_TYPE type) {
  return type == CKA_TOKEN || type == CKA_PRIVATE || type == CKA_SENSITIVE ||
         type == CKA_EXTRACTABLE || type == CKA_ID || type == CKA_LABEL;
}

}  // namespace

Result<Mac> SignOnce(Scratch& scratch, CK_OBJECT_HANDLE key,
                     const MacAlgorithm& algorithm,
                     std::span<const std::uint8_t> data) {
  SIGTOKEN_ASSIGN(Session session, scratch.Open(Access::kReadOnly));
  scratch.known().tried = true;
  return SignMac(session, key, algorithm, data);
}

std::optional<std::string> WhyUnfit(Scratch& scratch, CK_OBJECT_HANDLE key,
                                    const MacAlgorithm& algorithm) {
  auto mac = SignOnce(scratch, key, algorithm, BytesOf(kText));
  if (!mac) return AnswerOf(mac.error());
  const auto again = SignOnce(scratch, key, algorithm, BytesOf(kText));
  if (!again) return AnswerOf(again.error());
  if (!std::ranges::equal(mac->bytes(), again->bytes())) {
    return "it signs one text differently each time";
  }
  const auto right = VerifyOnce(scratch, key, algorithm, *mac);
  if (!right) return AnswerOf(right.error());
  if (!*right) return "C_Verify refuses its own MAC";
  mac->data()[0] ^= 1;
  const auto wrong = VerifyOnce(scratch, key, algorithm, *mac);
  if (wrong && *wrong) return "C_Verify takes a MAC that is wrong";
  // NSS calls a wrong MAC a device error; that the device is well the right MAC
  // has shown.
  if (!wrong && wrong.error().rv != CKR_DEVICE_ERROR) {
    return AnswerOf(wrong.error());
  }
  return std::nullopt;
}

Result<std::vector<std::string>> DifferentAttributes(Session& session,
                                                     CK_OBJECT_HANDLE object,
                                                     const Attributes& asked) {
  std::vector<std::string> different;
  for (const CK_ATTRIBUTE& each : asked.ForCall()) {
    const CK_ATTRIBUTE_TYPE types[] = {each.type};
    SIGTOKEN_ASSIGN(const auto values, ReadAttributes(session, object, types));
    const auto found = values.find(each.type);
    const auto* const wanted = static_cast<const std::uint8_t*>(each.pValue);
    const bool kept =
        found == values.end()
            ? !Protects(each.type)
            : std::equal(wanted, wanted + each.ulValueLen,
                         found->second.begin(), found->second.end());
    if (!kept) different.push_back(AttributeName(each.type));
  }
  return different;
}

std::optional<std::vector<std::uint8_t>> MacComputedHere(
    const MacAlgorithm& algorithm, std::span<const std::uint8_t> key,
    std::span<const std::uint8_t> data) {
  std::vector<std::uint8_t> mac(algorithm.mac_bytes);
  if (algorithm.mechanism == CKM_SHA256_HMAC) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.data(), key.size());
    crypto_auth_hmacsha256_update(&state, data.data(), data.size());
    crypto_auth_hmacsha256_final(&state, mac.data());
    return mac;
  }
  if (algorithm.mechanism == CKM_SHA512_HMAC) {
    crypto_auth_hmacsha512_state state;
    crypto_auth_hmacsha512_init(&state, key.data(), key.size());
    crypto_auth_hmacsha512_update(&state, data.data(), data.size());
    crypto_auth_hmacsha512_final(&state, mac.data());
    return mac;
  }
  return std::nullopt;
}

}  // namespace sigtoken
