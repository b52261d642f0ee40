#include "tools/cli/idt_key.h"

#include <utility>

#include "pkcs11/base/printable.h"
#include "pkcs11/setup/uri.h"

namespace sigtoken::cli {

void AddIdtKeyOptions(CLI::App& verb, IdtKeyOptions& options) {
  verb.add_option("--key", options.key,
                  "NAME:00000001T, the 44-character handle, or a URI; with "
                  "--alg it takes the place of a profile");
  verb.add_option("--alg", options.algorithm, "HS256, HS384 or HS512");
  verb.add_option("--simulate", options.simulate,
                  "icsf-unavailable or icsf-error, when the key is asked for");
}

void MarkSimulated(Answer& answer, const IdtKeyOptions& options) {
  // A name that none has was refused, and nothing simulated.
  if (options.simulate.empty() || !ParseSimulation(options.simulate)) return;
  answer.json["simulated"] = options.simulate;
  answer.warnings.push_back("SIMULATED: " + Printable(options.simulate) +
                            " in the place of any key that is asked for");
}

Result<IdtKey> IdtKey::Parse(Context& context, const IdtKeyOptions& options) {
  IdtKey key(context);
  if (!options.simulate.empty()) {
    SIGTOKEN_ASSIGN(key.simulation_, ParseSimulation(options.simulate));
  }
  if (options.key.empty() && options.algorithm.empty()) return key;
  if (options.key.empty() || options.algorithm.empty()) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   options.key.empty() ? "--alg is given without --key"
                                       : "--key is given without --alg",
                   "give both: a token never chooses its own algorithm");
  }
  SIGTOKEN_ASSIGN(key.algorithm_, ParseMacAlgorithm(options.algorithm));
  if (IsPkcs11Uri(options.key)) {
    SIGTOKEN_TRY(Uri::Parse(options.key));
  } else {
    SIGTOKEN_TRY(Handle::ParseAny(options.key));
  }
  key.text_ = options.key;
  return key;
}

Result<KeyChoice> IdtKey::Choice() {
  KeyChoice choice;
  choice.simulation = simulation_;
  if (algorithm_ != nullptr) {
    choice.named = [this]() -> Result<SigningKey> {
      SIGTOKEN_ASSIGN(const Key key, context_->FindKey(text_));
      *found_ = key;
      return UseKey(key, *algorithm_);
    };
    return choice;
  }
  SIGTOKEN_ASSIGN(Directory * directory, context_->directory());
  choice.rules = RulesOf(*directory);
  // With the warnings of a key that is named.
  choice.rules.key = [this](
                         const Handle& handle,
                         const MacAlgorithm& algorithm) -> Result<SigningKey> {
    SIGTOKEN_ASSIGN(const Key key, context_->FindKey(handle.FormatShort()));
    return UseKey(key, algorithm);
  };
  return choice;
}

Json IdtKey::HandleJson(const std::optional<Handle>& of_profile) const {
  if (*found_ && (*found_)->handle()) return (*found_)->handle()->Format();
  return of_profile ? Json(of_profile->Format()) : Json();
}

}  // namespace sigtoken::cli
