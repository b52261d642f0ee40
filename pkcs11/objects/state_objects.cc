#include "pkcs11/objects/state_objects.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace sigtoken {
namespace {

std::string_view HandleIn(std::span<const std::uint8_t> chain_data) {
  return {reinterpret_cast<const char*>(chain_data.data()), Handle::kLength};
}

Error Gone() {
  return Refusal(kSessionObjectGone, CKR_SESSION_HANDLE_INVALID,
                 "the chain data refers to no state object of this process",
                 "begin the chain again with FIRST, in the process that goes "
                 "on with it");
}

}  // namespace

StateObjects::StateObjects() { randombytes_buf(nonce_.data(), nonce_.size()); }

Status StateObjects::Add(const TokenName& token, bool secure,
                         std::shared_ptr<ChainState> state,
                         ChainData chain_data) {
  const std::lock_guard lock(mutex_);
  if (states_.size() >= kMostObjects) {
    return Refusal(kNoRoom, CKR_HOST_MEMORY,
                   "this process has " + std::to_string(kMostObjects) +
                       " state objects already",
                   "end chains with LAST, or free their state objects with "
                   "CSFPTRD");
  }
  // Numbers come back after four thousand million: not while one is in use.
  Handle handle(token);
  do {
    if (++last_sequence_ == 0) ++last_sequence_;
    handle = Handle(token, {last_sequence_, secure ? 'Z' : 'U'});
  } while (states_.contains(handle));
  states_.emplace(handle, std::move(state));
  const std::string text = handle.Format();
  std::fill(chain_data.begin(), chain_data.end(), std::uint8_t{0});
  std::memcpy(chain_data.data(), text.data(), text.size());
  std::memcpy(chain_data.data() + text.size(), nonce_.data(), nonce_.size());
  return Ok();
}

// Precondition: mutex_ is held. Null where there is none.
const std::shared_ptr<ChainState>* StateObjects::Look(
    std::span<const std::uint8_t, kChainDataBytes> chain_data) const {
  const auto nonce = chain_data.subspan(Handle::kLength, nonce_.size());
  if (!std::equal(nonce.begin(), nonce.end(), nonce_.begin())) return nullptr;
  const auto handle = Handle::Parse(HandleIn(chain_data));
  if (!handle) return nullptr;
  const auto found = states_.find(*handle);
  return found == states_.end() ? nullptr : &found->second;
}

Result<std::shared_ptr<ChainState>> StateObjects::Find(
    std::span<const std::uint8_t, kChainDataBytes> chain_data) const {
  const std::lock_guard lock(mutex_);
  const auto* state = Look(chain_data);
  if (state == nullptr) return Gone();
  return *state;
}

void StateObjects::Remove(
    std::span<const std::uint8_t, kChainDataBytes> chain_data) {
  std::shared_ptr<ChainState> freed;  // Outside of the lock.
  const std::lock_guard lock(mutex_);
  const auto* state = Look(chain_data);
  if (state == nullptr) return;
  freed = *state;
  states_.erase(*Handle::Parse(HandleIn(chain_data)));
}

Status StateObjects::Delete(const Handle& handle) {
  std::shared_ptr<ChainState> freed;
  const std::lock_guard lock(mutex_);
  const auto found = states_.find(handle);
  if (found == states_.end()) {
    return Refusal(kObjectGone, CKR_OBJECT_HANDLE_INVALID,
                   "the state object " + handle.FormatShort() +
                       " is gone already, or is another process's",
                   "nothing is left to do: LAST frees it too");
  }
  freed = std::move(found->second);
  states_.erase(found);
  return Ok();
}

void StateObjects::DeleteAllOf(const TokenName& token) {
  const std::lock_guard lock(mutex_);
  std::erase_if(states_, [&](const auto& entry) {
    return entry.first.token_name() == token;
  });
}

std::size_t StateObjects::size() const {
  const std::lock_guard lock(mutex_);
  return states_.size();
}

}  // namespace sigtoken
