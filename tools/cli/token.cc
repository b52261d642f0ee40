// sigtoken token create|list|show|delete

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/module.h"
#include "pkcs11/setup/uri.h"
#include "tools/cli/command.h"
#include "tools/cli/key_json.h"
#include "tools/cli/token_walk.h"

namespace sigtoken::cli {
namespace {

struct Options {
  std::string name;
  // Ours: what ADDTOKEN and CSFPTRC leave to the caller.
  TokenDescription description{"sigtoken", "", ""};
  bool force = false;
};

// Adds what a list says of the token.
Status Add(const Context& context, Token& token, bool with_objects,
           Answer& answer) {
  const TokenName& name = token.name();
  SIGTOKEN_ASSIGN(const KeyList list, ListKeysOf(context, token));
  SIGTOKEN_ASSIGN(auto record, FindTokenRecord(token.database(), name));
  if (!record || record->identity != token.identity()) {
    std::uint32_t highest = 0;
    for (const FoundKey& key : list.keys) {
      if (key.handle) {
        highest = std::max(highest, key.handle->object()->sequence);
      }
    }
    record = TokenRecord{name, "", "", "", highest, {}, token.identity()};
  }
  const CK_TOKEN_INFO& info = token.info();
  const std::string last_sequence = Hex(record->last_sequence, 8);
  Json json = {{"name", name.text()},
               {"manufacturer", record->manufacturer},
               {"model", record->model},
               {"serial", record->serial},
               {"last_sequence", last_sequence},
               {"keys", list.keys.size()},
               {"module", token.identity().module_path},
               {"uri", FormatTokenUri(info)},
               {"handle", Handle(name).Format()},
               {"token_info",
                {{"label", Trimmed(info.label)},
                 {"manufacturer", Trimmed(info.manufacturerID)},
                 {"model", Trimmed(info.model)},
                 {"serial", Trimmed(info.serialNumber)}}}};
  answer.text += name.text() + "  keys " + std::to_string(list.keys.size()) +
                 "  last sequence " + last_sequence + "  " +
                 FormatTokenUri(info) + "\n";
  if (with_objects) {
    json["objects"] = Json::array();
    for (const FoundKey& key : list.keys) {
      json["objects"].push_back(KeyJson(token, key, false));
      answer.text += "\n" + KeyText(token, key);
    }
  }
  answer.json["tokens"].push_back(std::move(json));
  TellWhatIsLeftOut(token, list, answer);
  return Ok();
}

Result<Answer> Create(Context& context, const Options& options) {
  SIGTOKEN_ASSIGN(const TokenName name, TokenName::Parse(options.name));
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  SIGTOKEN_TRY(directory->CreateToken(name, options.description));
  Answer answer;
  answer.json = {{"name", name.text()}, {"handle", Handle(name).Format()}};
  answer.text = "token " + name.text() + " created\n";
  return answer;
}

Result<Answer> Show(Context& context, const Options& options) {
  Answer answer;
  answer.json["tokens"] = Json::array();
  const auto show = [&](Token& token) {
    return Add(context, token, !options.name.empty(), answer);
  };
  SIGTOKEN_TRY(WalkTokens(context, options.name, answer, show));
  return answer;
}

Result<Answer> Delete(Context& context, const Options& options) {
  SIGTOKEN_ASSIGN(const TokenName name, TokenName::Parse(options.name));
  SIGTOKEN_ASSIGN(const Configuration* configuration, context.configuration());
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  SIGTOKEN_TRY(directory->DeleteToken(name, options.force));
  Answer answer;
  answer.json = {{"deleted", name.text()}};
  answer.text = "token " + name.text() + " deleted\n";
  for (const BoundToken& bound : configuration->tokens) {
    if (bound.name != name) continue;
    answer.warnings.push_back("the objects under handles of " + name.text() +
                              " are destroyed; the module's own token remains");
  }
  return answer;
}

}  // namespace

void AddTokenCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* token =
      app.add_subcommand("token", "ICSF tokens: create, list, show, delete");
  token->footer("Example:\n  sigtoken token create IDTTKN.JWT.SECRET");
  token->require_subcommand(1);

  auto create = std::make_shared<Options>();
  CLI::App* verb = AddVerb(*token, "create", "make a new, empty token",
                           "sigtoken token create IDTTKN.JWT.SECRET");
  verb->add_option("NAME", create->name, "its name")->required();
  verb->add_option("--manufacturer", create->description.manufacturer,
                   "at most 32 characters");
  verb->add_option("--model", create->description.model,
                   "at most 16 characters");
  verb->add_option("--serial", create->description.serial,
                   "at most 16 characters");
  SetRun(verb, invocation, create, &Create);

  verb = AddVerb(*token, "list", "list all tokens", "sigtoken token list");
  SetRun(verb, invocation, std::make_shared<Options>(), &Show,
         DeadlineOf::kEachCall);

  auto show = std::make_shared<Options>();
  verb = AddVerb(*token, "show", "show one token with its record and objects",
                 "sigtoken token show IDTTKN.JWT.SECRET");
  verb->add_option("NAME", show->name, "its name")->required();
  SetRun(verb, invocation, show, &Show, DeadlineOf::kEachCall);

  auto remove = std::make_shared<Options>();
  verb = AddVerb(*token, "delete", "delete a token",
                 "sigtoken token delete IDTTKN.JWT.SECRET --force");
  verb->add_option("NAME", remove->name, "its name")->required();
  verb->add_flag("--force", remove->force, "with all keys inside, for good");
  SetRun(verb, invocation, remove, &Delete, DeadlineOf::kEachCall);
}

}  // namespace sigtoken::cli
