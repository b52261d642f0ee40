#include "signer/racf/command/commands.h"

#include <algorithm>
#include <array>
#include <utility>

#include "signer/racf/command/keyword.h"
#include "signer/racf/user_id.h"

namespace sigtoken {
namespace {

struct Command {
  std::string_view name;
  std::string_view abbreviation;
  CommandFunction run;
  bool changes = true;      // Whether it may change the store.
  bool takes_list = false;  // A list may stand behind its name.
  bool alone = false;       // Whether it stands outside of a transaction.
};

constexpr auto kCommands = std::to_array<Command>({
    {"RDEFINE", "RDEF", &Rdefine},
    {"RALTER", "RALT", &Ralter},
    {"RDELETE", "RDEL", &Rdelete},
    {"RLIST", "RL", &Rlist, false},
    {"SEARCH", "SR", &Search, false},
    {"SETROPTS", "SETR", &Setropts},
    {"ADDUSER", "AU", &Adduser, true, true},
    {"ALTUSER", "ALU", &Altuser, true, true},
    {"LISTUSER", "LU", &Listuser, false, true},
    {"DELUSER", "DU", &Deluser, true, true},
    {"RACDCERT", "RACDCERT", &Racdcert, false, false, true},
});

Result<const Command*> FindCommand(const Operand& operand) {
  const std::string& word = operand.word;
  const auto check_list = [&](bool takes_list) -> Status {
    if (takes_list || !operand.has_values) return Ok();
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "nothing stands in parentheses behind a command's name",
                   "write a blank, and the operands");
  };
  std::string known;
  for (const Command& command : kCommands) {
    if (command.name == word || command.abbreviation == word) {
      SIGTOKEN_TRY(check_list(command.takes_list));
      return &command;
    }
    known.append(known.empty() ? "" : ", ").append(command.name);
  }
  SIGTOKEN_TRY(check_list(false));
  // What cannot be a command's name may hold a password: ALTUSER=U=PASSWORD=X.
  return Refusal(
      kParameterInvalid, CKR_ARGUMENTS_BAD,
      "IKJ56500I COMMAND " + (IsUserId(word) ? word + " " : "") + "NOT FOUND",
      "known here: " + known);
}

// A command that can be run.
struct Prepared {
  const Command* command;
  std::vector<Operand> operands;
};

Result<Prepared> Prepare(const CommandText& text) {
  SIGTOKEN_ASSIGN(auto operands, ParseOperands(text.text));
  // A text of commas has none.
  if (operands.empty()) return Prepared{nullptr, {}};
  SIGTOKEN_ASSIGN(const Command* command, FindCommand(operands.front()));
  // A list stands there as the values of a keyword do.
  if (operands.front().has_values) {
    operands.front().word.clear();
    operands.insert(operands.begin(), Operand());
  }
  return Prepared{command, std::move(operands)};
}

// Whether it is the one command, and one that stands alone.
bool StandsAlone(std::span<const CommandText> commands) {
  if (commands.size() != 1) return false;
  const auto prepared = Prepare(commands.front());
  return prepared && prepared->command != nullptr && prepared->command->alone;
}

Status RunOne(CommandContext& context, const CommandText& text, bool alone) {
  SIGTOKEN_ASSIGN(const Prepared prepared, Prepare(text));
  if (prepared.command == nullptr) return Ok();
  if (prepared.command->alone && !alone) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   std::string(prepared.command->name) +
                       " cannot stand beside other commands: what it does to a "
                       "token is not undone where one of them fails",
                   "give it by itself");
  }
  return prepared.command->run(context,
                               std::span(prepared.operands).subspan(1));
}

// Whether one of them may change the store. Those that cannot be read do not.
bool MayChange(std::span<const CommandText> commands) {
  return std::any_of(commands.begin(), commands.end(),
                     [](const CommandText& text) {
                       const auto prepared = Prepare(text);
                       return prepared && prepared->command != nullptr &&
                              prepared->command->changes;
                     });
}

Status RunEach(CommandContext& context, std::span<const CommandText> commands) {
  for (const CommandText& command : commands) {
    auto done = RunOne(context, command, commands.size() == 1);
    if (done) continue;
    Error& error = done.error();
    if (commands.size() > 1) {
      error.message =
          "line " + std::to_string(command.line) + ": " + error.message;
      error.cure += "; none of the commands was carried out";
    }
    return std::move(error);
  }
  return Ok();
}

}  // namespace

Result<CommandOutput> RunCommands(Database& database,
                                  std::span<const CommandText> commands,
                                  Directory* directory) {
  CommandOutput output;
  Profiles profiles(database);
  StoredUsers users(database);
  const auto run = [&]() -> Status {
    SIGTOKEN_ASSIGN(const ClassOptions options, profiles.Options());
    CommandContext context{profiles, options, output, users, directory};
    return RunEach(context, commands);
  };
  if (StandsAlone(commands)) {
    SIGTOKEN_TRY(run());
    return output;
  }
  // Who only reads does not wait for who writes.
  if (!MayChange(commands)) {
    SIGTOKEN_TRY(profiles.AtOneMoment(run));
    return output;
  }
  SIGTOKEN_ASSIGN(auto transaction, database.Begin());
  SIGTOKEN_TRY(run());
  SIGTOKEN_TRY(transaction.Commit());
  return output;
}

Status CheckClass(const Operand& operand) {
  if (operand.word == kIdtData && !operand.has_values) return Ok();
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "the class " + Quoted(operand.word) + " is not kept here",
                 "use IDTDATA, the class of identity tokens");
}

Result<NamesAndKeywords> ReadNames(std::span<const Operand> operands,
                                   std::string_view command) {
  const auto missing = [&](const char* what) {
    return Refusal(
        kParameterInvalid, CKR_ARGUMENTS_BAD,
        std::string("IKJ56701I MISSING ") + what,
        "write " + std::string(command) + " IDTDATA JWT.appl.user.SAF");
  };
  if (operands.empty()) return missing("CLASS NAME");
  Operand class_name = operands[0];
  class_name.has_values = false;
  SIGTOKEN_TRY(CheckClass(class_name));
  NamesAndKeywords read;
  // A list of names stands behind the class as the values of a keyword do.
  if (operands[0].has_values) {
    for (const Operand& name : operands[0].values) {
      if (name.has_values) {
        return Refusal(
            kParameterInvalid, CKR_ARGUMENTS_BAD,
            "IKJ56702I INVALID PROFILE NAME, " + Printable(name.word),
            "write one name, or several in parentheses");
      }
      read.names.push_back(name.word);
    }
    read.keywords = operands.subspan(1);
  } else if (operands.size() > 1) {
    if (operands[1].has_values) {
      return Refusal(
          kParameterInvalid, CKR_ARGUMENTS_BAD,
          "IKJ56702I INVALID PROFILE NAME, " + Printable(operands[1].word),
          "write one name, or several in parentheses");
    }
    read.names.push_back(operands[1].word);
    read.keywords = operands.subspan(2);
  }
  if (read.names.empty()) return missing("PROFILE NAME");
  return read;
}

}  // namespace sigtoken
