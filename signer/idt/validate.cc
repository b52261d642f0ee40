#include "signer/idt/validate.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "signer/idt/amr.h"
#include "signer/idt/claims_reader.h"
#include "signer/idt/icsf_outcome.h"
#include "signer/idt/token_refusal.h"
#include "signer/jws/compact.h"
#include "signer/jws/header.h"
#include "signer/jws/strict_json.h"
#include "signer/racf/user_id.h"

namespace sigtoken {
namespace {

// A token of which nothing is believed yet.
struct UncheckedToken {
  CompactJws jws;
  JoseHeader header;
  JsonObject payload;
};

ValidateResult& Refuse(ValidateResult& result, TokenRefusal refusal) {
  result.code = refusal.code;
  result.reason = std::move(refusal.reason);
  result.cure = std::move(refusal.cure);
  result.exit_status = 4;
  return result;
}

ValidateResult& Undecided(ValidateResult& result, Error error) {
  result.code = IsIcsfUnavailable(error) ? kModuleNotAvailable : kKeyNotUsable;
  result.reason = "not decided: " + error.message;
  result.exit_status = 12;
  result.error = std::move(error);
  return result;
}

const std::string& ApplOf(const ValidateRequest& request) {
  return request.appl ? *request.appl : request.default_appl;
}

Status CheckParameters(const ValidateRequest& request) {
  SIGTOKEN_TRY(CheckUserId(ApplOf(request), "application name"));
  if (request.user) SIGTOKEN_TRY(CheckUserId(*request.user, "user"));
  return Ok();
}

Result<UncheckedToken> ReadToken(std::string_view text) {
  SIGTOKEN_ASSIGN(CompactJws jws, CompactJws::Parse(text));
  SIGTOKEN_ASSIGN(const JoseHeader header, ParseJoseHeader(jws.header()));
  SIGTOKEN_ASSIGN(JsonObject payload,
                  JsonObject::Parse(jws.payload(), "the payload"));
  // RFC 7518, 3.6.
  if (header.algorithm == nullptr && !jws.signature().empty()) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "the token is malformed: alg is none, and a signature is "
                   "there",
                   "send the token as it was issued");
  }
  return UncheckedToken{std::move(jws), header, std::move(payload)};
}

TokenRefusal WrongAlgorithm(const MacAlgorithm& right) {
  return {kSignatureNotValid,
          "the token is not signed with " + std::string(right.name)};
}

// Nothing where an unsigned token is looked at further.
std::optional<TokenRefusal> RefuseUnsigned(const ValidateRequest& request) {
  if (request.end_user) {
    return TokenRefusal{
        kUnsignedFromEndUser,
        "the token is not signed, and end users may not send such a one"};
  }
  if (!request.key.named) return std::nullopt;
  return TokenRefusal{
      kUnsignedWithKey,
      "the token is not signed, and a key was named to check it with"};
}

// What the covering profile says of a token: which key, or that it is refused
// or cannot be decided. Nothing: no key is needed.
using KeyOrNot = std::variant<std::monostate, SigningKey, TokenRefusal, Error>;

KeyOrNot ProfileKey(const ValidateRequest& request, const JoseHeader& header,
                    const IdtPolicy& policy, ValidateResult& result) {
  const IdtParms& parms = policy.parms;
  const auto handle = parms.handle();
  if (header.algorithm == nullptr) {
    if (!request.strict || (!handle && !parms.siglabelprimary))
      return std::monostate();
    return TokenRefusal{kUnsignedWithKey,
                        "the token is not signed, and its profile names a key"};
  }
  if (parms.siglabelprimary) {
    // Only there a kid counts (IBM, z/OS 3.2 education, RACF Extend JWT
    // support).
    if (header.kid && parms.sigkidprimary &&
        *header.kid != *parms.sigkidprimary) {
      return TokenRefusal{kKidNotProfiles,
                          "the kid of the token is not the profile's"};
    }
    return LabelNotKept(policy);
  }
  if (!handle) {
    return TokenRefusal{kNoSignatureKey,
                        "the token is signed, and " + WhyNoKey(policy).why};
  }
  result.key = handle;
  const MacAlgorithm* algorithm = FindMacAlgorithm(parms.algorithm());
  if (algorithm == nullptr) {
    // IBM has a code for it where tokens are generated alone (8/16/7).
    return TokenRefusal{kNoSignatureKey,
                        "the profile has SIGTOKEN and SIGALG(" +
                            std::string(parms.algorithm()) +
                            "), which RSA keys sign with: it names no key that "
                            "could check the token"};
  }
  // The algorithm is the profile's, never the token's: RFC 8725, 3.1.
  if (header.algorithm != algorithm) return WrongAlgorithm(*algorithm);
  auto key = request.key.Key(*handle, *algorithm);
  if (!key) return std::move(key).error();
  return *std::move(key);
}

KeyOrNot NamedKey(const ValidateRequest& request, const JoseHeader& header) {
  auto key = request.key.NamedKey();
  if (!key) return std::move(key).error();
  if (header.algorithm != key->algorithm)
    return WrongAlgorithm(*key->algorithm);
  return *std::move(key);
}

// The signature is not the key's, or not of its algorithm.
ValidateResult& RefuseSignature(ValidateResult& result, TokenRefusal refusal) {
  result.signature_failed = true;
  return Refuse(result, std::move(refusal));
}

// PASSWRD and PHRASE may be ignored; what names values of amr is not. Whose
// they are the request must say: who called has checked them, and not the
// token.
std::vector<std::string> AmrBeside(const ValidateRequest& request,
                                   const Claims& claims) {
  if (!request.amr.empty() || !request.credential || !request.user) {
    return request.amr;
  }
  return AmrNow(claims.amr,
                *request.credential == Authenticator::kPassword ? kAmrPassword
                                                                : kAmrPhrase,
                request.new_credential.has_value());
}

