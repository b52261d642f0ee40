#include "signer/idt/key_choice.h"

#include <array>
#include <memory>
#include <utility>

#include "pkcs11/base/printable.h"
#include "signer/racf/profile/profiles.h"

namespace sigtoken {
namespace {

struct SimulationRow {
  Simulation simulation;
  std::string_view name;
  IcsfCode icsf;
  CK_RV rv;
};

constexpr auto kSimulations = std::to_array<SimulationRow>({
    {Simulation::kIcsfUnavailable, "icsf-unavailable", kNotAvailable,
     CKR_TOKEN_NOT_PRESENT},
    {Simulation::kIcsfError, "icsf-error", kObjectNotFound,
     CKR_OBJECT_HANDLE_INVALID},
});

Status Simulate(Simulation simulation) {
  for (const SimulationRow& row : kSimulations) {
    if (row.simulation != simulation) continue;
    return Refusal(
        row.icsf, row.rv,
        "simulated: " + std::string(row.name) + ", no key was looked for",
        "leave out --simulate for the real one");
  }
  return Ok();
}

Result<IdtPolicy> ReadPolicy(Database& database, const std::string& appl,
                             const std::string& user) {
  IdtPolicy policy;
  const Profiles profiles(database);
  SIGTOKEN_TRY(profiles.AtOneMoment([&]() -> Status {
    SIGTOKEN_ASSIGN(const ClassOptions options, profiles.Options());
    policy.raclisted = options.raclisted;
    if (!options.raclisted) return Ok();
    SIGTOKEN_ASSIGN(
        const auto covering,
        profiles.Covering(Profiles::View::kRequests, IdtResource(appl, user),
                          options.generic, 1));
    if (covering.empty()) return Ok();
    policy.profile = covering.front().name.text();
    policy.parms = covering.front().idtparms.value_or(IdtParms());
    return Ok();
  }));
  return policy;
}

}  // namespace

std::string IdtResource(std::string_view appl, std::string_view user) {
  return std::string("JWT.").append(appl).append(".").append(user).append(
      ".SAF");
}

std::string_view SimulationName(Simulation simulation) {
  for (const SimulationRow& row : kSimulations) {
    if (row.simulation == simulation) return row.name;
  }
  return "";
}

Result<Simulation> ParseSimulation(std::string_view name) {
  for (const SimulationRow& row : kSimulations) {
    if (row.name == name) return row.simulation;
  }
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 Quoted(name) + " cannot be simulated",
                 "use icsf-unavailable or icsf-error");
}

IdtRules RulesOf(Directory& directory) {
  return {[&directory]() -> Result<bool> {
            SIGTOKEN_ASSIGN(const ClassOptions options,
                            Profiles(directory.database()).Options());
            return options.active;
          },
          [&directory](const std::string& appl, const std::string& user) {
            return ReadPolicy(directory.database(), appl, user);
          },
          [&directory](const Handle& handle,
                       const MacAlgorithm& algorithm) -> Result<SigningKey> {
            SIGTOKEN_ASSIGN(const auto key,
                            directory.FindKey(handle.FormatShort()));
            return UseKey(key, algorithm);
          }};
}

IdtRules RulesThatFail(const Error& error) {
  return {[error]() -> Result<bool> { return error; },
          [error](const std::string& /*appl*/, const std::string& /*user*/)
              -> Result<IdtPolicy> { return error; },
          [error](const Handle& /*handle*/, const MacAlgorithm& /*algorithm*/)
              -> Result<SigningKey> { return error; }};
}

Result<bool> KeyChoice::ClassIsActive() const {
  if (!rules.class_active) return false;
  return rules.class_active();
}

Result<IdtPolicy> KeyChoice::Policy(const std::string& appl,
                                    const std::string& user) const {
  return rules.policy(appl, user);
}

Result<SigningKey> KeyChoice::Key(const Handle& handle,
                                  const MacAlgorithm& algorithm) const {
  SIGTOKEN_TRY(Simulate(simulation));
  return rules.key(handle, algorithm);
}

Result<SigningKey> KeyChoice::NamedKey() const {
  SIGTOKEN_TRY(Simulate(simulation));
  return named();
}

NoKeyReason WhyNoKey(const IdtPolicy& policy) {
  if (policy.profile) {
    return {"the profile " + *policy.profile + " names no key",
            "RALTER it with SIGTOKEN, then SETROPTS RACLIST(IDTDATA) REFRESH"};
  }
  if (!policy.raclisted) {
    return {"the class IDTDATA is not RACLISTed, and no profile is looked at",
            "SETROPTS RACLIST(IDTDATA)"};
  }
  return {"no profile covers the application and the user",
          "RDEFINE one with SIGTOKEN, then SETROPTS RACLIST(IDTDATA) REFRESH; "
          "'sigtoken profile match' shows which ones cover"};
}

Error LabelNotKept(const IdtPolicy& policy) {
  return Refusal(kKeyTypeInconsistent, CKR_KEY_TYPE_INCONSISTENT,
                 "the profile " + policy.profile.value_or("") +
                     " names an RSA key by SIGLABELPRIMARY, which is not kept "
                     "here",
                 "RALTER it with NOSIGLABELPRIMARY, and SIGTOKEN for a secret "
                 "key");
}

}  // namespace sigtoken
