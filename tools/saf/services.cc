#include "tools/saf/services.h"

#include <memory>
#include <utility>

#include "signer/racf/schema.h"
#include "tools/c_library/messages.h"
#include "tools/saf/audit.h"

namespace sigtoken::c_library {

const char* const kMessagesVariable = "SIGTOKEN_SAF_MESSAGES";

Services::Services(Directory& directory, const Configuration& configuration)
    : users(directory.database()),
      audit(configuration.audit),
      strict_users(configuration.strict_users),
      default_appl(configuration.default_appl) {
  key.rules = RulesOf(directory);
}

SafSystem Services::System() {
  if (const std::time_t wished = saf::TakeRotation(); wished != 0) {
    audit.RotateAtNextRecord(wished);
  }
  SafSystem system;
  system.key = key;
  system.users = &users;
  system.strict_users = strict_users;
  system.audit = &audit;
  system.default_appl = default_appl;
  return system;
}

Result<std::shared_ptr<Services>> OpenServices(
    Directory& directory, const Configuration& configuration) {
  SIGTOKEN_TRY(MigrateRacf(directory.database()));
  return std::make_shared<Services>(directory, configuration);
}

}  // namespace sigtoken::c_library

namespace sigtoken::saf {

ClosedSystem::ClosedSystem(const Error& error) : users_(error) {
  key_.rules = RulesThatFail(error);
  const auto configuration =
      LoadConfiguration(Environment::FromProcess(), SetupOptions());
  if (!configuration) return;
  audit_.emplace(configuration->audit);
  strict_users_ = configuration->strict_users;
  default_appl_ = configuration->default_appl;
}

SafSystem ClosedSystem::System() {
  SafSystem system;
  system.key = key_;
  system.users = &users_;
  system.strict_users = strict_users_;
  if (!default_appl_.empty()) system.default_appl = default_appl_;
  if (!audit_) return system;
  if (const std::time_t wished = TakeRotation(); wished != 0) {
    audit_->RotateAtNextRecord(wished);
  }
  system.audit = &*audit_;
  return system;
}

SafSystem CallWithSystem::System() {
  // Before a module is loaded, which changes the environment for a moment.
  static_cast<void>(c_library::MessagesAreWanted());
  Result<c_library::Services*> services = call_.services();
  if (services) return (*services)->System();
  return closed_.emplace(services.error()).System();
}

}  // namespace sigtoken::saf
