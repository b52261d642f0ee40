#include "keygen/copy.h"

#include <array>
#include <optional>
#include <vector>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/object_index.h"

namespace sigtoken {
namespace {

// What a copy has from its original, and C_CopyObject does not take in a list.
constexpr auto kTakenOver = std::to_array<CK_ATTRIBUTE_TYPE>(
    {CKA_CLASS, CKA_KEY_TYPE, CKA_ALLOWED_MECHANISMS});

// Of `attributes` those that differ from the original's: SoftHSM2 refuses to
// set CKA_SENSITIVE where it is set already.
Attributes Differing(const Attributes& attributes, const FoundKey& original) {
  Attributes changed = attributes;
  for (const CK_ATTRIBUTE_TYPE type : kTakenOver) changed.Remove(type);
  for (const CK_ATTRIBUTE& each : attributes.ForCall()) {
    const auto flag = original.attributes.flags.find(each.type);
    if (flag == original.attributes.flags.end()) continue;
    const bool wanted = *static_cast<const CK_BBOOL*>(each.pValue) != CK_FALSE;
    if (wanted == flag->second) changed.Remove(each.type);
  }
  return changed;
}

Result<FoundKey> FindSourceOnce(Token& token, ObjectId source) {
  SIGTOKEN_TRY(token.Login());
  SIGTOKEN_ASSIGN(const auto held, token.Look());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  SIGTOKEN_ASSIGN(FoundKey key, FindKey(token, held, session, source));
  const std::string name = key.handle->FormatShort();
  if (key.disabled()) {
    return Refusal(kObjectDisabled, CKR_KEY_FUNCTION_NOT_PERMITTED,
                   "the key " + name + " is disabled",
                   "enable it with 'sigtoken key enable'");
  }
  if (key.attributes.type != CKK_GENERIC_SECRET) {
    return Refusal(kKeyTypeInconsistent, CKR_KEY_TYPE_INCONSISTENT,
                   "the key " + name + " is no CKK_GENERIC_SECRET",
                   "copy it with the tool that made it");
  }
  return key;
}

Result<FoundKey> FindSource(Token& token, ObjectId source) {
  return token.WithRecovery([&] { return FindSourceOnce(token, source); });
}

}  // namespace

Result<MadeKey> CopyKeyTo(const KeyMaker& maker, Token& token, ObjectId source,
                          const KeySpec& spec) {
  SIGTOKEN_ASSIGN(const FoundKey original, FindSource(token, source));
  KeySpec sized = spec;
  sized.bytes = original.bytes();
  const KeyCreation creation{
      [&](Session& session,
          const Attributes& attributes) -> Result<CK_OBJECT_HANDLE> {
        SIGTOKEN_ASSIGN(const CK_OBJECT_HANDLE object,
                        FindObject(token, session, source));
        return CopyObject(session, object, Differing(attributes, original));
      },
      original.attributes.value_bytes.value_or(sized.bytes), false,
      [&](const FoundKey& copy) -> Status {
        if (!copy.check_mac || !original.check_mac ||
            *copy.check_mac == *original.check_mac) {
          return Ok();
        }
        return Error{CKR_DEVICE_ERROR, "C_CopyObject",
                     "the module's copy is another key; it was destroyed again",
                     "the module or its device is faulty: replace it",
                     kNotAvailable};
      },
      original.check_mac};
  return maker(sized, creation);
}

}  // namespace sigtoken
