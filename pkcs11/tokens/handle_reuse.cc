#include "pkcs11/tokens/handle_reuse.h"

#include <atomic>
#include <cstddef>
#include <optional>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/trial_key.h"

namespace sigtoken {
namespace {

// A size that every module at hand generates.
constexpr std::size_t kBytes = 32;

// Of the process: safe for whoever says nothing.
std::atomic<bool> modules_may_be_shared = true;

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

void SetModulesMayBeShared(bool may) { modules_may_be_shared = may; }

bool ModulesMayBeShared() { return modules_may_be_shared; }

}  // namespace sigtoken
