// sigtoken store backup|restore

#include "pkcs11/base/file_check.h"
#include "pkcs11/base/private_file.h"
#include "pkcs11/store/backup.h"
#include "pkcs11/store/schema.h"
#include "signer/racf/schema.h"
#include "tools/cli/command.h"

namespace sigtoken::cli {
namespace {

struct Options {
  std::string file;
};

Result<Answer> Backup(Context& context, const Options& options) {
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  SIGTOKEN_TRY(BackUp(directory->database(), options.file));
  Answer answer;
  answer.json = {{"ok", true}, {"file", options.file}};
  answer.text = "state store backed up to " + QuotedPath(options.file) + "\n";
  answer.details.emplace_back(
      "it holds records, no keys: back up the tokens with the tools of their "
      "makers");
  return answer;
}

// A store that is damaged cannot be opened, nor can what it knew be kept.
Answer RestoredDamaged(const Options& options,
                       const std::filesystem::path& aside) {
  Answer answer;
  answer.json = {{"ok", true},
                 {"file", options.file},
                 {"kept", Json::array()},
                 {"damaged", aside.string()}};
  answer.text = "state store restored from " + QuotedPath(options.file) + "\n";
  answer.warnings.push_back(
      "the state store was damaged, and is kept as " + QuotedPath(aside) +
      ". What was written since the backup is lost: which keys were disabled, "
      "enabled or adopted, profiles and users; numbers of keys that were made "
      "and deleted since may be given out again");
  return answer;
}

Result<Answer> RestoreFrom(Context& context, const Options& options) {
  SIGTOKEN_ASSIGN(const Configuration* configuration, context.configuration());
  SIGTOKEN_TRY(MakePrivateDirectory(configuration->store_path.parent_path()));
  SIGTOKEN_ASSIGN(
      const auto aside,
      RestoreDamaged(configuration->store_path, options.file, &MigrateStore));
  if (aside) return RestoredDamaged(options, *aside);
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  SIGTOKEN_ASSIGN(
      const auto unknown,
      Restore(directory->database(), options.file, &MigrateStore, kRacfTables));
  Answer answer;
  answer.json = {{"ok", true}, {"file", options.file}, {"kept", unknown}};
  answer.text = "state store restored from " + QuotedPath(options.file) + "\n";
  for (const std::string& name : unknown) {
    answer.warnings.push_back("the backup does not know the token " + name +
                              ": its records stay as they were");
  }
  return answer;
}

}  // namespace

void AddStoreCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* store = app.add_subcommand(
      "store", "the state store: records of tokens and keys, no secrets");
  store->require_subcommand(1);
  store->footer("Example:\n  sigtoken store backup sigtoken-backup.db");
  const auto add = [&](const std::string& name, const std::string& summary,
                       const std::string& file,
                       Result<Answer> (*run)(Context&, const Options&)) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = AddVerb(*store, name, summary,
                             "sigtoken store " + name + " sigtoken-backup.db");
    verb->add_option("FILE", options->file, file)->required();
    SetRun(verb, invocation, options, run);
  };
  add("backup", "copy it into a file", "a new file", &Backup);
  add("restore", "put a backup in its place; numbers never go back",
      "what 'store backup' wrote", &RestoreFrom);
}

}  // namespace sigtoken::cli
