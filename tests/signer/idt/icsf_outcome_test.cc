#include "signer/idt/icsf_outcome.h"

#include <gtest/gtest.h>

namespace sigtoken {
namespace {

Error Of(CK_RV rv) { return Error{rv, "C_Sign", "", ""}; }

TEST(IcsfOutcomeTest, ADeviceThatIsNotThereIsUnavailable) {
  for (CK_RV rv : {CKR_DEVICE_ERROR, CKR_DEVICE_MEMORY, CKR_DEVICE_REMOVED,
                   CKR_TOKEN_NOT_PRESENT, CKR_CRYPTOKI_NOT_INITIALIZED,
                   CKR_HOST_MEMORY, CKR_GENERAL_ERROR, CKR_FUNCTION_FAILED,
                   CKR_SLOT_ID_INVALID, CK_RV{0x80000123}, CK_RV{0xCE534351}}) {
    EXPECT_TRUE(IsIcsfUnavailable(Of(rv))) << rv;
  }
  EXPECT_TRUE(IsIcsfUnavailable(Unavailable("", "")));
  EXPECT_TRUE(IsIcsfUnavailable(Fault("")));
}

TEST(IcsfOutcomeTest, ARequestThatCannotBeDoneIsAnError) {
  for (CK_RV rv : {CKR_KEY_HANDLE_INVALID, CKR_KEY_FUNCTION_NOT_PERMITTED,
                   CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_SIZE_RANGE,
                   CKR_PIN_INCORRECT, CKR_PIN_LOCKED, CKR_TOKEN_NOT_RECOGNIZED,
                   CKR_MECHANISM_INVALID, CKR_ARGUMENTS_BAD}) {
    EXPECT_FALSE(IsIcsfUnavailable(Of(rv))) << rv;
  }
  for (IcsfCode icsf :
       {kTokenNotFound, kObjectNotFound, kObjectDisabled, kNotAuthorized,
        kKeyFunctionNotPermitted, IcsfCode{12, 8}, kMacNotVerified}) {
    EXPECT_FALSE(
        IsIcsfUnavailable(Refusal(icsf, CKR_TOKEN_NOT_PRESENT, "", "")))
        << icsf.reason_code;
  }
}

}  // namespace
}  // namespace sigtoken
