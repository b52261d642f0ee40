// What a command reads: files and standard input.

#ifndef TOOLS_CLI_INPUT_H_
#define TOOLS_CLI_INPUT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "pkcs11/base/result.h"

namespace sigtoken::cli {

// The largest text to sign: what all modules at hand were seen to take.
inline constexpr std::size_t kMaxDataBytes = std::size_t{128} << 20;

// What to do where a token came as an argument.
inline constexpr std::string_view kTokensComeBy =
    "tokens come by file or standard input: everybody on this machine can read "
    "arguments";

// Whether `text` begins as a JSON object does in base64url and has two periods.
// A token is a credential, so no message repeats such a text.
bool LooksLikeToken(std::string_view text);

// All of the file, or of standard input for "-" and "". Errors:
// kParameterInvalid, also for more than `max_bytes`.
Result<std::string> ReadInput(const std::string& file, std::size_t max_bytes);

// As ReadInput(), of a text of whole commands, which has no NUL: what has one
// is refused there, however long it would be.
Result<std::string> ReadCommands(const std::string& file,
                                 std::size_t max_bytes);

// An identity token: as ReadInput, without the one newline that an editor or a
// shell leaves at its end. Everything else that does not belong there stays in
// and is refused with the token. Of a longer text one byte more than a token
// may have comes back: it is the token that is refused, not the file.
Result<std::string> ReadToken(const std::string& file);

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_INPUT_H_
