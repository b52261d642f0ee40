// The parameters of a service, as C hands them over: each read is checked.

#ifndef TOOLS_CSF_PARAMETERS_H_
#define TOOLS_CSF_PARAMETERS_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/attribute_list.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/objects/state_objects.h"

namespace sigtoken::csf {

// `what` is the parameter's name in csfbext.h, for messages.
//
// Errors of all of them: kParameterInvalid for a pointer that is NULL and may
// not be; kLengthInvalid for a length that is out of range, and then nothing
// behind the other pointer is read.

// The order of integers in the lists of a program that was compiled here.
inline constexpr ByteOrder kOwnOrder = std::endian::native == std::endian::big
                                           ? ByteOrder::kBigEndian
                                           : ByteOrder::kLittleEndian;

// The least and the greatest that a length may be.
struct LengthRange {
  std::size_t least = 0;
  std::size_t most = std::numeric_limits<std::int32_t>::max();
};

Result<std::size_t> ReadLength(std::string_view what,
                               const std::int32_t* length,
                               LengthRange range = {});

// 44 characters.
Result<std::string_view> ReadHandle(const void* handle);

// The keywords, 8 characters each. Errors: kRuleArrayInvalid for a count that
// no service has.
Result<std::string_view> ReadRuleArray(const std::int32_t* count,
                                       const void* rule_array);

// Input of `length` bytes; `bytes` may be NULL where that is 0.
Result<std::span<const std::uint8_t>> ReadBytes(std::string_view what,
                                                const std::int32_t* length,
                                                const void* bytes,
                                                LengthRange range = {});

// As ReadBytes(), of at most kMaxAttributeListBytes.
Result<std::span<const std::uint8_t>> ReadAttributeList(
    std::string_view what, const std::int32_t* length, const void* list);

// Room for `length` bytes of output.
Result<std::span<std::uint8_t>> FindRoom(std::string_view what,
                                         const std::int32_t* length,
                                         void* bytes, LengthRange range = {});

// Errors: kParameterInvalid for a text in another address space.
Status CheckTextId(const std::int32_t* text_id);

// A copy of the caller's chain data: the services write to it, and the caller
// is to see that after success alone.
class ChainDataCopy {
 public:
  static Result<ChainDataCopy> Read(const std::int32_t* length,
                                    void* chain_data);

  ChainData bytes() { return bytes_; }
  void WriteBack(std::int32_t* length) const;

 private:
  explicit ChainDataCopy(std::uint8_t* theirs);

  std::uint8_t* theirs_;
  std::array<std::uint8_t, kChainDataBytes> bytes_{};
};

// Precondition of all: there is room, which the functions above have seen.
void WriteBytes(void* to, std::span<const std::uint8_t> bytes);
void WriteHandle(void* to, const Handle& handle);
void WriteLength(std::int32_t* to, std::size_t length);

}  // namespace sigtoken::csf

#endif  // TOOLS_CSF_PARAMETERS_H_
