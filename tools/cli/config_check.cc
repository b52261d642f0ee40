// sigtoken config check

#include "pkcs11/base/file_check.h"
#include "pkcs11/base/private_file.h"
#include "tools/cli/command.h"

namespace sigtoken::cli {
namespace {

struct Options {};

// What the file names must be there and fit; the module is not loaded, and the
// PIN is not read.
Status CheckFiles(const BoundToken& bound) {
  SIGTOKEN_TRY(CheckNotWritableByOthers(bound.uri.module_path().value_or("")));
  for (const auto& source : {bound.pin_source, bound.so_pin_source}) {
    if (!source) continue;
    SIGTOKEN_TRY(source->CheckFile());
  }
  return Ok();
}

Result<Answer> Check(Context& context, const Options& /*options*/) {
  SIGTOKEN_ASSIGN(const Configuration* configuration, context.configuration());
  for (const BoundToken& bound : configuration->tokens) {
    const auto good = CheckFiles(bound);
    if (good) continue;
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   bound.place + ": token " + bound.name.text() + ": " +
                       good.error().message,
                   good.error().cure);
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
      {"deadline_seconds", configuration->deadline.count()}};
  answer.json["tokens"] = Json::array();
  for (const BoundToken& bound : configuration->tokens) {
    answer.json["tokens"].push_back(bound.name.text());
  }
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
