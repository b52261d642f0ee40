#include "tools/cli/usage.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "pkcs11/base/printable.h"
#include "signer/racf/command/password_words.h"
#include "tools/cli/input.h"

namespace sigtoken::cli {
namespace {

using Words = std::vector<std::string>;

std::string Named(const std::string& word) {
  if (GivesPassword(word)) return "what looks like a password";
  return LooksLikeToken(word) ? "what looks like a token" : Quoted(word);
}

bool IsOption(const std::string& word) { return word.starts_with("-"); }

// The last noun or verb that was understood; else the program.
const CLI::App& Chosen(const CLI::App& app) {
  const CLI::App* chosen = &app;
  while (!chosen->get_subcommands().empty()) {
    chosen = chosen->get_subcommands().front();
  }
  return *chosen;
}

std::vector<const CLI::App*> Subcommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string NeededBy(const CLI::App& noun) {
  std::string names;
  for (const CLI::App* one : Subcommands(noun)) {
    names += (names.empty() ? "" : ", ") + one->get_name();
  }
  return names;
}

// "sigtoken token create"
std::string CommandOf(const CLI::App& verb) {
  const CLI::App* parent = verb.get_parent();
  return (parent != nullptr ? CommandOf(*parent) + " " : "") + verb.get_name();
}

// The commands that end in `verb`: of `noun`, or of every noun where `noun` is
// the program.
std::string CommandsThatEndIn(const std::string& verb, const CLI::App& noun) {
  auto nouns = Subcommands(noun);
  nouns.push_back(&noun);
  std::string commands;
  for (const CLI::App* candidate : nouns) {
    if (candidate->get_parent() == nullptr) continue;
    for (const CLI::App* known : Subcommands(*candidate)) {
      if (known->get_name() != verb) continue;
      commands += (commands.empty() ? "" : " or ") + CommandOf(*known);
    }
  }
  return commands;
}

Error VerbMissing(const CLI::App& noun, const Words& unknown) {
  const std::string needs = noun.get_name() + " needs one of: ";
  if (unknown.empty()) return UsageError(needs + NeededBy(noun));
  const std::string& word = unknown.front();
  if (IsOption(word)) {
    return UsageError(Named(word) + " was not understood, and " + needs +
                      NeededBy(noun));
  }
  const std::string commands = CommandsThatEndIn(word, noun);
  if (!commands.empty()) {
    return UsageError("no noun stands before " + Quoted(word),
                      "write the noun first: " + commands);
  }
  return UsageError(Named(word) + " is none of: " + NeededBy(noun));
}

// CLI11 has "--key: 1 required TEXT missing" and "--key: At Most 1 required but
// received 2".
std::string MismatchText(std::string_view what) {
  const std::string name = Printable(what.substr(0, what.find(": ")));
  if (what.ends_with(" missing")) return name + " needs a value";
  if (what.find(": At Most 1 ") != std::string_view::npos) {
    return name + " is given more than once";
  }
  return Printable(what);
}

}  // namespace

Error UsageError(std::string what, std::string cure) {
  if (cure.empty()) cure = "run it with --help to see an example";
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, std::move(what),
                 std::move(cure));
}

Error UsageError(const CLI::App& app, const CLI::ParseError& error) {
  const auto code = static_cast<CLI::ExitCodes>(error.get_exit_code());
  const std::string what = error.what();
  if (code == CLI::ExitCodes::ArgumentMismatch) {
    return UsageError(MismatchText(what));
  }
  const Words unknown = app.remaining(true);
  const CLI::App& chosen = Chosen(app);
  const bool required = code == CLI::ExitCodes::RequiredError;
  // CLI11 says that a subcommand is missing where one is that it does not know.
  if (required && !Subcommands(chosen).empty()) {
    return VerbMissing(chosen, unknown);
  }
  if (unknown.empty()) return UsageError(Printable(what));

  const std::string& word = unknown.front();
  const std::string option = word.substr(0, word.find('='));
  if (IsOption(word) && chosen.get_option_no_throw(option) != nullptr) {
    return UsageError(
        Quoted(option) + " stands before its verb",
        "write it behind the verb: " + CommandOf(chosen) + " " + option);
  }
  if (required) {
    return UsageError(Named(word) + " was not understood, and " +
                      Printable(what));
  }
  if (std::any_of(unknown.begin(), unknown.end(), LooksLikeToken)) {
    return UsageError("an argument that looks like a token was not expected",
                      std::string(kTokensComeBy));
  }
  if (std::any_of(unknown.begin(), unknown.end(),
                  [](const std::string& one) { return GivesPassword(one); })) {
    return UsageError("an argument that looks like a password was not expected",
                      "write a command with a password to standard input of "
                      "'sigtoken racf', or into a file for its --file");
  }
  return UsageError(Printable(what));
}

}  // namespace sigtoken::cli
