#include "pkcs11/tokens/pin_cures.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sigtoken {
namespace {

const TokenIdentity kToken{"/p11.so", "", "prod", "0011"};
const std::string kTool =
    "pkcs11-tool --module '/p11.so' --token-label 'prod' --login ";
const std::string kOrOwn = ", or the HSM's own tool)";
const std::string kWriteThat =
    "; then write that PIN into '/run/pin', even if it is there: sigtoken "
    "notices by itself that the file has changed, and tries no PIN before";
const std::string kWriteRight =
    "write the right PIN into '/run/pin': this one is not tried again";

TEST(PinCuresTest, OnlyAPinThatIsWrongIsMendedByAnotherOneInTheFile) {
  struct Row {
    CK_RV rv;
    PinOwner owner;
    std::string cure;
  };
  const std::string init =
      "have its security officer set a new user PIN "
      "(C_InitPIN: " +
      kTool + "--login-type so --init-pin" + kOrOwn;
  for (const Row& row : std::vector<Row>{
           {CKR_PIN_LOCKED, PinOwner::kUser,
            "the token has counted too many wrong PINs: " + init + kWriteThat},
           {CKR_USER_PIN_NOT_INITIALIZED, PinOwner::kUser, init + kWriteThat},
           {CKR_PIN_EXPIRED, PinOwner::kUser,
            "change it as the user (C_SetPIN: " + kTool + "--change-pin" +
                kOrOwn + kWriteThat},
           {CKR_PIN_EXPIRED, PinOwner::kSecurityOfficer,
            "change the security officer's PIN (C_SetPIN: " + kTool +
                "--login-type so --change-pin" + kOrOwn + kWriteThat},
           {CKR_PIN_LOCKED, PinOwner::kSecurityOfficer,
            "the token has counted too many wrong PINs of its security "
            "officer: unlock it as the vendor's documents say; most tokens "
            "have to be initialised anew for that, which destroys their keys" +
                kWriteThat},
           {CKR_PIN_INCORRECT, PinOwner::kUser, kWriteRight},
           {CKR_PIN_INVALID, PinOwner::kUser, kWriteRight},
           {CKR_PIN_LEN_RANGE, PinOwner::kUser, kWriteRight},
           // Of a vendor.
           {0xCE534351, PinOwner::kUser, kWriteRight},
           {CKR_PIN_INCORRECT, PinOwner::kSecurityOfficer, kWriteRight},
       }) {
    EXPECT_EQ(CureOfPin(row.rv, row.owner, kToken, "/run/pin"), row.cure);
  }
}

TEST(PinCuresTest, WithoutAFileThePinIsGivenAnew) {
  EXPECT_EQ(CureOfPin(CKR_PIN_INCORRECT, PinOwner::kUser, kToken, ""),
            "give the right PIN");
  EXPECT_EQ(CureOfPin(CKR_PIN_EXPIRED, PinOwner::kUser, kToken, ""),
            "change it as the user (C_SetPIN: " + kTool + "--change-pin" +
                kOrOwn + "; then start this again with that PIN");
}

// The command is to be pasted into a shell.
TEST(PinCuresTest, ALabelThatAShellWouldReadIsLeftOut) {
  for (const std::string label : {"a';id;'", "a\\'"}) {
    EXPECT_EQ(CureOfPin(CKR_PIN_EXPIRED, PinOwner::kUser,
                        {"/p11.so", "", label, ""}, ""),
              "change it as the user (C_SetPIN: pkcs11-tool --module '/p11.so' "
              "--login --change-pin" +
                  kOrOwn + "; then start this again with that PIN");
  }
}

TEST(PinCuresTest, ATokenThatIsKnownByItsNumberIsNotNamedByALabel) {
  EXPECT_EQ(CureOfPin(CKR_PIN_EXPIRED, PinOwner::kUser,
                      {"/p11.so", "", "", "0011"}, ""),
            "change it as the user (C_SetPIN: pkcs11-tool --module '/p11.so' "
            "--login --change-pin" +
                kOrOwn + "; then start this again with that PIN");
}

}  // namespace
}  // namespace sigtoken
