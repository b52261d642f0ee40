#include "tools/cli/idt_key.h"

#include <utility>

#include "pkcs11/setup/uri.h"

namespace sigtoken::cli {

void AddIdtKeyOptions(CLI::App& verb, IdtKeyOptions& options) {
  verb.add_option("--key", options.key,
                  "NAME:00000001T, the 44-character handle, or a URI; with "
                  "--alg it takes the place of a profile");
  verb.add_option("--alg", options.algorithm, "HS256, HS384 or HS512");
}

Result<IdtKey> IdtKey::Parse(Context& context, const IdtKeyOptions& options) {
  IdtKey key(context);
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

KeySource IdtKey::source() {
  if (algorithm_ == nullptr) return {};
  return [this]() -> Result<SigningKey> {
    SIGTOKEN_ASSIGN(const Key key, context_->FindKey(text_));
    *found_ = key;
    return UseKey(key, *algorithm_);
  };
}

Json IdtKey::HandleJson() const {
  if (!*found_ || !(*found_)->handle()) return {};
  return (*found_)->handle()->Format();
}

}  // namespace sigtoken::cli
