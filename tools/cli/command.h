// What a command is, and what it answers.

#ifndef TOOLS_CLI_COMMAND_H_
#define TOOLS_CLI_COMMAND_H_

#include <CLI/CLI.hpp>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/deadline/executor.h"
#include "pkcs11/setup/configuration.h"
#include "pkcs11/tokens/directory.h"

namespace sigtoken::cli {

using Json = nlohmann::ordered_json;

// The exit statuses, as a job step tests them.
inline constexpr int kDone = 0;
inline constexpr int kNo = 4;  // The answer is no.
inline constexpr int kRequestAtFault = 8;
inline constexpr int kNotAvailableStatus = 12;
inline constexpr int kFaultOfOurs = 16;

// The options before the noun.
struct GlobalOptions {
  std::string config;
  std::string home;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
};

// What a command that came to an end has to say.
struct Answer {
  int status = kDone;
  Json json = Json::object();  // For --json.
  std::string text;            // For people: all of stdout.
  // Writes what goes to stdout, in the place of both, where it may be more than
  // memory holds. What it cannot read it says on stderr, and sets badbit.
  std::function<void(std::ostream&)> stream = {};
  std::string message;  // On stderr; there is one for every status but 0.
  std::vector<std::string> warnings;  // On stderr unless --quiet.
  std::vector<std::string> details;   // On stderr with --verbose.
};

// What a command works on: made when it is first asked for, so that a command
// that needs no token touches none.
class Context {
 public:
  // Its configuration sets the deadline of `executor`, which runs what works
  // on this.
  Context(const GlobalOptions& options, Executor& executor)
      : options_(options), executor_(executor) {}

  const GlobalOptions& options() const { return options_; }

  Result<const Configuration*> configuration();
  Result<Directory*> directory();

  // Directory::FindKey, and a warning where the state store was lost.
  Result<Key> FindKey(const std::string& text);
  void WarnIfStoreWasLost(const Token& token);

  // Lets go of tokens and modules.
  void Close() { directory_.reset(); }

  // For stderr, whatever the command answers.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  const GlobalOptions& options_;
  Executor& executor_;
  std::optional<Configuration> configuration_;
  std::unique_ptr<Directory> directory_;
  std::vector<std::string> warnings_;
};

// Brings the tables of all layers up to date.
Status MigrateStore(Database& database);

using Run = std::function<Result<Answer>(Context&)>;

// The command that the arguments chose.
struct Invocation {
  Run run;
  DeadlineOf deadline_of = DeadlineOf::kRequest;
  // Set for a verb that has members of its own to give for what is wrong with
  // its arguments.
  std::function<Answer(const Error&)> refused;
};

// Adds the verb `name` to `noun`. `example` is a command line that works after
// the ones in the other examples. The caller adds options, and hands over the
// object that they write into, which `run` reads.
CLI::App* AddVerb(CLI::App& noun, const std::string& name,
                  const std::string& summary, const std::string& example);

// `deadline_of` is kEachCall for what takes longer the more there is in a
// token.
template <typename Options>
void SetRun(CLI::App* verb, Invocation& invocation,
            std::shared_ptr<Options> options,
            Result<Answer> (*run)(Context&, const Options&),
            DeadlineOf deadline_of = DeadlineOf::kRequest) {
  verb->callback([&invocation, options, run, deadline_of] {
    invocation.deadline_of = deadline_of;
    invocation.run = [options, run](Context& context) {
      return run(context, *options);
    };
  });
}

template <typename Options>
void SetRefused(CLI::App* verb, Invocation& invocation,
                std::shared_ptr<Options> options,
                Answer (*refused)(const Error&, const Options&)) {
  // Called before the verb's arguments are read, good or not.
  verb->preparse_callback([&invocation, options, refused](std::size_t) {
    invocation.refused = [options, refused](const Error& error) {
      return refused(error, *options);
    };
  });
}

// One function a file: each adds its commands.
void AddTokenCommands(CLI::App& app, Invocation& invocation);
void AddKeyGenerate(CLI::App& key, Invocation& invocation);
void AddKeyImport(CLI::App& key, Invocation& invocation);
void AddKeyAdopt(CLI::App& key, Invocation& invocation);
void AddKeyExport(CLI::App& key, Invocation& invocation);
void AddStoreCommands(CLI::App& app, Invocation& invocation);
void AddKeyList(CLI::App& key, Invocation& invocation);
void AddKeyChange(CLI::App& key, Invocation& invocation);
void AddMacCommands(CLI::App& app, Invocation& invocation);
void AddIdtGenerate(CLI::App& idt, Invocation& invocation);
void AddIdtValidate(CLI::App& idt, Invocation& invocation);
void AddIdtInspect(CLI::App& idt, Invocation& invocation);
void AddConfigCheck(CLI::App& app, Invocation& invocation);
void AddAuditCommands(CLI::App& app, Invocation& invocation);
void AddRacf(CLI::App& app, Invocation& invocation);
void AddProfileMatch(CLI::App& app, Invocation& invocation);
void AddHsmTest(CLI::App& app, Invocation& invocation);
void AddExplain(CLI::App& app, Invocation& invocation);

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_COMMAND_H_
