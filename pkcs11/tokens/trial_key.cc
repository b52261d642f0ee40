#include "pkcs11/tokens/trial_key.h"

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

}  // namespace sigtoken
