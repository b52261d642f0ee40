// The RACF commands for the profiles and users of identity tokens.

#ifndef SIGNER_RACF_COMMAND_COMMANDS_H_
#define SIGNER_RACF_COMMAND_COMMANDS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/store/database.h"
#include "signer/racf/command/operand.h"
#include "signer/racf/profile/profiles.h"
#include "signer/racf/users/stored_users.h"

namespace sigtoken {

class Directory;

// What a command prints, and whether it found something (SEARCH may not).
struct CommandOutput {
  std::vector<std::string> lines;
  bool found = true;
  // Why LISTTOKEN(*) could not look at some of the tokens.
  std::vector<Error> errors = {};
};

// What the commands of one transaction work on.
struct CommandContext {
  Profiles& profiles;
  ClassOptions options;  // As they are now; SETROPTS changes both.
  CommandOutput& output;
  StoredUsers& users;
  Directory* directory = nullptr;  // Where RACDCERT finds its tokens.

  void Print(std::string line) const {
    output.lines.push_back(std::move(line));
  }
  // Whether a name with generic characters is a generic one.
  bool generics() const { return options.generic || options.gencmd; }
};

// Runs commands as TSO does (z/OS Security Server RACF Command Language
// Reference): RDEFINE, RALTER, RDELETE, RLIST, SEARCH and SETROPTS, by their
// names or RACF's abbreviations, for the class IDTDATA alone, and ADDUSER,
// ALTUSER, LISTUSER and DELUSER. All of them, in one transaction, or none: the
// first that fails undoes those before it, and its error names its line when
// there are several. Messages that begin with a number are RACF's, as far as
// their texts are known to us.
//
// The value of a password or phrase is looked at for its length and is then
// forgotten: it is in no store, output or error.
//
// RACDCERT works on the tokens of `directory`, whose store `database` is, and
// is refused without. What it does to a token is done at once and cannot be
// undone: it is refused beside other commands.
//
// Errors: kParameterInvalid; kNotAvailable of the store; those of Racdcert().
Result<CommandOutput> RunCommands(Database& database,
                                  std::span<const CommandText> commands,
                                  Directory* directory = nullptr);

// The commands that make the profiles, users and options of `database` in an
// empty store, the same ones for the same store. What SETROPTS RACLIST has put
// aside is not among them: where it is older than the profiles, a comment says
// so. Revoke counts are not among them either, and a placeholder stands for
// each password.
Result<std::string> ExportCommands(Database& database);

// The IDTPARMS segments as z/OS's database unload writes them: records of type
// 05K0 (OA63462, 3.5.1) in fixed columns, one a line. Where nothing was said,
// the default stands there; the key's name has none.
Result<std::string> UnloadProfiles(Database& database);

// One function a file for each command; `operands` are those behind its name.
using CommandFunction = Status (*)(CommandContext& context,
                                   std::span<const Operand> operands);
Status Rdefine(CommandContext& context, std::span<const Operand> operands);
Status Ralter(CommandContext& context, std::span<const Operand> operands);
Status Rdelete(CommandContext& context, std::span<const Operand> operands);
Status Rlist(CommandContext& context, std::span<const Operand> operands);
Status Search(CommandContext& context, std::span<const Operand> operands);
Status Setropts(CommandContext& context, std::span<const Operand> operands);
Status Adduser(CommandContext& context, std::span<const Operand> operands);
Status Altuser(CommandContext& context, std::span<const Operand> operands);
Status Listuser(CommandContext& context, std::span<const Operand> operands);
Status Deluser(CommandContext& context, std::span<const Operand> operands);
// Outside of a transaction: tokens have their locks before the store. Errors:
// as Directory has them for tokens that are made, deleted and found.
Status Racdcert(CommandContext& context, std::span<const Operand> operands);

// `operand` is the name of the class IDTDATA. Errors: kParameterInvalid, which
// names any other class.
Status CheckClass(const Operand& operand);

// The profile names with which RDEFINE, RALTER, RDELETE and RLIST begin, behind
// the class, and what follows them.
struct NamesAndKeywords {
  std::vector<std::string> names;
  std::span<const Operand> keywords;
};
// Errors: kParameterInvalid, also for another class than IDTDATA.
Result<NamesAndKeywords> ReadNames(std::span<const Operand> operands,
                                   std::string_view command);

}  // namespace sigtoken

#endif  // SIGNER_RACF_COMMAND_COMMANDS_H_
