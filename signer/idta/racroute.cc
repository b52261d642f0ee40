#include "signer/idta/racroute.h"

#include <algorithm>
#include <utility>

#include "pkcs11/base/printable.h"
#include "signer/idt/amr.h"
#include "signer/idt/claims_writer.h"
#include "signer/idta/racroute_conditions.h"
#include "signer/idta/record.h"
#include "signer/idta/write_back.h"
#include "signer/jws/compact.h"
#include "signer/racf/user_id.h"

namespace sigtoken {
namespace {

// Where the RACF return code says that the token was at fault.
constexpr int kPasswordNotValid = 0x8;
constexpr int kIdtNotValid = 0x6C;

std::vector<std::string> AmrOf(const RacrouteRequest& request) {
  if (!request.amr.empty() || !request.credential) return request.amr;
  return {std::string(*request.credential == Authenticator::kPassword
                          ? kAmrPassword
                          : kAmrPhrase)};
}

UserChecks ChecksOf(const SafSystem& system) {
  return {system.users, system.strict_users, !system.judged_at};
}

RacrouteResult& Refuse(RacrouteResult& result, const TokenRefusal& refusal) {
  result.code = refusal.code;
  result.reason = refusal.reason;
  result.cure = refusal.cure;
  result.user.clear();
  result.exit_status = 4;
  return result;
}

RacrouteResult& Fail(RacrouteResult& result, RacfCode code, Error error) {
  result.code = code;
  result.reason = error.message;
  result.user.clear();
  result.exit_status = ToIcsf(error).return_code >= 12 ? 12 : 8;
  result.error = std::move(error);
  return result;
}

RacrouteResult& ParameterError(RacrouteResult& result, std::string message,
                               std::string cure) {
  return Fail(result, kRacrouteParameter,
              Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, std::move(message),
                      std::move(cure)));
}

GenerateRequest GenerationOf(const SafSystem& system,
                             const RacrouteRequest& request, const Idta& idta) {
  GenerateRequest generate;
  generate.service = IdtService::kRacroute;
  generate.appl = request.appl.value_or(system.default_appl);
  generate.user = request.user.value_or("");
  generate.amr = AmrOf(request);
  generate.end_user = idta.end_user();
  generate.now = system.now;
  generate.key = system.key;
  generate.room = idta.buffer_len;
  return generate;
}

// The request's own parts, before any of it is believed.
Status CheckParameters(const SafSystem& system,
                       const RacrouteRequest& request) {
  if (!IsRelease(request.release)) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   Quoted(request.release) + " is not a RELEASE",
                   "write PLV0001, or an older one: 1.9.2, 77A0");
  }
  if (request.user) SIGTOKEN_TRY(CheckUserId(*request.user, "user"));
  SIGTOKEN_TRY(CheckUserId(request.appl.value_or(system.default_appl),
                           "application name"));
  if (request.amr.empty()) return Ok();
  GenerateRequest generate;
  generate.service = IdtService::kRacroute;
  generate.appl = "APPL";
  generate.user = "USER";
  generate.amr = request.amr;
  return CheckGenerateParameters(generate);
}

// Whom the request itself names and authenticates. The result's code is 0/0/0
// where the user may come in.
RacrouteResult& AuthenticateUser(const SafSystem& system,
                                 const RacrouteRequest& request,
                                 RacrouteResult& result) {
  const bool verifies = Verifies(request);
  if (verifies) result.amr = AmrOf(request);
  if (verifies && result.amr.empty()) {
    return Refuse(result,
                  {kSignatureNotValid,
                   "nothing came with the request that would authenticate the "
                   "user; nothing was counted",
                   "give a password, a phrase, or an IDTA with a token"});
  }
  if (!request.user) {
    if (!verifies) return result;
    return ParameterError(result, "no user is named",
                          "name one, or give an identity token");
  }
  const UserChecks checks = ChecksOf(system);
  auto checked = CheckUser(
      checks, {*request.user, result.amr, !verifies, request.new_credential});
  if (!checked) {
    return Fail(result, kModuleNotAvailable, std::move(checked).error());
  }
  if (const auto* refusal = std::get_if<TokenRefusal>(&*checked)) {
    return Refuse(result, *refusal);
  }
  if (verifies) result.known_user = std::get<std::optional<User>>(*checked);
  result.user = *request.user;
  return result;
}

// Nobody is in who must still do something.
void RefuseUnfinished(const RacrouteRequest& request, RacrouteResult& result,
                      std::span<const std::string> amr) {
  if (result.code != kRacfDone || IsFullyAuthenticated(amr)) return;
  result.known_user.reset();
  result.more_is_needed = true;
  if (request.nobody_logs_on) return;
  Refuse(result, {kMoreIsNeeded,
                  "the user is not fully authenticated: amr says that "
                  "more is needed"});
}

