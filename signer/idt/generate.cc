#include "signer/idt/generate.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "pkcs11/base/printable.h"
#include "signer/idt/amr.h"
#include "signer/idt/claims.h"
#include "signer/idt/claims_writer.h"
#include "signer/idt/icsf_outcome.h"
#include "signer/jws/base64url.h"
#include "signer/jws/compact.h"
#include "signer/jws/header.h"
#include "signer/racf/user_id.h"

namespace sigtoken {
namespace {

// The codes in which the two services say the same.
struct ServiceRow {
  IdtService service;
  RacfSurface surface;
  std::string_view default_amr;
  RacfCode parameter;
  RacfCode class_not_active;
  RacfCode is_unsigned;
  RacfCode icsf_unavailable;
  RacfCode icsf_error;
  RacfCode algorithm;
  RacfCode no_room;
};

constexpr ServiceRow kInitAcee{
    IdtService::kInitAcee,    RacfSurface::kInitAcee,  kAmrAcee,
    kInitAceeParameter,       kInitAceeClassNotActive, kInitAceeUnsigned,
    kInitAceeIcsfUnavailable, kInitAceeIcsfError,      kInitAceeAlgorithm,
    kInitAceeBufferTooSmall,
};
// RACROUTE's own outcome does not hang on the token that it returns.
constexpr ServiceRow kRacroute{
    IdtService::kRacroute,
    RacfSurface::kRacroute,
    kAmrPassword,
    kRacrouteParameter,
    kRacfDone,
    kRacfDone,
    kRacfDone,
    kRacfDone,
    kRacfDone,
    kBufferTooSmall,
};

const ServiceRow& RowOf(IdtService service) {
  return service == IdtService::kInitAcee ? kInitAcee : kRacroute;
}

GenerateResult Failed(RacfCode code, int exit_status, Error error) {
  GenerateResult result;
  result.code = code;
  result.exit_status = exit_status;
  result.error = std::move(error);
  return result;
}

GenerateResult IcsfFailed(const ServiceRow& row, Error error) {
  const bool unavailable = IsIcsfUnavailable(error);
  GenerateResult result =
      Failed(unavailable ? row.icsf_unavailable : row.icsf_error,
             unavailable ? 12 : 8, std::move(error));
  result.idt_gen_rc = unavailable ? kGenRcIcsfUnavailable : kGenRcIcsfError;
  return result;
}

GenerateResult KeyFailed(const ServiceRow& row, Error error) {
  GenerateResult result = IcsfFailed(row, std::move(error));
  result.key_failed = true;
  return result;
}

std::vector<std::string> AmrOf(const GenerateRequest& request) {
  if (!request.amr.empty()) return request.amr;
  return {std::string(RowOf(request.service).default_amr)};
}

// OA63462: saf-acee says that initACEE made the token, and initACEE says no
// more.
Status CheckAmrOfService(const GenerateRequest& request) {
  const std::vector<std::string> amr = AmrOf(request);
  SIGTOKEN_TRY(CheckAmr(amr));
  const bool from_acee = amr.front() == kAmrAcee;
  if (from_acee != (request.service == IdtService::kInitAcee)) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   from_acee ? "saf-acee is written by initACEE alone"
                             : "initACEE writes saf-acee and nothing else",
                   from_acee ? "leave it out, or use the service initacee"
                             : "leave amr out, or use the service racroute");
  }
  return Ok();
}

Claims MakeClaims(const GenerateRequest& request, const IdtParms& parms) {
  Claims claims;
  // As RACF does: jti is the clock at the instant whose whole seconds are iat.
  claims.jti = Hex(UniqueStcke(request.now));
  claims.txn = request.txn.value_or(claims.jti);
  claims.iss = kIssuer;
  claims.sub = request.user;
  claims.aud = {request.appl};
  if (parms.any_appl()) claims.aud.emplace_back(kAnyAppl);
  claims.iat = {request.now.seconds(), 0};
  claims.exp = {
      claims.iat.seconds + std::chrono::seconds(parms.timeout()).count(), 0};
  claims.amr = AmrOf(request);
  return claims;
}

// What a profile, or a key that was named, has decided.
struct Plan {
  IdtPolicy policy;
  std::optional<Handle> key;  // The profile's.
};

GenerateResult ClassNotActive(const ServiceRow& row) {
  // RACROUTE takes no notice of IDTA then, unless a token is in it (OA63462,
  // "IDT Configuration").
  return Failed(row.class_not_active, 8,
                Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                        "the class IDTDATA is not active, and no key was named",
                        "SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA), or name "
                        "a key with --key and --alg"));
}

// The defaults, and profiles without a key, make tokens that are not signed.
GenerateResult NoKey(const ServiceRow& row, const IdtPolicy& policy) {
  NoKeyReason reason = WhyNoKey(policy);
  GenerateResult result =
      Failed(row.is_unsigned, 4,
             Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     reason.why + ", and tokens for end users are signed",
                     std::move(reason.cure)));
  result.idt_gen_rc = kGenRcUnsigned;
  return result;
}

