#include "signer/racf/codes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <tuple>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

constexpr std::string_view kOurs = "ours";
constexpr std::string_view kIdt2 =
    "IBM, RACF Identity Token (IDT) 2 Support, APARs OA63462 and OA63463";
constexpr std::string_view kIdt3 =
    "IBM, z/OS 3.2 education: RACF Extend JWT support (OA65299)";
constexpr std::string_view kMacroReference =
    "IBM, z/OS Security Server RACROUTE Macro Reference";

// Of table 17 (OA63462), what has no cause on this system.
constexpr std::string_view kCannotArise =
    "it cannot arise here: nothing to do; on z/OS, see the system programmer";
constexpr std::string_view kSetField =
    "set the field as OA63462, table A, says";

constexpr std::string_view kMendAudit =
    "make room for the audit file, and see that this user may write to it: "
    "'sigtoken config check' looks at it; on_failure in [audit] decides "
    "whether "
    "requests go on without a record";
constexpr std::string_view kMendDevice =
    "start the device or its daemon, or correct the module's path or its own "
    "configuration; 'sigtoken config check' and 'sigtoken hsm test' say which "
    "it is";
constexpr std::string_view kMendKey =
    "'sigtoken profile match' shows the profile, and 'sigtoken key list' the "
    "keys: the one that SIGTOKEN, SIGSEQNUM and SIGCAT name must be there and "
    "enabled, fit SIGALG, and the PIN of its token be right";

constexpr auto kRacroute = RacfSurface::kRacroute;
constexpr auto kInitAcee = RacfSurface::kInitAcee;
constexpr auto kGenRc = RacfSurface::kGenRc;

