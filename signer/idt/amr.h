// amr: how the user of an identity token was authenticated.

#ifndef SIGNER_IDT_AMR_H_
#define SIGNER_IDT_AMR_H_

#include <span>
#include <string>
#include <string_view>

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

// Whether a user with these values, which CheckAmr() accepted, is fully
// authenticated (IDTA_IDT_Auth_Done): not in the middle of mfa-exp, mfa-newinv
// or mfa-nmi.
bool IsFullyAuthenticated(std::span<const std::string> values);

}  // namespace sigtoken

#endif  // SIGNER_IDT_AMR_H_