GenerateResult RsaWithSecretKey(const ServiceRow& row,
                                const IdtPolicy& policy) {
  GenerateResult result =
      Failed(row.algorithm, 8,
             Refusal(kParameterInvalid, CKR_MECHANISM_INVALID,
                     "the profile " + policy.profile.value_or("") +
                         " has SIGTOKEN and SIGALG(" +
                         std::string(policy.parms.algorithm()) +
                         "), which RSA keys sign with",
                     "RALTER it with SIGALG(HS256), HS384 or HS512"));
  result.idt_gen_rc = kGenRcAlgorithm;
  return result;
}

GenerateResult NoRoom(const ServiceRow& row, std::size_t room,
                      std::size_t needed) {
  GenerateResult result =
      Failed(row.no_room, 8,
             Refusal(kParameterInvalid, CKR_BUFFER_TOO_SMALL,
                     "the token has " + std::to_string(needed) +
                         " characters, and the buffer " + std::to_string(room),
                     "give a buffer of that length"));
  result.needed_bytes = needed;
  return result;
}

GenerateResult Finish(const ServiceRow& row, const GenerateRequest& request,
                      const Claims& claims, const SigningKey* key) {
  GenerateResult result;
  result.claims_json = WriteClaims(claims);
  JoseHeader header;
  if (key != nullptr) header.algorithm = key->algorithm;
  result.token = MakeSigningInput(FormatJoseHeader(header), result.claims_json);
  // Nothing is signed that nobody would get.
  const std::size_t needed =
      result.token.size() + 1 +
      (key != nullptr ? Base64UrlLength(key->algorithm->mac_bytes) : 0);
  if (request.room && needed > *request.room) {
    return NoRoom(row, *request.room, needed);
  }
  if (key != nullptr) {
    Result<Mac> mac = key->sign(AsBytes(result.token));
    if (!mac) return KeyFailed(row, std::move(mac).error());
    AppendSignature(result.token, mac->bytes());
  } else {
    AppendSignature(result.token, {});
  }
  result.returned = true;
  result.is_signed = key != nullptr;
  result.auth_done = IsFullyAuthenticated(claims.amr);
  return result;
}

GenerateResult MakeToken(const GenerateRequest& request, const ServiceRow& row,
                         Plan& plan) {
  const IdtParms& parms = plan.policy.parms;
  std::optional<Result<SigningKey>> key;
  if (request.key.named) {
    key = request.key.NamedKey();
  } else if (parms.siglabelprimary) {
    return IcsfFailed(row, LabelNotKept(plan.policy));
  } else if (auto handle = parms.handle()) {
    const MacAlgorithm* algorithm = FindMacAlgorithm(parms.algorithm());
    if (algorithm == nullptr) return RsaWithSecretKey(row, plan.policy);
    plan.key = *handle;
    key = request.key.Key(*handle, *algorithm);
  } else if (request.end_user) {
    return NoKey(row, plan.policy);
  }
  if (key && !*key) return KeyFailed(row, std::move(*key).error());
  return Finish(row, request, MakeClaims(request, parms),
                key ? &**key : nullptr);
}

}  // namespace

GenerateResult ClassNotActive(IdtService service) {
  return ClassNotActive(RowOf(service));
}

GenerateResult NotGenerated(IdtService service, Error error) {
  return IcsfFailed(RowOf(service), std::move(error));
}

Status CheckGenerateParameters(const GenerateRequest& request) {
  SIGTOKEN_TRY(CheckUserId(request.appl, "application name"));
  SIGTOKEN_TRY(CheckUserId(request.user, "user"));
  return CheckAmrOfService(request);
}

GenerateResult GenerateRefused(RacfCode code, Error error) {
  return Failed(code, 8, std::move(error));
}

RacfSurface SurfaceOf(IdtService service) { return RowOf(service).surface; }

GenerateResult GenerateIdt(const GenerateRequest& request) {
  const ServiceRow& row = RowOf(request.service);
  if (Status valid = CheckGenerateParameters(request); !valid) {
    return Failed(row.parameter, 8, std::move(valid).error());
  }
  Plan plan;
  if (!request.key.named) {
    auto active = request.key.ClassIsActive();
    if (!active) return IcsfFailed(row, std::move(active).error());
    if (!*active) return ClassNotActive(row);
    auto policy = request.key.Policy(request.appl, request.user);
    if (!policy) return IcsfFailed(row, std::move(policy).error());
    plan.policy = *std::move(policy);
  }
  GenerateResult result = MakeToken(request, row, plan);
  result.profile = std::move(plan.policy.profile);
  result.key = std::move(plan.key);
  return result;
}

}  // namespace sigtoken
