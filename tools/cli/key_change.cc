// sigtoken key delete|disable|enable

#include "keygen/remove.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/setup/uri.h"
#include "tools/cli/command.h"

namespace sigtoken::cli {
namespace {

struct Options {
  std::string handle;
  bool force = false;
};

// The key's address. A URI is looked up; a handle is taken as it stands, since
// what it addresses may be damaged and is to go all the same.
Result<Handle> Address(Directory& directory, const std::string& text) {
  if (IsPkcs11Uri(text)) {
    SIGTOKEN_ASSIGN(const Uri uri, Uri::Parse(text));
    // The only key of a token fits its URI, but that is no way to name what is
    // to go.
    if (!uri.object_label() && !uri.id()) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     "the URI does not say which key is meant",
                     "add its id or object, or use its handle");
    }
    SIGTOKEN_ASSIGN(const Key key, directory.FindKey(text));
    if (key.handle()) return *key.handle();
    return Refusal(kHandleInvalid, CKR_ARGUMENTS_BAD,
                   "the key of that URI has no handle: others made it",
                   "manage it with the tool that made it, or adopt it first "
                   "with 'sigtoken key adopt'");
  }
  SIGTOKEN_ASSIGN(Handle handle, Handle::ParseAny(text));
  if (handle.object()) return handle;
  return Refusal(kHandleInvalid, CKR_ARGUMENTS_BAD,
                 Quoted(text) + " is the handle of a token, not of a key",
                 "add sequence number and category: " +
                     handle.token_name().text() + ":00000001T");
}

// Finds token and address, and runs `change` on them, which says what was done.
Result<Answer> Apply(
    Context& context, const Options& options,
    const std::function<Result<std::string>(Token&, ObjectId)>& change) {
  // A handle that is none is refused before a token is touched.
  if (!IsPkcs11Uri(options.handle)) {
    SIGTOKEN_TRY(Handle::ParseAny(options.handle));
  }
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  SIGTOKEN_ASSIGN(const Handle handle, Address(*directory, options.handle));
  SIGTOKEN_ASSIGN(const auto token, directory->FindToken(handle.token_name()));
  SIGTOKEN_ASSIGN(const std::string done, change(*token, *handle.object()));
  Answer answer;
  answer.json = {{"handle", handle.Format()}};
  answer.text = "key " + handle.FormatShort() + " " + done + "\n";
  return answer;
}

Result<Answer> Delete(Context& context, const Options& options) {
  return Apply(
      context, options, [&](Token& token, ObjectId id) -> Result<std::string> {
        SIGTOKEN_ASSIGN(const Removal removal,
                        DeleteKey(token, id, options.force));
        return std::string(removal == Removal::kDestroyed
                               ? "deleted"
                               : "is no handle any more; the key itself, which "
                                 "others made, stays in the token");
      });
}

Result<Answer> SetDisabled(Context& context, const Options& options,
                           bool disabled) {
  return Apply(context, options,
               [&](Token& token, ObjectId id) -> Result<std::string> {
                 SIGTOKEN_TRY(DisableKey(token, id, disabled));
                 return std::string(disabled ? "disabled" : "enabled");
               });
}

Result<Answer> Disable(Context& context, const Options& options) {
  return SetDisabled(context, options, true);
}

Result<Answer> Enable(Context& context, const Options& options) {
  return SetDisabled(context, options, false);
}

}  // namespace

void AddKeyChange(CLI::App& key, Invocation& invocation) {
  const auto add = [&](const std::string& name, const std::string& summary,
                       Result<Answer> (*run)(Context&, const Options&)) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = AddVerb(key, name, summary,
                             "sigtoken key " + name + " IDTTKN.JWT.SECRET:1T");
    verb->add_option("HANDLE", options->handle,
                     "NAME:00000001T, the 44-character handle, or a URI")
        ->required();
    SetRun(verb, invocation, options, run);
    return std::make_pair(verb, options);
  };
  const auto [verb, options] = add("delete", "destroy a key for good", &Delete);
  verb->add_flag("--force", options->force,
                 "also one that is damaged or was changed by others");
  add("disable", "a disabled key neither signs nor verifies", &Disable);
  add("enable", "undo disable", &Enable);
}

}  // namespace sigtoken::cli
