// CollectedText: the text of a chain of MACs, until its last call.

#ifndef SIGNER_MAC_COLLECTED_TEXT_H_
#define SIGNER_MAC_COLLECTED_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "pkcs11/base/cleansed_bytes.h"
#include "pkcs11/base/result.h"

namespace sigtoken {

// A module takes a text in one call, so it is put together here, in memory that
// is overwritten when it goes. Not thread safe; the bound on all of them is.
class CollectedText {
 public:
  // Both ours: ICSF's bound on a text is not known, and it needs no memory for
  // one.
  static constexpr std::size_t kMostBytes = std::size_t{64} << 20;
  static constexpr std::size_t kMostBytesOfAll = std::size_t{256} << 20;

  CollectedText() = default;
  CollectedText(CollectedText&& other) noexcept
      : bytes_(std::move(other.bytes_)),
        taken_(std::exchange(other.taken_, 0)) {}
  CollectedText& operator=(CollectedText&&) = delete;
  ~CollectedText() { GiveBack(0); }

  // Errors: kNoRoom where this text, or all texts of the process, would become
  // too long; nothing is changed.
  Status Append(std::span<const std::uint8_t> text);

  // Takes back what was appended behind the first `size` bytes.
  void CutTo(std::size_t size);

  std::span<const std::uint8_t> bytes() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }

 private:
  void GiveBack(std::size_t keep);

  CleansedBytes bytes_;
  std::size_t taken_ = 0;  // Of kMostBytesOfAll.
};

}  // namespace sigtoken

#endif  // SIGNER_MAC_COLLECTED_TEXT_H_
