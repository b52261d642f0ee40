#include "signer/mac/collected_text.h"

#include <atomic>
#include <string>

namespace sigtoken {
namespace {

// Of the process, as its memory is. Never destroyed: texts may go late.
constinit std::atomic<std::size_t> taken_by_all = 0;

Error NoRoom(const std::string& whose, std::size_t most) {
  return Refusal(kNoRoom, CKR_HOST_MEMORY,
                 "the text of " + whose + " is longer than " +
                     std::to_string(most >> 20U) +
                     " MiB, which sigtoken keeps for it",
                 "end chains with LAST, or pass the whole text with ONLY, "
                 "which has no such limit");
}

}  // namespace

Status CollectedText::Append(std::span<const std::uint8_t> text) {
  if (text.size() > kMostBytes - bytes_.size()) {
    return NoRoom("one chain", kMostBytes);
  }
  const std::size_t before = taken_by_all.fetch_add(text.size());
  taken_ += text.size();
  if (before + text.size() > kMostBytesOfAll) {
    GiveBack(bytes_.size());
    return NoRoom("all chains", kMostBytesOfAll);
  }
  bytes_.insert(bytes_.end(), text.begin(), text.end());
  return Ok();
}

void CollectedText::CutTo(std::size_t size) {
  bytes_.resize(size);
  GiveBack(size);
}

void CollectedText::GiveBack(std::size_t keep) {
  taken_by_all -= taken_ - keep;
  taken_ = keep;
}

}  // namespace sigtoken
