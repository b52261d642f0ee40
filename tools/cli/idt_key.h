// --key and --alg, which take the place of a profile, and --simulate.

#ifndef TOOLS_CLI_IDT_KEY_H_
#define TOOLS_CLI_IDT_KEY_H_

#include <memory>
#include <optional>
#include <string>

#include "pkcs11/base/result.h"
#include "pkcs11/tokens/key.h"
#include "signer/idt/key_choice.h"
#include "tools/cli/command.h"

namespace sigtoken::cli {

struct IdtKeyOptions {
  std::string key;
  std::string algorithm;
  std::string simulate;
};

void AddIdtKeyOptions(CLI::App& verb, IdtKeyOptions& options);

// Marks `answer` where something is simulated.
void MarkSimulated(Answer& answer, const IdtKeyOptions& options);

// The key that the options name, looked for when its turn comes.
class IdtKey {
 public:
  // Errors: kParameterInvalid when only one of the first two is given;
  // kRuleArrayInvalid, kHandleInvalid and kParameterInvalid for what is no
  // algorithm, handle or URI.
  static Result<IdtKey> Parse(Context& context, const IdtKeyOptions& options);

  // The key that is named, else the profiles of the state store. Good as long
  // as this object. Errors: kNotAvailable.
  Result<KeyChoice> Choice();

  // The 44-character handle of the key that was named, if it was found and has
  // one, else that of the profile, else null.
  Json HandleJson(const std::optional<Handle>& of_profile) const;

 private:
  explicit IdtKey(Context& context) : context_(&context) {}

  Context* context_;
  std::string text_;
  const MacAlgorithm* algorithm_ = nullptr;
  Simulation simulation_ = Simulation::kNone;
  std::shared_ptr<std::optional<Key>> found_ =
      std::make_shared<std::optional<Key>>();
};

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_IDT_KEY_H_
