#include "tools/cli/token_walk.h"

#include "pkcs11/tokens/omnipresent.h"
#include "tools/cli/progress.h"
#include "tools/cli/report.h"

namespace sigtoken::cli {
namespace {

Status VisitOne(Context& context, Directory& directory, const TokenName& name,
                const std::function<Status(Token&)>& visit) {
  SIGTOKEN_ASSIGN(const auto token, directory.FindToken(name));
  context.WarnIfStoreWasLost(*token);
  // The module is looked at anew for the next one.
  directory.Close(name);
  return visit(*token);
}

}  // namespace

Result<KeyList> ListKeysOf(const Context& context, Token& token) {
  Progress progress(context.options(), "keys of " + token.name().text());
  return ListKeys(token, [&](std::size_t done, std::size_t all) {
    progress.Show(done, all);
  });
}

Status WalkTokens(Context& context, const std::string& name, Answer& answer,
                  const std::function<Status(Token&)>& visit) {
  if (!name.empty()) {
    SIGTOKEN_ASSIGN(const TokenName only, TokenName::Parse(name));
    SIGTOKEN_ASSIGN(Directory * directory, context.directory());
    if (only.is_omnipresent() && !directory->Binds(only)) {
      return NothingToShow(only);
    }
    return VisitOne(context, *directory, only, visit);
  }
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  SIGTOKEN_ASSIGN(const auto names, directory->Names());
  for (const TokenName& each : names) {
    auto visited = VisitOne(context, *directory, each, visit);
    if (visited || ToIcsf(visited.error()) == kTokenNotFound) continue;
    Error& error = visited.error();
    error.message = "token " + each.text() + ": " + error.message;
    if (answer.status == kDone) {
      answer.status = ToIcsf(error).return_code;
      answer.json["error"] = ErrorJson(error);
    }
    answer.message += (answer.message.empty() ? "" : "\n") + ToText(error);
  }
  return Ok();
}

}  // namespace sigtoken::cli