constexpr auto kRows = std::to_array<RacfRow>({
    {kRacroute, kRacfDone, "done", kMacroReference, ""},
    {kRacroute, kUserNotDefined, "the user is not defined", kMacroReference,
     "define the user, or send the token of a user who is"},
    {kRacroute, kSignatureNotValid,
     "the user is not authenticated: the signature of the identity token does "
     "not fit, or its algorithm is not the configured one, which counts as a "
     "wrong password; or the user is protected and the profile does not have "
     "PROTALLOWED(YES), or nothing came that would authenticate, which do not "
     "count",
     kIdt2,
     "check with the same key and algorithm that the issuer signed with"},
    {kRacroute, kPasswordExpired,
     "the password or phrase that the identity token stands for has expired",
     kIdt2, "let the user set a new password or phrase"},
    {kRacroute, kNewPasswordNotValid,
     "the new password or phrase is not accepted: the identity token does not "
     "stand for one of its kind",
     kMacroReference,
     "give NEWPASS with a token of saf-pwd, NEWPHRASE with one of saf-phr, "
     "either with one of saf-ptkt"},
    {kRacroute, kUserRevoked, "the user is revoked", kMacroReference,
     "resume the user with ALTUSER RESUME"},
    {kRacroute, kTokenExpired, "the identity token has expired", kIdt2,
     "generate a new one; IDTTIMEOUT of the profile sets how long it lasts"},
    {kRacroute, kUnsignedFromEndUser,
     "the End-User flag is on and the identity token is not signed", kIdt2,
     "have tokens signed: name a key in the IDTDATA profile"},
    {kRacroute, kNoSignatureKey,
     "the identity token is signed and no IDTDATA profile names a key to check "
     "it with",
     kIdt2, "define a profile that covers JWT.appl.user.SAF with SIGTOKEN"},
    {kRacroute, kClassNotActive,
     "an identity token was given and the class IDTDATA is not active", kIdt2,
     "activate the class: SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA); for a "
     "try, a command takes a key with --key and --alg instead"},
    {kRacroute, kKidNotValid, "the kid of the identity token is not valid",
     kIdt3, "kid belongs to tokens that RSA keys sign"},
    {kRacroute, kKidNotProfiles,
     "the kid of the identity token is not the profile's SIGKIDPRIMARY", kIdt3,
     "check with the profile of the issuer"},
    {kRacroute, kTokenMalformed,
     "the token is malformed: size, three parts, base64url, JSON or header",
     kOurs,
     "send the token as it was issued; 'sigtoken idt inspect' shows what can "
     "be read"},
    {kRacroute, kUnsignedWithKey,
     "the token is not signed, and a key was named to check it with, by --key "
     "or, with --strict, by the profile",
     kOurs, "have the token signed with that key"},
    {kRacroute, kIssuerNotSaf, "the issuer of the token is not saf", kOurs,
     "send an identity token; other issuers' tokens are not accepted"},
    {kRacroute, kSubjectNotUser,
     "the token is another user's than the one that the request names", kOurs,
     "leave out the user, or name the token's"},
    {kRacroute, kClaimMissing, "a claim is missing; all eight are required",
     kOurs, "have the issuer write jti, txn, iss, sub, aud, iat, exp and amr"},
    {kRacroute, kClaimMalformed,
     "a claim has the wrong type, or its value is out of range", kOurs,
     "compare the claim with a token of RACF"},
    {kRacroute, kAudienceNotAppl,
     "the audience has neither the application name nor *ANYAPPL*", kOurs,
     "name the application that the token is for, or issue with ANYAPPL(YES)"},
    {kRacroute, kJtiNotValid, "jti does not have 8 to 64 characters", kOurs,
     "have the issuer write an identifier of that length"},
    {kRacroute, kTxnNotValid,
     "txn does not have 8 to 64 characters, or cannot be carried over", kOurs,
     "have the issuer write an identifier of that length"},
    {kRacroute, kAmrNotValid,
     "amr is empty, or has an unknown value or combination", kOurs,
     "see OA63462, 'RACROUTE use of the AMR Claim Details'"},
    {kRacroute, kModuleNotAvailable,
     "not decided: the PKCS #11 module, its device or the store is not "
     "available",
     kOurs,
     "start the device or its daemon and try again; the token may be good"},
    {kRacroute, kKeyNotUsable,
     "not decided: the key is not there, or cannot check a MAC", kOurs,
     kMendKey},
    {kRacroute, kNotRecorded,
     "refused: the audit record of the request could not be written", kOurs,
     kMendAudit},
    {kRacroute, kBufferTooSmall,
     "the buffer for the identity token is too small", kIdt2,
     "give at least 1,024 bytes, and the length that came back"},
    {kRacroute, kRacrouteParameter, "a parameter of the request is not valid",
     kOurs,
     "compare the keywords with IBM's description of RACROUTE REQUEST=VERIFY; "
     "with SIGTOKEN_SAF_MESSAGES=1 a C program is told which one it is"},
    {kRacroute, kIdtaEyecatcher, "IDTA_ID is not the eyecatcher IDTA", kOurs,
     kSetField},
    {kRacroute, kIdtaVersionNotValid, "IDTA_Version is not valid", kOurs,
     kSetField},
    {kRacroute, kIdtaLengthNotValid, "IDTA_Length is not valid", kOurs,
     kSetField},
    {kRacroute, kIdtaPointerNotValid, "IDTA_IDT_Buffer_Ptr is not valid", kOurs,
     kSetField},
    {kRacroute, kIdtaIdtLengthNotValid,
     "IDTA_IDT_Len is greater than IDTA_IDT_Buffer_Len", kOurs, kSetField},
    {kRacroute, kIdtaTypeNotValid, "IDTA_IDT_Type is not valid", kOurs,
     kSetField},
    {kRacroute, kMoreIsNeeded,
     "the user of multi-factor authentication must enter current credentials "
     "again",
     kIdt2,
     "prompt the user, and call again with the identity token that came back "
     "and what has been verified now: AMR, or USERID with PASSWRD or PHRASE; "
     "after mfa-exp and mfa-newinv with NEWPASS or NEWPHRASE too"},

    {kInitAcee, kRacfDone, "done", kIdt2, ""},
    {kInitAcee, {4, 0, 0}, "RACF is not installed", kIdt2, kCannotArise},
    {kInitAcee, kInitAceeParameter, "the parameter list is in error", kIdt2,
     "compare the parameters with IBM's description of initACEE; with "
     "SIGTOKEN_SAF_MESSAGES=1 a C program is told which one it is"},
    {kInitAcee, kInitAceeInternal,
     "an internal error of RACF; here: the audit record of the request could "
     "not be written",
     kIdt2, kMendAudit},
    {kInitAcee, {8, 8, 12}, "no recovery environment", kIdt2, kCannotArise},
    {kInitAcee, kInitAceeClassNotActive, "the class IDTDATA is not active",
     kIdt2,
     "activate the class: SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA); for a "
     "try, a command takes a key with --key and --alg instead"},
    {kInitAcee, kInitAceeEyecatcher, "IDTA_ID is not the eyecatcher IDTA",
     kIdt2, kSetField},
    {kInitAcee, kInitAceeVersion, "IDTA_Version is not valid", kIdt2,
     kSetField},
    {kInitAcee, kInitAceeLength, "IDTA_Length is not valid", kIdt2, kSetField},
    {kInitAcee, kInitAceePointer, "IDTA_IDT_Buffer_Ptr is not valid", kIdt2,
     kSetField},
    {kInitAcee, kInitAceeBufferTooSmall,
     "the buffer for the identity token is too small", kIdt2, kSetField},
    {kInitAcee, kInitAceeTokenGiven,
     "IDTA_IDT_Len is not zero: initACEE takes no input token", kIdt2,
     "leave the input token out, or use the service racroute"},
    {kInitAcee, kInitAceeType, "IDTA_IDT_Type is not valid", kIdt2, kSetField},
    {kInitAcee, kInitAceeUnsigned,
     "a signed identity token is required and no key is configured", kIdt2,
     "name a key in the IDTDATA profile"},
    {kInitAcee, kInitAceeIcsfUnavailable,
     "ICSF is not available; here: the PKCS #11 module or its device", kIdt2,
     kMendDevice},
    {kInitAcee, kInitAceeIcsfError,
     "an ICSF error: the key is not there, or cannot sign", kIdt2, kMendKey},
    {kInitAcee, kInitAceeAlgorithm, "SIGTOKEN with the algorithm of an RSA key",
     kIdt3, "SIGTOKEN takes HS256, HS384 or HS512"},

    {kGenRc,
     {0, 0, kGenRcSuccess},
     "a token came back; where none did, none was asked for",
     kIdt2,
     ""},
    {kGenRc,
     {0, 0, kGenRcUnsigned},
     "the End-User flag is on and signed identity tokens are not configured",
     kIdt2,
     "name a key in the IDTDATA profile"},
    {kGenRc,
     {0, 0, kGenRcIcsfUnavailable},
     "ICSF is not available; here: the PKCS #11 module or its device",
     kIdt2,
     kMendDevice},
    {kGenRc,
     {0, 0, kGenRcIcsfError},
     "an ICSF error: the key is not there, or cannot sign",
     kIdt2,
     kMendKey},
    {kGenRc,
     {0, 0, kGenRcAlgorithm},
     "SIGTOKEN with the algorithm of an RSA key",
     kIdt3,
     "SIGTOKEN takes HS256, HS384 or HS512"},
});

