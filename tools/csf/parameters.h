// The parameters that only ICSF's services have, as C hands them over.

#ifndef TOOLS_CSF_PARAMETERS_H_
#define TOOLS_CSF_PARAMETERS_H_

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/attribute_list.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/objects/state_objects.h"
#include "tools/c_library/parameters.h"

namespace sigtoken::csf {

// Those of every C library, which services read beside ICSF's own.
using c_library::FindRoom;
using c_library::LengthRange;
using c_library::ReadBytes;
using c_library::ReadLength;
using c_library::WriteBytes;
using c_library::WriteLength;

// Errors of all of them, as of those above: kParameterInvalid for a pointer
// that is NULL and may not be; kLengthInvalid for a length that is out of
// range.

// The order of integers in the lists of a program that was compiled here.
inline constexpr ByteOrder kOwnOrder = std::endian::native == std::endian::big
                                           ? ByteOrder::kBigEndian
                                           : ByteOrder::kLittleEndian;

// 44 characters.
Result<std::string_view> ReadHandle(const void* handle);

// The keywords, 8 characters each. Errors: kRuleArrayInvalid for a count that
// no service has.
Result<std::string_view> ReadRuleArray(const std::int32_t* count,
                                       const void* rule_array);

// As ReadBytes(), of at most kMaxAttributeListBytes.
Result<std::span<const std::uint8_t>> ReadAttributeList(
    std::string_view what, const std::int32_t* length, const void* list);

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

// Precondition: there is room, which ReadHandle() has seen.
void WriteHandle(void* to, const Handle& handle);

}  // namespace sigtoken::csf

#endif  // TOOLS_CSF_PARAMETERS_H_
