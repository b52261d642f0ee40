// amr: how the user of an identity token was authenticated.

#ifndef SIGNER_IDT_AMR_H_
#define SIGNER_IDT_AMR_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"

namespace sigtoken {

// initACEE's only value, and one that no other service writes (OA63462,
// "RACROUTE use of the AMR Claim Details").
inline constexpr std::string_view kAmrAcee = "saf-acee";
inline constexpr std::string_view kAmrPassword = "saf-pwd";
inline constexpr std::string_view kAmrPhrase = "saf-phr";
inline constexpr std::string_view kAmrPassTicket = "saf-ptkt";

// The values in the order of OA63462, which gives all but these rules of ours:
// at most one SAF value and one MFA value, no value twice, and saf-acee beside
// no other.
//
// Errors: kParameterInvalid; the message repeats known values only.
Status CheckAmr(std::span<const std::string> values);

// Whether `value` alone is one that amr may have.
bool IsAmrValue(std::string_view value);

// How a user is authenticated now in whose name two things came: an identity
// token with `of_token`, which CheckAmr() accepted, and a password or phrase
// that was right, `credential` being its value. `sets_new`: a new one, too.
//
// Empty where the token stands for itself. It does with a SAF value (OA63462,
// "Other RACROUTE REQUEST=VERIFY Parameters": "When the supplied IDT contains a
// SAF AMR claim the PASSWORD and PHRASE parameters are ignored by SAF"), and
// with mfa-exp or mfa-newinv until a new knowledge factor is set. What takes
// the place of a token's values else is in no source, and ours: the credential
// ends mfa-nmi, mfa-exp and mfa-newinv, and stands beside other MFA values.
std::vector<std::string> AmrNow(std::span<const std::string> of_token,
                                std::string_view credential, bool sets_new);

// Whether a user with these values, which CheckAmr() accepted, is fully
// authenticated (IDTA_IDT_Auth_Done): not in the middle of mfa-exp, mfa-newinv
// or mfa-nmi.
bool IsFullyAuthenticated(std::span<const std::string> values);

}  // namespace sigtoken

#endif  // SIGNER_IDT_AMR_H_