void TakeOver(const GenerateResult& generated, RacrouteResult& result) {
  result.code = generated.code;
  // What RACROUTE does not fail with is told by the generation code alone.
  if (generated.code == kRacfDone) return;
  result.user.clear();
  result.error = generated.error;
  if (result.error) result.reason = result.error->message;
  result.exit_status = generated.exit_status;
}

void Generate(const GenerateRequest& request, Idta& idta,
              RacrouteResult& result) {
  result.generated = GenerateIdt(request);
  TakeOver(*result.generated, result);
  WriteBack(*result.generated, idta);
}

void TakeOver(ValidateResult validated, RacrouteResult& result) {
  result.code = validated.code;
  result.reason = validated.reason;
  result.cure = validated.cure;
  result.error = validated.error;
  result.exit_status = validated.exit_status;
  if (validated.valid) {
    result.user = validated.user;
    result.known_user = validated.known_user;
  }
  result.validated = std::move(validated);
}

void ForgetToken(const RacrouteResult& result, Idta& idta) {
  if (result.code.racf == kIdtNotValid ||
      result.code.racf == kPasswordNotValid) {
    idta.idt_len = 0;
  }
}

void Validate(const SafSystem& system, const RacrouteRequest& request,
              const Idta& idta, std::string token, RacrouteResult& result) {
  ValidateRequest validate;
  validate.token = std::move(token);
  validate.appl = request.appl;
  validate.default_appl = system.default_appl;
  validate.user = request.user;
  validate.end_user = idta.end_user();
  validate.at = system.now;
  validate.strict = request.strict;
  validate.key = system.key;
  validate.users = ChecksOf(system);
  validate.amr = request.amr;
  validate.credential = request.credential;
  validate.new_credential = request.new_credential;
  TakeOver(ValidateIdt(validate), result);
}

// Writes over the token that came one which says how its user is authenticated
// now (OA63462, table A, IDTA_IDT_Len: "a new output IDT may be written over an
// existing input IDT").
void Exchange(const SafSystem& system, const RacrouteRequest& request,
              Idta& idta, RacrouteResult& result) {
  const Claims& claims = *result.validated->claims;
  if (!NeedsNoEscape(claims.txn)) {
    Refuse(result, {kTxnNotValid,
                    "txn has characters that no token of RACF has; it is not "
                    "carried over"});
    ForgetToken(result, idta);
    return;
  }
  GenerateRequest generate = GenerationOf(system, request, idta);
  generate.user = claims.sub;
  generate.txn = claims.txn;
  // A new password changes nothing about how the user was authenticated.
  generate.amr = result.amr.empty() ? claims.amr : result.amr;
  Generate(generate, idta, result);
  RefuseUnfinished(request, result, generate.amr);
}

// With what has come since, too, the user may come in: the token's own amr does
// not tell that its password has expired if another one was asked for now.
Status CheckAgain(const SafSystem& system, const RacrouteRequest& request,
                  RacrouteResult& result) {
  if (result.amr.empty() || request.new_credential) return Ok();
  SIGTOKEN_ASSIGN(
      const auto checked,
      CheckUser(ChecksOf(system),
                {result.validated->user, result.amr, true, std::nullopt}));
  if (const auto* refusal = std::get_if<TokenRefusal>(&checked)) {
    Refuse(result, *refusal);
  }
  return Ok();
}

// A length that no token has is not believed either: the buffer may be shorter,
// and what is in it does not matter. Only that it is too long is passed on.
std::string TokenIn(std::string_view buffer, const Idta& idta) {
  if (idta.idt_len > kMaxTokenBytes) {
    return std::string(kMaxTokenBytes + 1, '.');
  }
  return std::string(buffer.substr(0, idta.idt_len));
}

void UseToken(const SafSystem& system, const RacrouteRequest& request,
              Idta& idta, std::string token, RacrouteResult& result) {
  Validate(system, request, idta, std::move(token), result);
  if (!result.validated->valid) {
    ForgetToken(result, idta);
    return;
  }
  result.amr = result.validated->amr_now;
  // A new password alone does not end what MFA has begun.
  const bool unfinished = !result.validated->auth_done && result.amr.empty();
  if (unfinished || (result.amr.empty() && !request.new_credential)) {
    RefuseUnfinished(request, result, result.validated->claims->amr);
    return;
  }
  if (Status checked = CheckAgain(system, request, result); !checked) {
    Fail(result, kModuleNotAvailable, std::move(checked).error());
  }
  if (result.code == kRacfDone) Exchange(system, request, idta, result);
}

// Then the IDTA is not processed, but for a token that is handed in (OA63462,
// "IDT Configuration"). Where nobody can tell, its fields are looked at.
bool IsClassInactive(const SafSystem& system) {
  if (system.key.named) return false;
  const auto active = system.key.ClassIsActive();
  return active && !*active;
}

