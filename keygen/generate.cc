#include "keygen/generate.h"

#include <string>

#include "pkcs11/cryptoki/objects.h"

namespace sigtoken {

Result<MadeKey> GenerateKey(Token& token, const KeySpec& spec) {
  return GenerateKey(MakerIn(token), spec);
}

Result<MadeKey> GenerateKey(const KeyMaker& maker, const KeySpec& spec) {
  if (spec.bytes == 0 || spec.bytes > kMaxKeyBytes) {
    return Refusal(
        kParameterInvalid, CKR_ARGUMENTS_BAD,
        "a key of " + std::to_string(spec.bytes) + " bytes cannot be generated",
        "use 1 to " + std::to_string(kMaxKeyBytes) + " bytes");
  }
  return maker(spec, {[&spec](Session& session, const Attributes& attributes) {
                        Attributes all = attributes;
                        all.Number(CKA_VALUE_LEN, spec.bytes);
                        return GenerateGenericSecret(session, all);
                      },
                      spec.bytes, false, nullptr});
}

}  // namespace sigtoken
