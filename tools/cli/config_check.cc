// sigtoken config check

#include <unistd.h>

#include <cerrno>

#include "pkcs11/base/file_check.h"
#include "pkcs11/base/private_file.h"
#include "pkcs11/tokens/places.h"
#include "tools/cli/command.h"

namespace sigtoken::cli {
namespace {

struct Options {};

// What the file names must be there and fit, or what is said is what the first
// command would say; the module is not loaded.
Status CheckFiles(const BoundToken& bound) {
  SIGTOKEN_TRY(CheckNotWritableByOthers(bound.uri.module_path().value_or("")));
  for (const auto& source : {bound.pin_source, bound.so_pin_source}) {
    if (!source) continue;
    SIGTOKEN_TRY(source->CheckFile());
  }
  return Ok();
}

// Every request is recorded, so one that cannot be is one that fails. The home
// is made when it is first used.
Status CheckAudit(const Configuration& configuration) {
  const std::filesystem::path& file = configuration.audit.file;
  const std::filesystem::path folder = DirectoryOf(file);
  if (folder == configuration.home && !std::filesystem::exists(folder)) {
    return Ok();
  }
  SIGTOKEN_TRY(CheckDirectoryOf(file));
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    return SystemError("write to", folder, errno);
  }
  if (!std::filesystem::exists(std::filesystem::symlink_status(file))) {
    return Ok();
  }
  return CheckPrivate(file, FileKind::kRegularFile);
}

Json AuditJson(const AuditSettings& audit) {
  return {
      {"path", audit.file.string()},
      {"max_bytes", audit.max_bytes},
      {"keep", audit.keep},
      {"on_failure",
       audit.on_failure == AuditFailure::kContinue ? "continue" : "refuse"}};
}

Result<Answer> Check(Context& context, const Options& /*options*/) {
  SIGTOKEN_ASSIGN(const Configuration* configuration, context.configuration());
  // In the order in which a command meets them.
  SIGTOKEN_TRY(CheckPlaces(*configuration));
  for (const BoundToken& bound : configuration->tokens) {
    const auto good = CheckFiles(bound);
    if (good) continue;
    Error error = good.error();
    error.message =
        bound.place + ": token " + bound.name.text() + ": " + error.message;
    return error;
  }
  if (const auto good = CheckAudit(*configuration); !good) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "[audit]: " + good.error().message, good.error().cure);
  }
  Answer answer;
  answer.json = {
      {"ok", true},
      {"file",
       configuration->file ? Json(configuration->file->string()) : Json()},
      {"home", configuration->home.string()},
      {"store", configuration->store_path.string()},
      {"embedded", configuration->embedded},
      {"default_appl", configuration->default_appl},
      {"deadline_seconds", configuration->deadline.count()},
      {"strict_users", configuration->strict_users},
      {"audit", AuditJson(configuration->audit)}};
  answer.json["tokens"] = Json::array();
  Json isolated = Json::array();
  for (const BoundToken& bound : configuration->tokens) {
    answer.json["tokens"].push_back(bound.name.text());
    if (bound.isolated) isolated.push_back(bound.name.text());
  }
  answer.json["isolated"] = std::move(isolated);
  answer.text = "ok: " +
                (configuration->file ? QuotedPath(*configuration->file)
                                     : std::string("no configuration file")) +
                ", home " + QuotedPath(configuration->home) + "\n";
  return answer;
}

}  // namespace

void AddConfigCheck(CLI::App& app, Invocation& invocation) {
  CLI::App* config = app.add_subcommand("config", "the configuration");
  config->require_subcommand(1);
  config->footer("Example:\n  sigtoken config check");
  CLI::App* verb = AddVerb(*config, "check", "read it and say what is wrong",
                           "sigtoken config check");
  SetRun(verb, invocation, std::make_shared<Options>(), &Check);
}

}  // namespace sigtoken::cli
