// Which key an identity token is signed or checked with, and what else its
// IDTDATA profile says.

#ifndef SIGNER_IDT_KEY_CHOICE_H_
#define SIGNER_IDT_KEY_CHOICE_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/store/database.h"
#include "pkcs11/tokens/directory.h"
#include "signer/idt/signing_key.h"
#include "signer/racf/profile/idtparms.h"

namespace sigtoken {

// What the IDTDATA class has for one application and user.
struct IdtPolicy {
  bool raclisted = true;  // Whether profiles are looked at.
  // The covering profile. None covers where the class is not RACLISTed
  // (OA63462, "IDT Configuration"); then `parms` has the defaults.
  std::optional<std::string> profile;
  IdtParms parms;
};

// How profiles and keys are found. Empty functions: there are no profiles.
struct IdtRules {
  // Whether SETROPTS CLASSACT was said of the class. Errors: kNotAvailable.
  std::function<Result<bool>()> class_active;
  // Of the profile that covers JWT.appl.user.SAF. Errors: kNotAvailable.
  std::function<Result<IdtPolicy>(const std::string& appl,
                                  const std::string& user)>
      policy;
  // Errors: as Directory::FindToken() and Key::Find().
  std::function<Result<SigningKey>(const Handle& handle,
                                   const MacAlgorithm& algorithm)>
      key;
};

// The rules of the profiles in the state store and the keys in the directory's
// tokens. The directory outlives them.
IdtRules RulesOf(Directory& directory);

// Those of a system whose store cannot be opened: all of them fail with
// `error`, which is kNotAvailable.
IdtRules RulesThatFail(const Error& error);

// The name of the resource: JWT.APPL01.USER01.SAF (OA63462, "IDTDATA class
// profile format").
std::string IdtResource(std::string_view appl, std::string_view user);

// For testers: what comes of it when the key is asked for.
enum class Simulation { kNone, kIcsfUnavailable, kIcsfError };

// "icsf-unavailable", "icsf-error"; "" for none.
std::string_view SimulationName(Simulation simulation);
// Errors: kParameterInvalid for a name that none has.
Result<Simulation> ParseSimulation(std::string_view name);

// The key of one request.
struct KeyChoice {
  KeySource named;  // Takes the place of a profile.
  IdtRules rules;
  Simulation simulation = Simulation::kNone;

  // Not active where there are no profiles. Errors: kNotAvailable.
  Result<bool> ClassIsActive() const;

  // Precondition: the class is active. Errors: kNotAvailable.
  Result<IdtPolicy> Policy(const std::string& appl,
                           const std::string& user) const;

  // The key of `handle`. Errors: as the rules'; of the simulation.
  Result<SigningKey> Key(const Handle& handle,
                         const MacAlgorithm& algorithm) const;
  // The one that was named. Precondition: there is one. Errors: the same.
  Result<SigningKey> NamedKey() const;
};

// Why there is no key, and what to do.
struct NoKeyReason {
  std::string why;
  std::string cure;
};
NoKeyReason WhyNoKey(const IdtPolicy& policy);

// SIGLABELPRIMARY names an RSA key of ICSF's CCA side, which is not kept here;
// it goes before SIGTOKEN (IBM, z/OS 3.2 education, RACF Extend JWT support).
Error LabelNotKept(const IdtPolicy& policy);

}  // namespace sigtoken

#endif  // SIGNER_IDT_KEY_CHOICE_H_
