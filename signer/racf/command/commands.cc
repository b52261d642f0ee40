#include "signer/racf/command/commands.h"

#include <array>
#include <utility>

#include "signer/racf/command/keyword.h"

namespace sigtoken {
namespace {

struct Command {
  std::string_view name;
  std::string_view abbreviation;
  CommandFunction run;
};

constexpr auto kCommands = std::to_array<Command>({
    {"RDEFINE", "RDEF", &Rdefine},
    {"RALTER", "RALT", &Ralter},
    {"RDELETE", "RDEL", &Rdelete},
    {"RLIST", "RL", &Rlist},
    {"SEARCH", "SR", &Search},
    {"SETROPTS", "SETR", &Setropts},
});

Result<const Command*> FindCommand(const std::string& word) {
  std::string known;
  for (const Command& command : kCommands) {
    if (command.name == word || command.abbreviation == word) return &command;
    known.append(known.empty() ? "" : ", ").append(command.name);
  }
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "IKJ56500I COMMAND " + Printable(word) + " NOT FOUND",
                 "known here: " + known);
}

Status RunOne(CommandContext& context, const CommandText& command) {
  SIGTOKEN_ASSIGN(const auto operands, ParseOperands(command.text));
  if (operands.empty()) return Ok();
  SIGTOKEN_ASSIGN(const Command* found, FindCommand(operands.front().word));
  return found->run(context, std::span(operands).subspan(1));
}

}  // namespace

Result<CommandOutput> RunCommands(Database& database,
                                  std::span<const CommandText> commands) {
  CommandOutput output;
  SIGTOKEN_ASSIGN(auto transaction, database.Begin());
  Profiles profiles(database);
  SIGTOKEN_ASSIGN(const ClassOptions options, profiles.Options());
  CommandContext context{profiles, options, output};
  for (const CommandText& command : commands) {
    auto done = RunOne(context, command);
    if (done) continue;
    Error& error = done.error();
    if (commands.size() > 1) {
      error.message =
          "line " + std::to_string(command.line) + ": " + error.message;
      error.cure += "; none of the commands was carried out";
    }
    return std::move(error);
  }
  SIGTOKEN_TRY(transaction.Commit());
  return output;
}

Status CheckClass(const Operand& operand) {
  if (operand.word == kIdtData && !operand.has_values) return Ok();
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "the class " + Quoted(operand.word) + " is not kept here",
                 "use IDTDATA, the class of identity tokens");
}

Result<std::vector<std::string>> ClassAndNames(
    std::span<const Operand> operands, std::string_view command) {
  if (operands.size() < 2) {
    return Refusal(
        kParameterInvalid, CKR_ARGUMENTS_BAD,
        "IKJ56701I MISSING " +
            std::string(operands.empty() ? "CLASS NAME" : "PROFILE NAME"),
        "write " + std::string(command) + " IDTDATA JWT.appl.user.SAF");
  }
  SIGTOKEN_TRY(CheckClass(operands[0]));
  const Operand& names = operands[1];
  if (!names.has_values) return std::vector<std::string>{names.word};
  std::vector<std::string> list;
  for (const Operand& name : names.values) {
    if (name.has_values || !names.word.empty()) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     "IKJ56702I INVALID PROFILE NAME, " +
                         Printable(names.word.empty() ? name.word : names.word),
                     "write one name, or several in parentheses");
    }
    list.push_back(name.word);
  }
  if (!list.empty()) return list;
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "IKJ56701I MISSING PROFILE NAME", "write one, or several");
}

}  // namespace sigtoken
