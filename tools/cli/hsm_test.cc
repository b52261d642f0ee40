// sigtoken hsm test

#include <algorithm>
#include <mutex>

#include "keygen/key_recipe.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/capabilities/capabilities.h"
#include "pkcs11/setup/uri.h"
#include "pkcs11/store/refused_pins.h"
#include "pkcs11/tokens/omnipresent.h"
#include "tools/cli/command.h"
#include "tools/cli/progress.h"
#include "tools/cli/report.h"
#include "tools/cli/usage.h"

namespace sigtoken::cli {
namespace {

// What was found so far, for an error that comes in the middle: the thread that
// tries may be left behind. Thread safe.
class SoFar {
 public:
  // `name` is tried from now on.
  void Set(std::string_view name, const std::vector<CheckResult>& found) {
    const std::lock_guard lock(mutex_);
    trying_ = name;
    found_ = found;
  }

  // That, and why it is not known what was being tried. Empty where nothing
  // was.
  std::vector<CheckResult> Checks(const Error& why) const {
    const std::lock_guard lock(mutex_);
    auto checks = found_;
    if (!trying_.empty()) {
      checks.push_back(
          {trying_, {CheckStatus::kFailed, why.message, "not known"}});
    }
    return checks;
  }

 private:
  mutable std::mutex mutex_;
  std::string_view trying_;
  std::vector<CheckResult> found_;
};

struct Options {
  std::string uri;
  std::string init;
  std::string token;
  std::shared_ptr<SoFar> so_far = std::make_shared<SoFar>();
};

// The token that is named, and what it lives in.
struct Named {
  std::unique_ptr<Directory> directory;  // Of --uri; else the context's.
  std::shared_ptr<Token> token;
};

// A name for a token that has none, for messages: the label, as far as it fits.
TokenName NameFor(const Uri& uri) {
  std::string text = UpperCase(uri.token_label().value_or("HSM"));
  std::replace_if(
      text.begin(), text.end(),
      [](char c) {
        return !((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
      },
      '.');
  if (auto name = TokenName::Parse(text)) return *std::move(name);
  return *TokenName::Parse("HSM");
}

Result<Configuration> ConfigurationFor(Context& context,
                                       const Options& options) {
  SIGTOKEN_ASSIGN(const Configuration* loaded, context.configuration());
  SIGTOKEN_ASSIGN(const Uri uri, Uri::Parse(options.uri));
  SIGTOKEN_ASSIGN(BoundToken bound,
                  BindToken(NameFor(uri), options.uri, options.init));
  Configuration configuration = *loaded;
  configuration.embedded = false;
  configuration.tokens = {std::move(bound)};
  return configuration;
}

// A PIN that was refused is remembered as everywhere, in the state store: where
// there is none yet, it is made for that.
Error Remember(const Configuration& configuration, const Named& named,
               Error error) {
  const auto& source = configuration.tokens.front().pin_source;
  const auto path = source ? source->FilePath() : std::string();
  const auto file = path ? LookAtPinFile(*path) : std::optional<PinFile>();
  if (!file) return error;
  const TokenIdentity identity = named.token->identity();
  const auto remembered = [&]() -> Status {
    SIGTOKEN_ASSIGN(const auto rv, FindRefusedPin(named.directory->database(),
                                                  identity, *file));
    if (!rv) return Ok();
    SIGTOKEN_ASSIGN(const auto lasting, Directory::Open(configuration));
    SIGTOKEN_ASSIGN(auto transaction, lasting->database().Begin());
    SIGTOKEN_TRY(PutRefusedPin(lasting->database(), identity, *file, *rv));
    return transaction.Commit();
  }();
  if (!remembered) {
    error.cure += "; that it was refused could not be written down: " +
                  remembered.error().message;
  }
  return error;
}

Result<Named> OpenUri(Context& context, const Options& options) {
  SIGTOKEN_ASSIGN(const Configuration configuration,
                  ConfigurationFor(context, options));
  Named named;
  SIGTOKEN_ASSIGN(named.directory, Directory::OpenWithoutHome(configuration));
  SIGTOKEN_ASSIGN(named.token, named.directory->FindToken(
                                   configuration.tokens.front().name));
  if (auto done = named.token->LoginUntried(); !done) {
    return Remember(configuration, named, std::move(done).error());
  }
  return named;
}

Result<Named> OpenToken(Context& context, const Options& options) {
  SIGTOKEN_ASSIGN(const TokenName name, TokenName::Parse(options.token));
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  if (name.is_omnipresent() && !directory->Binds(name)) {
    return NothingToShow(name);
  }
  Named named;
  SIGTOKEN_ASSIGN(named.token, directory->FindToken(name));
  SIGTOKEN_TRY(named.token->LoginUntried());
  return named;
}

Status CheckOptions(const Options& options) {
  if (options.uri.empty() == options.token.empty()) {
    return UsageError(options.uri.empty()
                          ? "hsm test needs --uri or --token"
                          : "--uri and --token are given, of which one is "
                            "enough");
  }
  if (!options.init.empty() && options.uri.empty()) {
    return UsageError("--init belongs to --uri",
                      "write it as 'init' into the [[token]] of that name");
  }
  return Ok();
}

std::string Padded(std::string_view text, std::size_t width) {
  std::string padded(text);
  padded.resize(std::max(width, padded.size()), ' ');
  return padded;
}

std::string TextOf(const std::vector<CheckResult>& checks) {
  std::size_t names = 0;
  std::size_t statuses = 0;
  for (const auto& [name, finding] : checks) {
    names = std::max(names, name.size());
    statuses = std::max(statuses, NameOf(finding.status).size());
  }
  std::string text;
  for (const auto& [name, finding] : checks) {
    text += Padded(name, names) + "  " +
            Padded(NameOf(finding.status), statuses) + "  " + finding.detail +
            " -> " + finding.consequence + "\n";
  }
  return text;
}

Json JsonOf(const std::vector<CheckResult>& checks) {
  Json json = Json::array();
  for (const auto& [name, finding] : checks) {
    json.push_back({{"name", name},
                    {"status", NameOf(finding.status)},
                    {"detail", finding.detail},
                    {"consequence", finding.consequence}});
  }
  return json;
}

Result<Answer> Test(Context& context, const Options& options) {
  SIGTOKEN_TRY(CheckOptions(options));
  SIGTOKEN_ASSIGN(const Named named, options.uri.empty()
                                         ? OpenToken(context, options)
                                         : OpenUri(context, options));
  Progress progress(context.options(), "checks of the token");
  TryOptions tries;
  tries.on_check = [&](std::string_view name,
                       const std::vector<CheckResult>& found) {
    options.so_far->Set(name, found);
    progress.Show(found.size(), CheckNames().size());
  };
  SIGTOKEN_ASSIGN(const Capabilities found,
                  TryModule(*named.token, RecipeOfKeys(), tries));
  Answer answer;
  answer.json = {{"ok", found.ok},
                 {"verdict", found.verdict},
                 {"module", named.token->backend().spec().path},
                 {"uri", FormatTokenUri(named.token->info())},
                 {"checks", JsonOf(found.checks)}};
  answer.text = TextOf(found.checks) + "\n" + Sentence(found.verdict) + "\n";
  if (found.left_any) {
    answer.warnings.push_back(
        "what was made in the token could not all be removed: it is labelled "
        "'" +
        std::string(kScratchLabel) + "'");
  }
  if (!found.ok) {
    answer.status = kNo;
    answer.message = found.verdict;
  }
  return answer;
}

// With what was found until then. What was made is in the token still where its
// thread was left behind.
Answer Refused(const Error& error, const Options& options) {
  Error told = error;
  const auto checks = options.so_far->Checks(error);
  if (!checks.empty()) {
    told.cure += (told.cure.empty() ? "" : "; ") +
                 std::string("what it had made in the token, labelled '") +
                 std::string(kScratchLabel) +
                 "', may be left: the next run removes it";
  }
  Answer answer;
  answer.status = ToIcsf(told).return_code;
  answer.json = {{"error", ErrorJson(told)}};
  if (!checks.empty()) answer.json["checks"] = JsonOf(checks);
  answer.text = TextOf(checks);
  answer.message = ToText(told);
  return answer;
}

}  // namespace

void AddHsmTest(CLI::App& app, Invocation& invocation) {
  CLI::App* hsm = app.add_subcommand("hsm", "PKCS#11 modules and their tokens");
  hsm->require_subcommand(1);
  const std::string example =
      "sigtoken hsm test --uri "
      "'pkcs11:token=prod-hsm?module-path=/usr/lib/vendor/libp11.so"
      "&pin-source=file:/run/hsm.pin'";
  hsm->footer("Example:\n  " + example);
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      AddVerb(*hsm, "test",
              "try what a token can do, in keys that are removed again; status "
              "0 where sigtoken can work with it, 4 where not",
              example);
  verb->add_option("--uri", options->uri,
                   "the token, with module-path and pin-source");
  verb->add_option("--init", options->init,
                   "with --uri: the module's initialisation string");
  verb->add_option("--token", options->token,
                   "in the place of --uri: a name of the configuration");
  SetRun(verb, invocation, options, &Test, DeadlineOf::kEachCall);
  SetRefused(verb, invocation, options, &Refused);
}

}  // namespace sigtoken::cli
