// RACF's codes for identity tokens, and ours where IBM's are not known.

#ifndef SIGNER_RACF_CODES_H_
#define SIGNER_RACF_CODES_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sigtoken {

// SAF return code, RACF return code, RACF reason code.
struct RacfCode {
  int saf = 0;
  int racf = 0;
  int reason = 0;

  friend bool operator==(const RacfCode&, const RacfCode&) = default;
};

// Where a code appears, and so how it is spelled.
enum class RacfSurface {
  kRacroute,  // RACROUTE REQUEST=VERIFY, hexadecimal: 8/6C/F.
  kInitAcee,  // initACEE, function 7, decimal: 8/16/4.
  kGenRc,     // IDTA_IDT_Gen_RC, a halfword, here in `reason`: 4.
};

// IDTA_IDT_Gen_RC (OA63462, table A; 7: z/OS 3.2 education, RACF Extend JWT
// support). 1, 2 and 6 are in no source.
inline constexpr int kGenRcSuccess = 0;
inline constexpr int kGenRcUnsigned = 3;
inline constexpr int kGenRcIcsfUnavailable = 4;
inline constexpr int kGenRcIcsfError = 5;
inline constexpr int kGenRcAlgorithm = 7;

inline constexpr RacfCode kRacfDone{0, 0, 0};

// RACROUTE REQUEST=VERIFY, IBM's.
inline constexpr RacfCode kUserNotDefined{4, 0x4, 0};
// RACF's word for a wrong password.
inline constexpr RacfCode kSignatureNotValid{8, 0x8, 0};
inline constexpr RacfCode kPasswordExpired{8, 0xC, 0};
inline constexpr RacfCode kNewPasswordNotValid{8, 0x10, 0};
inline constexpr RacfCode kUserRevoked{8, 0x1C, 0};
inline constexpr RacfCode kTokenExpired{8, 0x6C, 0xF};
inline constexpr RacfCode kUnsignedFromEndUser{8, 0x6C, 0x14};
inline constexpr RacfCode kNoSignatureKey{8, 0x6C, 0x15};
inline constexpr RacfCode kClassNotActive{8, 0x6C, 0x1A};
inline constexpr RacfCode kKidNotValid{8, 0x6C, 0x1C};
inline constexpr RacfCode kKidNotProfiles{8, 0x6C, 0x1D};
inline constexpr RacfCode kBufferTooSmall{8, 0x70, 0x1};
inline constexpr RacfCode kMoreIsNeeded{8, 0x74, 0x1};

// RACROUTE REQUEST=VERIFY, ours: that these are refused is documented or
// follows from what is, the reason codes are not. X'A01' is above every reason
// that IBM is known to use.
inline constexpr RacfCode kTokenMalformed{8, 0x6C, 0xA01};
inline constexpr RacfCode kUnsignedWithKey{8, 0x6C, 0xA02};
inline constexpr RacfCode kIssuerNotSaf{8, 0x6C, 0xA03};
inline constexpr RacfCode kSubjectNotUser{8, 0x6C, 0xA04};
inline constexpr RacfCode kClaimMissing{8, 0x6C, 0xA05};
inline constexpr RacfCode kClaimMalformed{8, 0x6C, 0xA06};
inline constexpr RacfCode kAudienceNotAppl{8, 0x6C, 0xA07};
inline constexpr RacfCode kJtiNotValid{8, 0x6C, 0xA08};
inline constexpr RacfCode kTxnNotValid{8, 0x6C, 0xA09};
inline constexpr RacfCode kAmrNotValid{8, 0x6C, 0xA0A};
// Undecided: these say nothing about the token.
inline constexpr RacfCode kModuleNotAvailable{8, 0x6C, 0xA0B};
inline constexpr RacfCode kKeyNotUsable{8, 0x6C, 0xA0C};
inline constexpr RacfCode kNotRecorded{8, 0x6C, 0xA0D};
// A parameter beside the token. Not 8/8/4, which is initACEE's: RACROUTE's 8/8
// speaks of passwords.
inline constexpr RacfCode kRacrouteParameter{8, 0x70, 0xA01};
// Fields of the IDTA but the length of its buffer.
inline constexpr RacfCode kIdtaEyecatcher{8, 0x70, 0xA02};
inline constexpr RacfCode kIdtaVersionNotValid{8, 0x70, 0xA03};
inline constexpr RacfCode kIdtaLengthNotValid{8, 0x70, 0xA04};
inline constexpr RacfCode kIdtaPointerNotValid{8, 0x70, 0xA05};
inline constexpr RacfCode kIdtaIdtLengthNotValid{8, 0x70, 0xA06};
inline constexpr RacfCode kIdtaTypeNotValid{8, 0x70, 0xA07};

// initACEE, function 7.
inline constexpr RacfCode kInitAceeParameter{8, 8, 4};
inline constexpr RacfCode kInitAceeInternal{8, 8, 8};
inline constexpr RacfCode kInitAceeClassNotActive{8, 8, 16};
inline constexpr RacfCode kInitAceeEyecatcher{8, 12, 1};
inline constexpr RacfCode kInitAceeVersion{8, 12, 2};
inline constexpr RacfCode kInitAceeLength{8, 12, 3};
inline constexpr RacfCode kInitAceePointer{8, 12, 4};
inline constexpr RacfCode kInitAceeBufferTooSmall{8, 12, 5};
inline constexpr RacfCode kInitAceeTokenGiven{8, 12, 6};
inline constexpr RacfCode kInitAceeType{8, 12, 7};
inline constexpr RacfCode kInitAceeUnsigned{8, 16, 3};
inline constexpr RacfCode kInitAceeIcsfUnavailable{8, 16, 4};
inline constexpr RacfCode kInitAceeIcsfError{8, 16, 5};
inline constexpr RacfCode kInitAceeAlgorithm{8, 16, 7};

// One code. `source` is the document that gives it, or "ours".
struct RacfRow {
  RacfSurface surface;
  RacfCode code;
  std::string_view meaning;
  std::string_view source;
  std::string_view cure;
};

// RACROUTE's rows, then initACEE's, then those of IDTA_IDT_Gen_RC; each part
// rises by its code.
std::span<const RacfRow> RacfRows();

// Null for a code that the table does not have.
const RacfRow* FindRacf(RacfSurface surface, RacfCode code);

// Its cure; empty for a code that the table does not have.
std::string_view CureOf(RacfSurface surface, RacfCode code);

// "8/6C/F", "8/16/4"; a generation code alone: "4".
std::string FormatRacfCode(RacfSurface surface, RacfCode code);

// "RACROUTE REQUEST=VERIFY", "initACEE function 7", "IDTA_IDT_Gen_RC".
std::string_view RacfSurfaceName(RacfSurface surface);

// The rows that FormatRacfCode() spells as `text`, whatever the case of the
// digits, and those of RACROUTE in decimal too, as programs pass the three
// numbers on: two for 8/8/4 if both services had it, none for what nobody
// knows.
std::vector<const RacfRow*> ExplainRacf(std::string_view text);

}  // namespace sigtoken

#endif  // SIGNER_RACF_CODES_H_
