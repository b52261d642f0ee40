// What a command reads: files and standard input.

#ifndef TOOLS_CLI_INPUT_H_
#define TOOLS_CLI_INPUT_H_

#include <cstddef>
#include <string>

#include "pkcs11/base/result.h"

namespace sigtoken::cli {

// The largest text to sign: what all modules at hand were seen to take.
inline constexpr std::size_t kMaxDataBytes = std::size_t{128} << 20;

// All of the file, or of standard input for "-" and "". Errors:
// kParameterInvalid, also for more than `max_bytes`.
Result<std::string> ReadInput(const std::string& file, std::size_t max_bytes);

// An identity token: as ReadInput, without the one newline that an editor or a
// shell leaves at its end. Everything else that does not belong there stays in
// and is refused with the token. Of a longer text one byte more than a token
// may have comes back: it is the token that is refused, not the file.
Result<std::string> ReadToken(const std::string& file);

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_INPUT_H_
