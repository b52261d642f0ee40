// IcsfCode: the return and reason code of an ICSF callable service.

#ifndef PKCS11_BASE_ICSF_CODE_H_
#define PKCS11_BASE_ICSF_CODE_H_

namespace sigtoken {

// z/OS ICSF Application Programmer's Guide, Appendix A. The return code is 0
// (done), 4 (done, with an answer to look at), 8 (the request is at fault),
// 12 (not available) or 16 (a fault inside).
struct IcsfCode {
  int return_code = 0;
  int reason_code = 0;

  friend bool operator==(const IcsfCode&, const IcsfCode&) = default;
};

// Documented codes that the sources name (base/codes_icsf.cc has them all).
inline constexpr IcsfCode kIcsfDone{0, 0};
inline constexpr IcsfCode kMoreAvailable{4, 3017};
inline constexpr IcsfCode kMacNotVerified{4, 8000};
inline constexpr IcsfCode kSignatureNotVerified{4, 11000};
inline constexpr IcsfCode kDataLengthInvalid{8, 72};
inline constexpr IcsfCode kOutputTooShort{8, 3003};
inline constexpr IcsfCode kTemplateInconsistent{8, 3009};
inline constexpr IcsfCode kSessionObjectGone{8, 3019};
inline constexpr IcsfCode kObjectGone{8, 3027};
inline constexpr IcsfCode kAttributeTypeInvalid{8, 3029};
inline constexpr IcsfCode kAttributeValueInvalid{8, 3030};
inline constexpr IcsfCode kTemplateIncomplete{8, 3033};
inline constexpr IcsfCode kAttributeReadOnly{8, 3034};
inline constexpr IcsfCode kKeyFunctionNotPermitted{8, 3038};
inline constexpr IcsfCode kKeyTypeInconsistent{8, 3039};
inline constexpr IcsfCode kKeyUnextractable{8, 3045};
inline constexpr IcsfCode kLengthInvalid{8, 11000};
inline constexpr IcsfCode kNotAuthorized{8, 16000};
inline constexpr IcsfCode kNotAvailable{12, 0};
inline constexpr IcsfCode kServiceNotAvailable{12, 8};
inline constexpr IcsfCode kInternalFault{16, 0};

// Ours: IBM's reason codes for these are not known to us.
inline constexpr IcsfCode kRuleArrayInvalid{8, 3000};
inline constexpr IcsfCode kHandleInvalid{8, 3001};
inline constexpr IcsfCode kParameterInvalid{8, 3002};
inline constexpr IcsfCode kTokenNotFound{8, 3024};
inline constexpr IcsfCode kObjectNotFound{8, 3025};
inline constexpr IcsfCode kTokenExists{8, 3026};
inline constexpr IcsfCode kNoRoom{8, 3021};
inline constexpr IcsfCode kTokenNotEmpty{8, 3022};
inline constexpr IcsfCode kObjectDisabled{8, 3023};

}  // namespace sigtoken

#endif  // PKCS11_BASE_ICSF_CODE_H_