constexpr auto Key(const RacfRow& row) {
  return std::tuple(row.surface, row.code.saf, row.code.racf, row.code.reason);
}

constexpr bool Rises() {
  for (std::size_t i = 1; i < kRows.size(); ++i) {
    if (!(Key(kRows[i - 1]) < Key(kRows[i]))) return false;
  }
  return true;
}

static_assert(Rises(), "kRows must rise: a row is twice there or misplaced");

std::string Digits(int number, int base) {
  char text[16];
  const auto end = std::to_chars(text, text + sizeof text, number, base);
  return UpperCase({text, static_cast<std::size_t>(end.ptr - text)});
}

std::string Triple(RacfCode code, int base) {
  return Digits(code.saf, base) + "/" + Digits(code.racf, base) + "/" +
         Digits(code.reason, base);
}

}  // namespace

std::span<const RacfRow> RacfRows() { return kRows; }

const RacfRow* FindRacf(RacfSurface surface, RacfCode code) {
  const auto* row =
      std::find_if(kRows.begin(), kRows.end(), [&](const RacfRow& candidate) {
        return candidate.surface == surface && candidate.code == code;
      });
  return row != kRows.end() ? row : nullptr;
}

std::string_view CureOf(RacfSurface surface, RacfCode code) {
  const RacfRow* row = FindRacf(surface, code);
  return row != nullptr ? row->cure : std::string_view();
}

std::string FormatRacfCode(RacfSurface surface, RacfCode code) {
  if (surface == RacfSurface::kGenRc) return std::to_string(code.reason);
  return Triple(code, surface == RacfSurface::kRacroute ? 16 : 10);
}

std::string_view RacfSurfaceName(RacfSurface surface) {
  switch (surface) {
    case RacfSurface::kRacroute:
      return "RACROUTE REQUEST=VERIFY";
    case RacfSurface::kInitAcee:
      return "initACEE function 7";
    case RacfSurface::kGenRc:
      return "IDTA_IDT_Gen_RC";
  }
  return "";
}

std::vector<const RacfRow*> ExplainRacf(std::string_view text) {
  const std::string upper = UpperCase(text);
  std::vector<const RacfRow*> rows;
  for (const RacfRow& row : kRows) {
    if (FormatRacfCode(row.surface, row.code) == upper ||
        (row.surface == RacfSurface::kRacroute &&
         Triple(row.code, 10) == upper)) {
      rows.push_back(&row);
    }
  }
  return rows;
}

}  // namespace sigtoken
