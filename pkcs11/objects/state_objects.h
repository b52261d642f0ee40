// State objects: what a chain of calls has come to so far.

#ifndef PKCS11_OBJECTS_STATE_OBJECTS_H_
#define PKCS11_OBJECTS_STATE_OBJECTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/handle.h"

namespace sigtoken {

// Every service that chains calls takes 128 bytes of chain data (z/OS ICSF
// Application Programmer's Guide, CSFPHMG).
inline constexpr std::size_t kChainDataBytes = 128;
using ChainData = std::span<std::uint8_t, kChainDataBytes>;

// What a service keeps from FIRST to LAST.
class ChainState {
 public:
  ChainState() = default;
  ChainState(const ChainState&) = delete;
  ChainState& operator=(const ChainState&) = delete;
  virtual ~ChainState() = default;

  // One call at a time: a chain that several threads continue is one text in
  // the order of their calls.
  std::mutex mutex;
};

// The state objects of one process, of category U, or Z for a secure key. Their
// chain data is a reference: the 44-character handle, by which CSFPTRD frees
// it, and a number that no other process has; nothing of the text or the key.
//
// Thread safe.
class StateObjects {
 public:
  // Ours, so that a program that never ends its chains is told.
  static constexpr std::size_t kMostObjects = 65'536;

  StateObjects();

  // Keeps `state` in `token`, and writes its reference to `chain_data`. Errors:
  // kNoRoom.
  Status Add(const TokenName& token, bool secure,
             std::shared_ptr<ChainState> state, ChainData chain_data);

  // The state that `chain_data` refers to. Errors: kSessionObjectGone where it
  // was freed, and for data that this process has not made.
  Result<std::shared_ptr<ChainState>> Find(
      std::span<const std::uint8_t, kChainDataBytes> chain_data) const;

  // Frees what `chain_data` refers to; fine where that was done.
  void Remove(std::span<const std::uint8_t, kChainDataBytes> chain_data);

  // Frees a state object by its handle. Errors: kObjectGone where there is
  // none.
  Status Delete(const Handle& handle);

  // Frees those of a token that is deleted.
  void DeleteAllOf(const TokenName& token);

  std::size_t size() const;

 private:
  using Nonce = std::array<std::uint8_t, 16>;

  const std::shared_ptr<ChainState>* Look(
      std::span<const std::uint8_t, kChainDataBytes> chain_data) const;

  Nonce nonce_{};
  mutable std::mutex mutex_;
  std::uint32_t last_sequence_ = 0;
  std::map<Handle, std::shared_ptr<ChainState>> states_;
};

}  // namespace sigtoken

#endif  // PKCS11_OBJECTS_STATE_OBJECTS_H_
