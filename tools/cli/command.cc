#include "tools/cli/command.h"

#include <utility>

#include "pkcs11/setup/home.h"
#include "pkcs11/store/schema.h"
#include "signer/racf/schema.h"

namespace sigtoken::cli {

Status MigrateStore(Database& database) {
  SIGTOKEN_TRY(MigrateRecords(database));
  return MigrateRacf(database);
}

Result<const Configuration*> Context::configuration() {
  if (!configuration_) {
    SetupOptions setup;
    if (!options_.home.empty()) setup.home = options_.home;
    if (!options_.config.empty()) setup.config = options_.config;
    SIGTOKEN_ASSIGN(configuration_,
                    LoadConfiguration(Environment::FromProcess(), setup));
    executor_.set_deadline(configuration_->deadline);
  }
  return &*configuration_;
}

Result<Directory*> Context::directory() {
  if (!directory_) {
    SIGTOKEN_ASSIGN(const Configuration* loaded, configuration());
    SIGTOKEN_ASSIGN(auto opened, Directory::Open(*loaded));
    SIGTOKEN_TRY(MigrateStore(opened->database()));
    directory_ = std::move(opened);
  }
  return directory_.get();
}

Result<Key> Context::FindKey(const std::string& text) {
  SIGTOKEN_ASSIGN(Directory * all, directory());
  auto key = all->FindKey(text);
  if (key) WarnIfStoreWasLost(key->token());
  return key;
}

void Context::WarnIfStoreWasLost(const Token& token) {
  // A token of the embedded store has had its record from its first day.
  if (!token.backend().embedded()) return;
  const auto record = FindTokenRecord(token.database(), token.name());
  if (!record || *record) return;
  warnings_.push_back("THE STATE STORE HAS NO RECORD of the token " +
                      token.name().text() +
                      ": it was lost, and with it which keys were disabled or "
                      "adopted. Bring it back with 'sigtoken store restore'");
}

CLI::App* AddVerb(CLI::App& noun, const std::string& name,
                  const std::string& summary, const std::string& example) {
  CLI::App* verb = noun.add_subcommand(name, summary);
  verb->footer("Example:\n  " + example);
  return verb;
}

}  // namespace sigtoken::cli
