#include "tools/cli/application.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/command.h"
#include "tools/cli/report.h"
#include "tools/cli/supervise.h"
#include "tools/cli/usage.h"

namespace sigtoken::cli {
namespace {

// The arguments, as CLI11 understands them: it takes what begins with a hyphen
// for an option, and a MAC may begin with one, so "--mac -X" becomes
// "--mac=-X"; and it reads "--config=" as one whose value comes next.
std::vector<std::string> Arguments(int argc, char** argv) {
  const std::vector<std::string> given(argv + 1, argv + argc);
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::string& word = given[i];
    if (word == "--") {
      arguments.insert(arguments.end(),
                       given.begin() + static_cast<std::ptrdiff_t>(i),
                       given.end());
      break;
    }
    if (word == "--mac" && i + 1 < given.size() && given[i + 1][0] == '-') {
      arguments.push_back(word + "=" + given[++i]);
    } else if (word.starts_with("--") && word.find('=') == word.size() - 1) {
      arguments.push_back(word.substr(0, word.size() - 1));
      arguments.emplace_back();
    } else {
      arguments.push_back(word);
    }
  }
  return arguments;
}

// The name of an option or argument that is empty. Mostly that is a variable of
// a script that is not set: taken for one that was left out, it would sign with
// another key or check less than was asked for.
std::optional<std::string> EmptyValue(const CLI::App& app) {
  constexpr std::array<std::string_view, 5> kMayBeEmpty = {
      "--manufacturer", "--model", "--serial", "--label", "--mac"};
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    const auto& values = option->results();
    if (std::find(values.begin(), values.end(), "") != values.end() &&
        std::find(kMayBeEmpty.begin(), kMayBeEmpty.end(), name) ==
            kMayBeEmpty.end()) {
      return name;
    }
  }
  for (const CLI::App* chosen : app.get_subcommands()) {
    if (auto name = EmptyValue(*chosen)) return name;
  }
  return std::nullopt;
}

void AddGlobalOptions(CLI::App& app, GlobalOptions& options) {
  app.add_option("--config", options.config, "configuration file");
  app.add_option("--home", options.home,
                 "home directory, in the place of SIGTOKEN_HOME");
  app.add_flag("--json", options.json, "print one JSON document");
  app.add_flag("--quiet", options.quiet, "no warnings");
  app.add_flag("--verbose", options.verbose, "more on standard error");
  app.set_version_flag("--version", "sigtoken " SIGTOKEN_VERSION);
  app.footer(
      "Example:\n"
      "  sigtoken token create IDTTKN.JWT.SECRET\n"
      "  sigtoken key generate --token IDTTKN.JWT.SECRET --alg HS256\n"
      "  sigtoken racf \"RDEFINE IDTDATA JWT.APPL01.USER01.SAF "
      "IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET))\"\n"
      "  sigtoken racf \"SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA)\"\n"
      "  sigtoken idt generate --appl APPL01 --user USER01\n"
      "Exit status: 0 done, 4 the answer is no, 8 the request is at fault, 12 "
      "not available, 16 a fault of ours");
}

void AddCommands(CLI::App& app, Invocation& invocation) {
  AddTokenCommands(app, invocation);
  CLI::App* key = app.add_subcommand("key", "secret keys in tokens");
  key->require_subcommand(1);
  key->footer(
      "Example:\n  sigtoken key generate --token IDTTKN.JWT.SECRET --alg "
      "HS256");
  AddKeyGenerate(*key, invocation);
  AddKeyImport(*key, invocation);
  AddKeyAdopt(*key, invocation);
  AddKeyExport(*key, invocation);
  AddKeyList(*key, invocation);
  AddKeyChange(*key, invocation);
  AddMacCommands(app, invocation);
  CLI::App* idt = app.add_subcommand("idt", "RACF identity tokens");
  idt->require_subcommand(1);
  idt->footer("Example:\n  sigtoken idt generate --appl APPL01 --user USER01");
  AddIdtGenerate(*idt, invocation);
  AddIdtValidate(*idt, invocation);
  AddIdtInspect(*idt, invocation);
  AddRacf(app, invocation);
  AddProfileMatch(app, invocation);
  AddStoreCommands(app, invocation);
  AddAuditCommands(app, invocation);
  AddConfigCheck(app, invocation);
  AddHsmTest(app, invocation);
  AddExplain(app, invocation);
}

bool AsksForJson(const std::vector<std::string>& arguments) {
  return std::find(arguments.begin(), arguments.end(), "--json") !=
         arguments.end();
}

int PrintHelp(const std::vector<std::string>& arguments, const CLI::App& app,
              const CLI::Success& help) {
  std::ostringstream text;
  app.exit(help, text, text);
  return Print(
      AsksForJson(arguments) ? Dump({{"help", text.str()}}) : text.str(),
      kDone);
}

int PrintVersion(const std::vector<std::string>& arguments) {
  return Print(AsksForJson(arguments) ? Dump({{"version", SIGTOKEN_VERSION}})
                                      : "sigtoken " SIGTOKEN_VERSION "\n",
               kDone);
}

int Refuse(const GlobalOptions& options, const Invocation& invocation,
           const Error& error) {
  return invocation.refused ? Report(options, invocation.refused(error))
                            : Report(options, error);
}

int RunInvocation(const GlobalOptions& options, const Invocation& invocation) {
  Executor executor({});
  Context context(options, executor);
  const auto answer = Supervise<Answer>(
      executor, [&] { return invocation.run(context); },
      invocation.deadline_of);
  if (executor.stuck() == 0) Warn(options, context.warnings());
  const int status = answer ? Report(options, *answer)
                            : Refuse(options, invocation, answer.error());
  CloseAndLeave(executor, context, status);
  return status;
}

}  // namespace

int RunSigtoken(int argc, char** argv) {
  GlobalOptions options;
  try {
    CLI::App app(
        "Identity tokens signed with keys that never leave a PKCS#11 "
        "token, addressed the way z/OS ICSF does it",
        "sigtoken");
    Invocation invocation;
    app.require_subcommand(1);
    app.fallthrough();
    AddGlobalOptions(app, options);
    AddCommands(app, invocation);

    const std::vector<std::string> arguments = Arguments(argc, argv);
    try {
      // CLI11 takes a vector from its end.
      app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::CallForHelp& help) {
      return PrintHelp(arguments, app, help);
    } catch (const CLI::CallForVersion&) {
      return PrintVersion(arguments);
    } catch (const CLI::ParseError& error) {
      options.json = AsksForJson(arguments);
      return Refuse(options, invocation, UsageError(app, error));
    }
    if (const auto name = EmptyValue(app)) {
      return Refuse(options, invocation, UsageError(*name + " is empty"));
    }

    return RunInvocation(options, invocation);
  } catch (const std::exception& exception) {
    // bad_alloc, or a fault of ours: no function of ours throws.
    return Report(options, Fault(exception.what()));
  }
}

}  // namespace sigtoken::cli