// The last step: nothing of the token is wrong.
ValidateResult& AdmitUser(ValidateResult& result,
                          const ValidateRequest& request, Claims claims,
                          bool protected_allowed) {
  result.token_is_good = true;
  std::vector<std::string> now = AmrBeside(request, claims);
  auto checked = CheckUser(
      request.users,
      {claims.sub, claims.amr, protected_allowed, request.new_credential, now});
  if (!checked) return Undecided(result, std::move(checked).error());
  if (auto* refusal = std::get_if<TokenRefusal>(&*checked)) {
    return Refuse(result, std::move(*refusal));
  }
  result.known_user = std::get<std::optional<User>>(*std::move(checked));
  result.auth_done = IsFullyAuthenticated(claims.amr);
  result.amr_now = std::move(now);
  if (!result.auth_done) {
    result.notes.emplace_back(
        "the user is not fully authenticated: amr says that more is needed");
  }
  result.valid = true;
  result.code = kRacfDone;
  result.reason = "the token is valid";
  result.claims = std::move(claims);
  return result;
}

bool IsFor(const Claims& claims, std::string_view appl) {
  return std::any_of(claims.aud.begin(), claims.aud.end(),
                     [&](const std::string& audience) {
                       return audience == appl || audience == kAnyAppl;
                     });
}

}  // namespace

ValidateResult NotDecided(Error error) {
  ValidateResult result;
  Undecided(result, std::move(error));
  return result;
}

ValidateResult ValidateIdt(const ValidateRequest& request) {
  ValidateResult result;
  if (Status valid = CheckParameters(request); !valid) {
    result.code = kRacrouteParameter;
    result.reason = valid.error().message;
    result.error = std::move(valid).error();
    result.exit_status = 8;
    return result;
  }
  if (!request.key.named) {
    const auto active = request.key.ClassIsActive();
    if (!active) return Undecided(result, active.error());
    if (!*active) {
      return Refuse(result, {kClassNotActive,
                             "the class IDTDATA is not active, and no key was "
                             "named"});
    }
  }

  result.evaluated = true;
  const Result<UncheckedToken> token = ReadToken(request.token);
  if (!token) {
    return Refuse(result, {kTokenMalformed, token.error().message});
  }
  const JoseHeader& header = token->header;
  if (!header.kid_is_text) {
    return Refuse(result, {kKidNotValid, "kid is not a string"});
  }
  if (header.algorithm == nullptr) {
    if (auto refusal = RefuseUnsigned(request)) {
      return Refuse(result, *std::move(refusal));
    }
  }
  Checked<std::string> subject = ReadSubject(token->payload);
  if (auto* refusal = std::get_if<TokenRefusal>(&subject)) {
    return Refuse(result, std::move(*refusal));
  }
  result.claimed_user = std::get<std::string>(std::move(subject));
  if (request.user && *request.user != result.claimed_user) {
    return Refuse(result, {kSubjectNotUser,
                           "the token is not one of the user that the request "
                           "names"});
  }

  IdtPolicy policy;
  if (!request.key.named) {
    auto found = request.key.Policy(ApplOf(request), result.claimed_user);
    if (!found) return Undecided(result, std::move(found).error());
    policy = *std::move(found);
    result.profile = policy.profile;
  }
  KeyOrNot key = request.key.named
                     ? NamedKey(request, header)
                     : ProfileKey(request, header, policy, result);
  if (auto* error = std::get_if<Error>(&key)) {
    result.key_failed = true;
    return Undecided(result, std::move(*error));
  }
  if (auto* refusal = std::get_if<TokenRefusal>(&key)) {
    return refusal->code == kSignatureNotValid
               ? RefuseSignature(result, std::move(*refusal))
               : Refuse(result, std::move(*refusal));
  }
  if (const auto* signing = std::get_if<SigningKey>(&key)) {
    Result<bool> fits =
        signing->verify(token->jws.signing_input(), token->jws.signature());
    if (!fits) {
      result.key_failed = true;
      return Undecided(result, std::move(fits).error());
    }
    if (!*fits) {
      result.icsf = kMacNotVerified;
      return RefuseSignature(
          result, {kSignatureNotValid, "the signature does not fit"});
    }
  }

  result.user = result.claimed_user;
  result.claims_json = token->jws.payload();
  Checked<Claims> read = ReadClaims(token->payload);
  if (auto* refusal = std::get_if<TokenRefusal>(&read)) {
    return Refuse(result, std::move(*refusal));
  }
  auto& claims = std::get<Claims>(read);
  if (CheckAmr(claims.amr)) result.amr = claims.amr;
  const NumericDate at = ToNumericDate(request.at);
  // OA63462: exp must not be older than the current time, so equal is valid. No
  // text allows for clocks that differ.
  if (claims.exp < at) {
    return Refuse(result, {kTokenExpired, "the token has expired"});
  }
  if (!IsFor(claims, ApplOf(request))) {
    return Refuse(
        result, {kAudienceNotAppl, "the token is for other applications than " +
                                       ApplOf(request)});
  }
  if (auto refusal = CheckValues(claims)) {
    return Refuse(result, *std::move(refusal));
  }
  // No text says that iat is compared with anything.
  if (at < claims.iat) {
    result.notes.emplace_back(
        "iat is in the future: the clocks of issuer and validator differ");
  }
  return AdmitUser(result, request, std::move(claims),
                   policy.parms.prot_allowed());
}

}  // namespace sigtoken
