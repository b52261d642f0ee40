#include "tools/csf/parameters.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include "pkcs11/icsf/rule_array.h"

namespace sigtoken::csf {
namespace {

// No service of the family has more (z/OS ICSF Application Programmer's Guide,
// "Using PKCS #11 callable services").
constexpr std::int32_t kMostKeywords = 3;

Error IsNull(std::string_view what) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 std::string(what) + " is NULL", "pass its address");
}

std::string_view Text(const void* bytes, std::size_t size) {
  return {static_cast<const char*>(bytes), size};
}

}  // namespace

Result<std::size_t> ReadLength(std::string_view what,
                               const std::int32_t* length, LengthRange range) {
  if (length == nullptr) return IsNull(what);
  const std::int64_t given = *length;
  if (given >= 0 && static_cast<std::size_t>(given) >= range.least &&
      static_cast<std::size_t>(given) <= range.most) {
    return static_cast<std::size_t>(given);
  }
  return Refusal(kLengthInvalid, CKR_ARGUMENTS_BAD,
                 std::string(what) + " is " + std::to_string(given),
                 "pass a length from " + std::to_string(range.least) + " to " +
                     std::to_string(range.most));
}

Result<std::string_view> ReadHandle(const void* handle) {
  if (handle == nullptr) return IsNull("the handle");
  return Text(handle, Handle::kLength);
}

Result<std::string_view> ReadRuleArray(const std::int32_t* count,
                                       const void* rule_array) {
  if (count == nullptr) return IsNull("rule_array_count");
  if (*count < 0 || *count > kMostKeywords) {
    return Refusal(kRuleArrayInvalid, CKR_ARGUMENTS_BAD,
                   "rule_array_count is " + std::to_string(*count),
                   "pass the number of keywords, of 8 characters each");
  }
  if (*count == 0) return std::string_view();
  if (rule_array == nullptr) return IsNull("rule_array");
  return Text(rule_array, static_cast<std::size_t>(*count) * kKeywordLength);
}

Result<std::span<const std::uint8_t>> ReadBytes(std::string_view what,
                                                const std::int32_t* length,
                                                const void* bytes,
                                                LengthRange range) {
  SIGTOKEN_ASSIGN(const std::size_t size,
                  ReadLength(std::string(what) + "_length", length, range));
  if (size == 0) return std::span<const std::uint8_t>();
  if (bytes == nullptr) return IsNull(what);
  return std::span(static_cast<const std::uint8_t*>(bytes), size);
}

Result<std::span<const std::uint8_t>> ReadAttributeList(
    std::string_view what, const std::int32_t* length, const void* list) {
  return ReadBytes(what, length, list, {0, kMaxAttributeListBytes});
}

Result<std::span<std::uint8_t>> FindRoom(std::string_view what,
                                         const std::int32_t* length,
                                         void* bytes, LengthRange range) {
  SIGTOKEN_ASSIGN(const std::size_t size,
                  ReadLength(std::string(what) + "_length", length, range));
  if (size == 0) return std::span<std::uint8_t>();
  if (bytes == nullptr) return IsNull(what);
  return std::span(static_cast<std::uint8_t*>(bytes), size);
}

Status CheckTextId(const std::int32_t* text_id) {
  if (text_id == nullptr) return IsNull("text_id");
  if (*text_id == 0) return Ok();
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "text_id is " + std::to_string(*text_id) +
                     ", an address space that is not there",
                 "pass 0: the text is in the caller's own");
}

ChainDataCopy::ChainDataCopy(std::uint8_t* theirs) : theirs_(theirs) {
  std::memcpy(bytes_.data(), theirs_, bytes_.size());
}

Result<ChainDataCopy> ChainDataCopy::Read(const std::int32_t* length,
                                          void* chain_data) {
  SIGTOKEN_ASSIGN(const auto room, FindRoom("chain_data", length, chain_data,
                                            {kChainDataBytes}));
  return ChainDataCopy(room.data());
}

void ChainDataCopy::WriteBack(std::int32_t* length) const {
  std::memcpy(theirs_, bytes_.data(), bytes_.size());
  WriteLength(length, bytes_.size());
}

void WriteBytes(void* to, std::span<const std::uint8_t> bytes) {
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
}

void WriteHandle(void* to, const Handle& handle) {
  std::memcpy(to, handle.Format().data(), Handle::kLength);
}

void WriteLength(std::int32_t* to, std::size_t length) {
  // One that is needed may be more than any buffer can have.
  constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
  *to = static_cast<std::int32_t>(std::min(length, kMost));
}

}  // namespace sigtoken::csf
