#include "pkcs11/tokens/handle_reuse.h"

#include <cstddef>
#include <optional>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/trial_key.h"

namespace sigtoken {
namespace {

// A size that every module at hand generates.
constexpr std::size_t kBytes = 32;

// The handle of an object that is destroyed again.
std::optional<CK_OBJECT_HANDLE> HandleOfOne(Session& session) {
  const auto object = MakeTrialKey(session, kBytes);
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
