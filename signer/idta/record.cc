#include "signer/idta/record.h"

#include <algorithm>
#include <utility>

#include "signer/idt/amr.h"
#include "signer/racf/user_id.h"

namespace sigtoken {
namespace {

// Names that are none are not repeated.
std::string IdOrNothing(const std::string& text) {
  return IsUserId(text) ? text : std::string();
}

// A registry that does not answer takes nothing from the request: its record is
// only poorer.
std::optional<User> AddUser(const SafSystem& system, const std::string& id,
                            AuditRecord& record) {
  record.user = id;
  if (system.users == nullptr || id.empty()) return std::nullopt;
  auto found = system.users->Find(id);
  if (!found) return std::nullopt;
  record.user_undefined = !*found;
  if (*found) record.user_name = (*found)->name;
  return *std::move(found);
}

void AddCircumstances(const SafSystem& system, AuditRecord& record) {
  record.time = Now();
  record.judged_at = system.judged_at;
  record.simulated = SimulationName(system.key.simulation);
  // Of what is not so, RACF would know nothing.
  if (!record.simulated.empty()) record.racf_audits = false;
  record.message = AdministratorMessage(record);
}

// OA63462, 3.4.1, usage note 6, i.
bool RacfAuditsSuccess(const SafSystem& system,
                       const std::optional<User>& user) {
  if (system.users == nullptr) return false;
  const auto found = system.users->Options();
  const UserOptions options = found ? *found : UserOptions();
  return options.audit_user ||
         (user && (user->uaudit || (user->special && options.saudit)));
}

void AddGenerated(const GenerateResult& result, AuditRecord& record) {
  record.profile = result.profile;
  if (result.key) record.key = result.key->FormatShort();
  record.build_reason = result.idt_gen_rc;
  record.returned = result.returned;
  record.is_signed = result.is_signed;
  if (result.key_failed) {
    record.service = FailingService::kCsfphmg;
    record.icsf = ToIcsf(*result.error);
  }
}

constexpr int kIdtNotValid = 0x6C;  // RACF's return code.

void AddValidated(const ValidateResult& result, AuditRecord& record) {
  record.profile = result.profile;
  if (result.key) record.key = result.key->FormatShort();
  record.idt_evaluated = result.evaluated;
  // Of the token, not of its user: that one is revoked, the qualifier says
  // (ours).
  record.idt_successful = result.token_is_good;
  if (result.code.racf == kIdtNotValid) {
    record.validation_reason = result.code.reason;
  }
  record.idt_amr = result.amr;
  if (result.icsf || result.key_failed) {
    record.service = FailingService::kCsfphmv;
    record.icsf = result.icsf ? *result.icsf : ToIcsf(*result.error);
  }
}

std::string IdtaOf(const RacrouteResult& result) {
  if (!result.ignored.empty()) return "ignored: " + result.ignored;
  return result.idta_used ? "used" : "";
}

bool Has(const std::vector<std::string>& amr, std::string_view value) {
  return std::find(amr.begin(), amr.end(), value) != amr.end();
}

// Nothing was found out about the user: the keywords or the IDTA are wrong, or
// a device or a file is not there.
bool IsNotDecided(RacfCode code) {
  constexpr int kIdtaNotValid = 0x70;
  return code.racf == kIdtaNotValid || code == kModuleNotAvailable ||
         code == kKeyNotUsable || code == kNotRecorded;
}

AuditQualifier QualifierOf(const RacrouteResult& result,
                           const AuditRecord& record) {
  namespace qualifier = audit_qualifier;
  if (result.code == kRacfDone) return qualifier::kSuccess;
  if (result.code == kUserRevoked) return qualifier::kRevokedUser;
  if (result.code == kUserNotDefined) return qualifier::kUndefinedUser;
  if (result.code == kNewPasswordNotValid) {
    return qualifier::kNewPasswordNotValid;
  }
  if (result.code == kPasswordExpired) {
    const auto& amr = record.amr.empty() ? record.idt_amr : record.amr;
    return Has(amr, kAmrPhrase) ? qualifier::kExpiredPhrase
                                : qualifier::kExpiredPassword;
  }
  if (IsNotDecided(result.code)) return qualifier::kNotDecided;
  return result.failure == FailureCount::kCountedRevoked
             ? qualifier::kAutomaticallyRevoked
             : qualifier::kNotValidPassword;
}

}  // namespace

AuditRecord RecordOf(const SafSystem& system, const InitAceeRequest& request,
                     const GenerateResult& result) {
  AuditRecord record;
  record.event = AuditEvent::kInitAcee;
  record.code = result.code;
  const auto user = AddUser(system, IdOrNothing(request.user), record);
  record.appl = IdOrNothing(request.appl);
  record.amr = {std::string(kAmrAcee)};
  AddGenerated(result, record);
  const bool done = result.code == kRacfDone;
  record.authenticated = done;
  record.qualifier =
      done ? audit_qualifier::kSuccsIdt : audit_qualifier::kFailIdt;
  // Note 6, j: 8/16/x.
  record.racf_audits =
      done ? RacfAuditsSuccess(system, user) : result.code.racf == 16;
  AddCircumstances(system, record);
  return record;
}

AuditRecord RecordOf(const SafSystem& system, const RacrouteRequest& request,
                     const RacrouteResult& result) {
  AuditRecord record;
  record.event = AuditEvent::kJobInit;
  record.code = result.code;
  record.appl = IdOrNothing(request.appl.value_or(system.default_appl));
  std::string id = IdOrNothing(request.user.value_or(""));
  if (result.generated) AddGenerated(*result.generated, record);
  if (result.validated) {
    AddValidated(*result.validated, record);
    const std::string& claimed = result.validated->claimed_user;
    // Who asks is named, though the token may be another's.
    if (id.empty()) id = claimed;
    if (claimed != id) record.claimed_user = claimed;
  }
  record.amr = result.amr;
  record.idta = IdtaOf(result);
  AddUser(system, id, record);
  record.authenticated = result.code == kRacfDone;
  record.expired = result.code == kPasswordExpired;
  record.new_not_valid = result.code == kNewPasswordNotValid;
  record.qualifier = QualifierOf(result, record);
  // LOG=ASIS, the default (z/OS Security Server RACROUTE Macro Reference, from
  // memory): failures are, successes are not.
  record.racf_audits = result.code != kRacfDone && !IsNotDecided(result.code);
  AddCircumstances(system, record);
  return record;
}

Result<std::optional<std::string>> Record(const SafSystem& system,
                                          const AuditRecord& record) {
  using Warning = std::optional<std::string>;
  if (system.audit == nullptr) return Warning();
  const Status written = system.audit->Write(record);
  if (written) return Warning();
  if (system.audit->settings().on_failure == AuditFailure::kRefuse) {
    return written.error();
  }
  return Warning("NOT RECORDED: " + ToText(written.error()));
}

}  // namespace sigtoken
