// The parameters of a service, as C hands them over: each read is checked.

#ifndef TOOLS_C_LIBRARY_PARAMETERS_H_
#define TOOLS_C_LIBRARY_PARAMETERS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "pkcs11/base/result.h"

namespace sigtoken::c_library {

// `what` is the parameter's name in the library's header, for messages.
//
// Errors of all of them: kParameterInvalid for a pointer that is NULL and may
// not be; kLengthInvalid for a length that is out of range, and then nothing
// behind the other pointer is read.

// The error of the first.
Error IsNull(std::string_view what);

// The least and the greatest that a length may be.
struct LengthRange {
  std::size_t least = 0;
  std::size_t most = std::numeric_limits<std::int32_t>::max();
};

Result<std::size_t> ReadLength(std::string_view what,
                               const std::int32_t* length,
                               LengthRange range = {});

// Text of a fixed length, in bytes. No NUL ends it, and none is looked for.
Result<std::string_view> ReadText(std::string_view what, const void* text,
                                  std::size_t length);

// Input of `length` bytes; `bytes` may be NULL where that is 0. The length's
// name is `what` and "_length".
Result<std::span<const std::uint8_t>> ReadBytes(std::string_view what,
                                                const std::int32_t* length,
                                                const void* bytes,
                                                LengthRange range = {});

// Room for `length` bytes of output; the same of NULL and of names.
Result<std::span<std::uint8_t>> FindRoom(std::string_view what,
                                         const std::int32_t* length,
                                         void* bytes, LengthRange range = {});

// Precondition of both: there is room, which the functions above have seen.
void WriteBytes(void* to, std::span<const std::uint8_t> bytes);
void WriteLength(std::int32_t* to, std::size_t length);

}  // namespace sigtoken::c_library

#endif  // TOOLS_C_LIBRARY_PARAMETERS_H_
