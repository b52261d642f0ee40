#include "tools/csf/parameters.h"

#include <cstring>
#include <string>

#include "pkcs11/icsf/rule_array.h"

namespace sigtoken::csf {
namespace {

// No service of the family has more (z/OS ICSF Application Programmer's Guide,
// "Using PKCS #11 callable services").
constexpr std::int32_t kMostKeywords = 3;

}  // namespace

Result<std::string_view> ReadHandle(const void* handle) {
  return c_library::ReadText("the handle", handle, Handle::kLength);
}

Result<std::string_view> ReadRuleArray(const std::int32_t* count,
                                       const void* rule_array) {
  if (count == nullptr) return c_library::IsNull("rule_array_count");
  if (*count < 0 || *count > kMostKeywords) {
    return Refusal(kRuleArrayInvalid, CKR_ARGUMENTS_BAD,
                   "rule_array_count is " + std::to_string(*count),
                   "pass the number of keywords, of 8 characters each");
  }
  if (*count == 0) return std::string_view();
  return c_library::ReadText("rule_array", rule_array,
                             static_cast<std::size_t>(*count) * kKeywordLength);
}

Result<std::span<const std::uint8_t>> ReadAttributeList(
    std::string_view what, const std::int32_t* length, const void* list) {
  return ReadBytes(what, length, list, {0, kMaxAttributeListBytes});
}

Status CheckTextId(const std::int32_t* text_id) {
  if (text_id == nullptr) return c_library::IsNull("text_id");
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

void WriteHandle(void* to, const Handle& handle) {
  std::memcpy(to, handle.Format().data(), Handle::kLength);
}

}  // namespace sigtoken::csf
