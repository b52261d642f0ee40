// sigtoken racf

#include <unistd.h>

#include <string>
#include <vector>

#include "pkcs11/setup/pin_prompt.h"
#include "signer/racf/command/commands.h"
#include "signer/racf/command/password_words.h"
#include "tools/cli/command.h"
#include "tools/cli/input.h"
#include "tools/cli/report.h"

namespace sigtoken::cli {
namespace {

// Room for more than a million profiles.
constexpr std::size_t kMaxFileBytes = std::size_t{512} << 20;

struct Options {
  std::vector<std::string> words;
  std::string file;
  bool do_export = false;
  bool unload = false;
};

// Asks for what PASSWORD and PHRASE leave out. Of a value nothing but its
// length counts, so the command gets as many characters as were typed, and not
// those.
Status AskForPasswords(CommandText& command) {
  std::string text;
  std::size_t done = 0;
  for (const WantedPassword& wanted : WantedPasswords(command.text)) {
    const std::string name = wanted.is_phrase ? "password phrase" : "password";
    auto typed = AskForPin("New " + name, wanted.is_phrase ? 100 : 8);
    if (!typed) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     "no " + name + " of " +
                         (wanted.is_phrase ? "9 to 100" : "1 to 8") +
                         " characters was typed",
                     "run this again and type it");
    }
    text += command.text.substr(done, wanted.end - done);
    text += "('" + std::string(typed->size(), 'X') + "')";
    done = wanted.end;
  }
  command.text = text + command.text.substr(done);
  return Ok();
}

Result<std::vector<CommandText>> CommandsOfArguments(
    const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text.append(text.empty() ? "" : " ").append(word);
  }
  SIGTOKEN_ASSIGN(auto commands, SplitCommands(text));
  if (GivesPassword(commands)) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "passwords are not taken from arguments, which everybody on "
                   "this machine can read",
                   "write the command to standard input or into a file for "
                   "--file; change the password if it is in use");
  }
  if (isatty(STDIN_FILENO) != 0) {
    for (CommandText& command : commands)
      SIGTOKEN_TRY(AskForPasswords(command));
  }
  return commands;
}

Result<std::vector<CommandText>> Commands(const Options& options) {
  if (!options.words.empty() && !options.file.empty()) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "a command and --file contradict each other",
                   "give one of them");
  }
  if (!options.words.empty()) return CommandsOfArguments(options.words);
  SIGTOKEN_ASSIGN(const std::string text,
                  ReadCommands(options.file, kMaxFileBytes));
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, "there is no command",
                   "write one behind 'racf', into a file, or to standard "
                   "input: SETROPTS LIST");
  }
  return SplitCommands(text);
}

// What is in the store, as a text in the place of a command's messages.
Result<Answer> Write(Context& context, const Options& options) {
  if (!options.words.empty() || !options.file.empty() ||
      (options.do_export && options.unload)) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "--export and --unload take no command, nor each other",
                   "give one of them alone");
  }
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  Answer answer;
  SIGTOKEN_ASSIGN(answer.text, options.unload
                                   ? UnloadProfiles(directory->database())
                                   : ExportCommands(directory->database()));
  answer.json = {{options.unload ? "records" : "commands", answer.text}};
  return answer;
}

Result<Answer> Racf(Context& context, const Options& options) {
  if (options.do_export || options.unload) return Write(context, options);
  SIGTOKEN_ASSIGN(const auto commands, Commands(options));
  if (commands.empty()) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, "there is no command",
                   "write one behind 'racf', into a file, or to standard "
                   "input: SETROPTS LIST");
  }
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  SIGTOKEN_ASSIGN(const CommandOutput output,
                  RunCommands(directory->database(), commands, directory));
  Answer answer;
  answer.json = {{"messages", output.lines}};
  for (const std::string& line : output.lines) answer.text += line + "\n";
  if (!output.found) {
    answer.status = kNo;
    answer.message =
        "SEARCH found no profile. Define one with RDEFINE, or search for less";
  }
  for (const Error& error : output.errors) {
    if (answer.status == kDone) {
      answer.status = ToIcsf(error).return_code;
      answer.json["error"] = ErrorJson(error);
    }
    answer.message += (answer.message.empty() ? "" : "\n") + ToText(error);
  }
  return answer;
}

}  // namespace

void AddRacf(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = AddVerb(
      app, "racf",
      "RACF's commands for the class IDTDATA, for users and for tokens: "
      "RDEFINE, "
      "RALTER, RDELETE, RLIST, SEARCH, SETROPTS, ADDUSER, ALTUSER, LISTUSER, "
      "DELUSER, RACDCERT",
      "sigtoken racf \"RDEFINE IDTDATA JWT.APPL01.USER01.SAF "
      "IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET))\"\n"
      "  sigtoken racf \"SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA)\"\n"
      "  sigtoken racf \"ADDUSER SERVER8 NAME('Server 8')\"");
  verb->add_option("COMMAND", options->words,
                   "one command, quoted for the shell; without it commands "
                   "come from standard input. Passwords are asked for at the "
                   "terminal, or come from there or a file");
  verb->add_option("--file", options->file,
                   "a file of commands: all of them are carried out, or none");
  verb->add_flag("--export", options->do_export,
                 "write the commands that make profiles and users again");
  verb->add_flag("--unload", options->unload,
                 "write IRRDBU00's records of type 05K0");
  SetRun(verb, invocation, options, &Racf, DeadlineOf::kEachCall);
}

}  // namespace sigtoken::cli
