#include "pkcs11/tokens/handle_reuse.h"

#include <optional>

#include "pkcs11/cryptoki/objects.h"

namespace sigtoken {
namespace {

// A size that every module at hand generates.
constexpr CK_ULONG kBytes = 32;

// The handle of an object that is destroyed again.
std::optional<CK_OBJECT_HANDLE> HandleOfOne(Session& session) {
  Attributes attributes;
  attributes.Number(CKA_CLASS, CKO_SECRET_KEY)
      .Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
      .Flag(CKA_TOKEN, false)
      .Flag(CKA_PRIVATE, true)
      .Flag(CKA_SENSITIVE, true)
      .Flag(CKA_EXTRACTABLE, false)
      .Flag(CKA_SIGN, true)
      .Number(CKA_VALUE_LEN, kBytes);
  const auto object = GenerateGenericSecret(session, attributes);
  if (!object || !DestroyObject(session, *object)) return std::nullopt;
  return *object;
}

}  // namespace

bool MayReuseHandles(const HostLock::Exclusive& /*held*/, Session& session) {
  const auto first = HandleOfOne(session);
  if (!first) return true;
  const auto second = HandleOfOne(session);
  return !second || *second == *first;
}

}  // namespace sigtoken
