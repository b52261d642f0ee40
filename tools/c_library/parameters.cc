#include "tools/c_library/parameters.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace sigtoken::c_library {

Error IsNull(std::string_view what) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 std::string(what) + " is NULL", "pass its address");
}

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

Result<std::string_view> ReadText(std::string_view what, const void* text,
                                  std::size_t length) {
  if (text == nullptr) return IsNull(what);
  return std::string_view(static_cast<const char*>(text), length);
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

Result<std::span<std::uint8_t>> FindRoom(std::string_view what,
                                         const std::int32_t* length,
                                         void* bytes, LengthRange range) {
  SIGTOKEN_ASSIGN(const std::size_t size,
                  ReadLength(std::string(what) + "_length", length, range));
  if (size == 0) return std::span<std::uint8_t>();
  if (bytes == nullptr) return IsNull(what);
  return std::span(static_cast<std::uint8_t*>(bytes), size);
}

void WriteBytes(void* to, std::span<const std::uint8_t> bytes) {
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
}

void WriteLength(std::int32_t* to, std::size_t length) {
  // One that is needed may be more than any buffer can have.
  constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
  *to = static_cast<std::int32_t>(std::min(length, kMost));
}

}  // namespace sigtoken::c_library
