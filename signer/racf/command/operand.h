// The text of RACF commands, and the operands in it.

#ifndef SIGNER_RACF_COMMAND_OPERAND_H_
#define SIGNER_RACF_COMMAND_OPERAND_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"

namespace sigtoken {

// A word, and what stands in the parentheses behind it, with or without blanks
// between. A word that was not quoted is folded to upper case, as TSO does. A
// list that nothing stands before has no word.
struct Operand {
  std::string word;
  bool quoted = false;
  bool has_values = false;  // Parentheses are there; they may be empty.
  std::vector<Operand> values;
};

// One command of a text, with the number of its first line.
struct CommandText {
  std::string text;
  std::size_t line = 1;
};

inline constexpr std::size_t kMaxCommandLength = 32'760;

// The commands of a file: one a line, unless the line ends with - (the next one
// is taken as it is) or + (without the blanks in front of it). Comments of
// /* and */ count as a blank, and lines that are empty otherwise as nothing
// (z/OS TSO/E User's Guide, "Entering commands"). Errors: kParameterInvalid,
// with the line.
Result<std::vector<CommandText>> SplitCommands(std::string_view text);

// The words of one command, the first of which is its name, between blanks or
// commas. 'a''b' is the quoted word a'b. Errors: kParameterInvalid.
Result<std::vector<Operand>> ParseOperands(std::string_view command);

}  // namespace sigtoken

#endif  // SIGNER_RACF_COMMAND_OPERAND_H_
