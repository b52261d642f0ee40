// Where the text of commands speaks of passwords.

#ifndef SIGNER_RACF_COMMAND_PASSWORD_WORDS_H_
#define SIGNER_RACF_COMMAND_PASSWORD_WORDS_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "signer/racf/command/operand.h"

namespace sigtoken {

// Whether one of the commands has what may be the value of a password or a
// phrase for ADDUSER or ALTUSER. Commands need not be well formed for that:
// where in doubt, they have one.
bool GivesPassword(std::span<const CommandText> commands);

// The same for a text that may be a part of any command.
bool GivesPassword(std::string_view text);

// A PASSWORD or PHRASE that has no value, in any abbreviation.
struct WantedPassword {
  std::size_t end;  // Where the value belongs in the text of the command.
  bool is_phrase;
};
// Those of ADDUSER and ALTUSER, in their order; other commands have none.
std::vector<WantedPassword> WantedPasswords(std::string_view command);

}  // namespace sigtoken

#endif  // SIGNER_RACF_COMMAND_PASSWORD_WORDS_H_
