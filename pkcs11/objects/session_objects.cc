#include "pkcs11/objects/session_objects.h"

#include <utility>

namespace sigtoken {

std::uint32_t SessionObjects::NextSequence(const TokenName& token) {
  const std::lock_guard lock(mutex_);
  return ++last_sequence_[token];
}

void SessionObjects::Put(const Handle& handle, SessionRecord record) {
  const std::lock_guard lock(mutex_);
  records_.insert_or_assign(handle, std::move(record));
}

std::optional<SessionRecord> SessionObjects::Find(const Handle& handle) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(handle);
  if (found == records_.end()) return std::nullopt;
  return found->second;
}

void SessionObjects::Remove(const Handle& handle) {
  const std::lock_guard lock(mutex_);
  records_.erase(handle);
}

void SessionObjects::RemoveAllOf(const TokenName& token) {
  const std::lock_guard lock(mutex_);
  std::erase_if(records_, [&](const auto& entry) {
    return entry.first.token_name() == token;
  });
}

}  // namespace sigtoken
