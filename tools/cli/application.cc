#include "tools/cli/application.h"

#include <algorithm>
#include <exception>
#include <iostream>

#include "pkcs11/base/printable.h"
#include "tools/cli/command.h"
#include "tools/cli/report.h"

namespace sigtoken::cli {
namespace {

// CLI11 takes what begins with a hyphen for an option, and a MAC may begin with
// one: "--mac X" becomes "--mac=X".
std::vector<std::string> Arguments(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (arguments[i] == "--") break;
    if (arguments[i] != "--mac") continue;
    arguments[i] += "=" + arguments[i + 1];
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return arguments;
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
      "  sigtoken idt generate --appl APPL01 --user USER01 "
      "--key IDTTKN.JWT.SECRET:1T --alg HS256\n"
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
  AddKeyList(*key, invocation);
  AddKeyChange(*key, invocation);
  AddMacCommands(app, invocation);
  CLI::App* idt = app.add_subcommand("idt", "RACF identity tokens");
  idt->require_subcommand(1);
  idt->footer(
      "Example:\n  sigtoken idt generate --appl APPL01 --user USER01 --key "
      "IDTTKN.JWT.SECRET:1T --alg HS256");
  AddIdtGenerate(*idt, invocation);
  AddIdtValidate(*idt, invocation);
  AddIdtInspect(*idt, invocation);
  AddConfigCheck(app, invocation);
  AddExplain(app, invocation);
}

bool AsksForJson(const std::vector<std::string>& arguments) {
  return std::find(arguments.begin(), arguments.end(), "--json") !=
         arguments.end();
}

Error UsageError(const std::string& what) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, Printable(what),
                 "run it with --help to see an example");
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
      return app.exit(help);
    } catch (const CLI::CallForVersion& version) {
      return app.exit(version);
    } catch (const CLI::ParseError& error) {
      options.json = AsksForJson(arguments);
      return Report(options, UsageError(error.what()));
    }

    Context context(options);
    const auto answer = invocation.run(context);
    return answer ? Report(options, *answer) : Report(options, answer.error());
  } catch (const std::exception& exception) {
    // bad_alloc, or a fault of ours: no function of ours throws.
    return Report(options, Fault(exception.what()));
  }
}

}  // namespace sigtoken::cli
