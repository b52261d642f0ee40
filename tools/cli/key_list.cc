// sigtoken key list|show

#include "tools/cli/command.h"
#include "tools/cli/key_json.h"
#include "tools/cli/token_walk.h"

namespace sigtoken::cli {
namespace {

struct Options {
  std::string name;  // Of a token, or of a key.
};

void Add(const Token& token, const FoundKey& key, Answer& answer) {
  if (!answer.text.empty()) answer.text += "\n";
  answer.json["keys"].push_back(KeyJson(token, key, true));
  answer.text += KeyText(token, key);
}

Result<Answer> List(Context& context, const Options& options) {
  Answer answer;
  answer.json["keys"] = Json::array();
  const auto list = [&](Token& token) -> Status {
    SIGTOKEN_ASSIGN(const KeyList keys, ListKeysOf(context, token));
    for (const FoundKey& key : keys.keys) Add(token, key, answer);
    TellWhatIsLeftOut(token, keys, answer);
    return Ok();
  };
  SIGTOKEN_TRY(WalkTokens(context, options.name, answer, list));
  return answer;
}

Result<Answer> Show(Context& context, const Options& options) {
  SIGTOKEN_ASSIGN(const Key key, context.FindKey(options.name));
  Answer answer;
  answer.json["keys"] = Json::array();
  Add(key.token(), key.found(), answer);
  return answer;
}

}  // namespace

void AddKeyList(CLI::App& key, Invocation& invocation) {
  auto list = std::make_shared<Options>();
  CLI::App* verb =
      AddVerb(key, "list", "list the keys, those that others made too",
              "sigtoken key list --token IDTTKN.JWT.SECRET");
  verb->add_option("--token", list->name, "only those of this token");
  SetRun(verb, invocation, list, &List, DeadlineOf::kEachCall);

  auto show = std::make_shared<Options>();
  verb = AddVerb(key, "show", "show one key",
                 "sigtoken key show IDTTKN.JWT.SECRET:1T");
  verb->add_option("HANDLE", show->name,
                   "NAME:00000001T, the 44-character handle, or a URI")
      ->required();
  SetRun(verb, invocation, show, &Show);
}

}  // namespace sigtoken::cli
