// sigtoken racf

#include <string>
#include <vector>

#include "signer/racf/command/commands.h"
#include "tools/cli/command.h"
#include "tools/cli/input.h"

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

Result<std::vector<CommandText>> Commands(const Options& options) {
  if (!options.words.empty() && !options.file.empty()) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "a command and --file contradict each other",
                   "give one of them");
  }
  if (!options.words.empty()) {
    std::string text;
    for (const std::string& word : options.words) {
      text.append(text.empty() ? "" : " ").append(word);
    }
    return SplitCommands(text);
  }
  SIGTOKEN_ASSIGN(const std::string text,
                  ReadInput(options.file, kMaxFileBytes));
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
                  RunCommands(directory->database(), commands));
  Answer answer;
  answer.json = {{"messages", output.lines}};
  for (const std::string& line : output.lines) answer.text += line + "\n";
  if (!output.found) {
    answer.status = kNo;
    answer.message =
        "SEARCH found no profile. Define one with RDEFINE, or search for less";
  }
  return answer;
}

}  // namespace

void AddRacf(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = AddVerb(
      app, "racf",
      "RACF's commands for the class IDTDATA: RDEFINE, RALTER, RDELETE, RLIST, "
      "SEARCH, SETROPTS",
      "sigtoken racf \"RDEFINE IDTDATA JWT.APPL01.USER01.SAF "
      "IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET))\"\n"
      "  sigtoken racf \"SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA)\"");
  verb->add_option("COMMAND", options->words,
                   "one command, quoted for the shell; without it commands "
                   "come from standard input");
  verb->add_option("--file", options->file,
                   "a file of commands: all of them are carried out, or none");
  verb->add_flag("--export", options->do_export,
                 "write the commands that make the profiles again");
  verb->add_flag("--unload", options->unload,
                 "write IRRDBU00's records of type 05K0");
  SetRun(verb, invocation, options, &Racf);
}

}  // namespace sigtoken::cli