void Serve(const SafSystem& system, const RacrouteRequest& request, Idta* idta,
           std::string_view buffer, RacrouteResult& result) {
  if (Status valid = CheckParameters(system, request); !valid) {
    Fail(result, kRacrouteParameter, std::move(valid).error());
    return;
  }
  if (idta != nullptr) result.ignored = WhyIgnored(request);
  if (idta == nullptr || !result.ignored.empty()) {
    AuthenticateUser(system, request, result);
    RefuseUnfinished(request, result, result.amr);
    return;
  }
  const bool hands_in = idta->idt_len != 0 || request.must_have_token;
  if (!hands_in && IsClassInactive(system)) {
    result.ignored = "the class IDTDATA is not active";
    AuthenticateUser(system, request, result);
    if (result.code != kRacfDone) return;
    result.generated = ClassNotActive(IdtService::kRacroute);
    RefuseUnfinished(request, result, result.amr);
    return;
  }
  result.idta_used = true;
  if (const auto finding = CheckIdta(RacfSurface::kRacroute, *idta)) {
    const GenerateResult refused = RefuseIdta(*finding, *idta);
    Fail(result, refused.code, *refused.error);
    return;
  }
  if (hands_in) {
    UseToken(system, request, *idta, TokenIn(buffer, *idta), result);
    return;
  }
  AuthenticateUser(system, request, result);
  if (result.code != kRacfDone) return;
  Generate(GenerationOf(system, request, *idta), *idta, result);
  RefuseUnfinished(request, result, result.amr);
}

// Counts a signature that does not fit, and admits who is in: last, since a
// request that is refused changes nothing else. What cannot be changed makes
// the result another one.
PendingChange ChangeUser(const SafSystem& system,
                         const RacrouteRequest& request,
                         RacrouteResult& result) {
  const UserChecks checks = ChecksOf(system);
  if (result.validated && result.validated->signature_failed) {
    auto counted = CountFailure(checks, result.validated->claimed_user);
    if (!counted) {
      Fail(result, kModuleNotAvailable, std::move(counted).error());
      return nullptr;
    }
    result.failure = counted->count;
    if (result.failure == FailureCount::kCountedRevoked) {
      result.reason += "; the user is revoked now";
    }
    return std::move(counted->change);
  }
  if (result.code != kRacfDone || !result.known_user) return nullptr;
  auto admitted = Admit(checks, *result.known_user, request.new_credential);
  if (!admitted) {
    Fail(result, kModuleNotAvailable, std::move(admitted).error());
    return nullptr;
  }
  if (auto* refusal = std::get_if<TokenRefusal>(&*admitted)) {
    Refuse(result, *refusal);
    return nullptr;
  }
  return std::get<PendingChange>(*std::move(admitted));
}

// Nothing that is not on record goes to anybody.
RacrouteResult Recorded(const SafSystem& system, const RacrouteRequest& request,
                        RacrouteResult result) {
  const AuditRecord record = RecordOf(system, request, result);
  result.console = record.message;
  const auto recorded = Record(system, record);
  if (recorded) {
    if (*recorded) result.warnings.push_back(**recorded);
    return result;
  }
  // The message has the code that the caller gets.
  RacrouteResult refused;
  Fail(refused, kNotRecorded, recorded.error());
  refused.console = RecordOf(system, request, refused).message;
  return refused;
}

}  // namespace

RacrouteResult Racroute(const SafSystem& system, const RacrouteRequest& request,
                        Idta* idta, std::string_view buffer) {
  RacrouteResult result;
  if (idta != nullptr) ClearOutputs(*idta);
  // Ends what another request began: nobody is authenticated.
  if (request.envir == Envir::kDelete) return result;
  std::optional<Idta> before;
  if (idta != nullptr) before = *idta;
  Serve(system, request, idta, buffer, result);
  const RacfCode served = result.code;
  PendingChange change = ChangeUser(system, request, result);
  if (result.code != served) result.generated.reset();
  result = Recorded(system, request, std::move(result));
  if (change && result.code != kNotRecorded) {
    if (Status kept = change->Commit(); !kept) {
      change.reset();
      result.generated.reset();
      Fail(result, kModuleNotAvailable, std::move(kept).error());
      result = Recorded(system, request, std::move(result));
    }
  }
  const bool kept = result.code == served || served != kRacfDone;
  if (!kept || result.code == kNotRecorded) {
    result.generated.reset();
    if (before) *idta = *before;
  }
  return result;
}

RacrouteResult RefuseRacroute(const SafSystem& system,
                              const RacrouteRequest& request, Error error) {
  RacrouteResult result;
  Fail(result, kRacrouteParameter, std::move(error));
  return Recorded(system, request, std::move(result));
}

}  // namespace sigtoken
