#include "pkcs11/tokens/trial_key.h"

#include <array>
#include <cstdint>

#include "pkcs11/cryptoki/mac.h"
#include "pkcs11/cryptoki/objects.h"

namespace sigtoken {

Attributes TrialKey() {
  Attributes attributes;
  attributes.Number(CKA_CLASS, CKO_SECRET_KEY)
      .Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
      .Flag(CKA_TOKEN, false)
      .Flag(CKA_PRIVATE, true)
      .Flag(CKA_SENSITIVE, true)
      .Flag(CKA_EXTRACTABLE, false)
      .Flag(CKA_SIGN, true)
      .Flag(CKA_VERIFY, true);
  return attributes;
}

Result<CK_OBJECT_HANDLE> MakeTrialKey(Session& session, std::size_t bytes) {
  Attributes attributes = TrialKey();
  attributes.Number(CKA_VALUE_LEN, bytes);
  return GenerateGenericSecret(session, attributes);
}

bool SignsWithATrialKey(Token& token) {
  constexpr std::size_t kBytes = 64;
  constexpr std::array<std::uint8_t, 8> kData{};
  const auto held = token.Change();
  if (!held) return false;
  auto session = token.OpenSession(*held, Access::kReadOnly);
  if (!session) return false;
  const auto key = MakeTrialKey(*session, kBytes);
  return key && SignMac(*session, *key, Hs256(), kData);
}

}  // namespace sigtoken
