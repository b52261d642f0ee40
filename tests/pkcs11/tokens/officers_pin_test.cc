// so-pin-source: a token that is made meets a fault, or another process.

#include "pkcs11/tokens/officers_pin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "keygen/generate.h"
#include "tests/fault_module.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/tokens/so_pin_fixture.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;

class OfficersPinTest : public testing::SoPinTest {
 protected:
  BoundToken New() const { return Bound("token=new", fault_.path()); }
  BoundToken Other() const {
    return hsm_.Bind("IDT.OTHER", "token=other", fault_.path());
  }

  testing::FaultModule fault_;
};

// The module shows it only once it is initialised anew, and then the URI would
// fit two.
TEST_F(OfficersPinTest, ATokenThatAnotherProcessMadeMeanwhileIsTakenAsItIs) {
  hsm_.MakeToken("other");
  const auto directory = Open({New(), Other()});
  const auto other = Must(directory->FindToken(Name("IDT.OTHER")));
  ASSERT_THAT(GenerateKey(*other, {}), IsOk());
  hsm_.MakeToken("new");
  EXPECT_THAT(Create(*directory), IsOk());
  EXPECT_EQ(fault_.Calls("C_InitToken"), 0U);
  EXPECT_THAT(GenerateKey(*other, {}), IsOk());
}

TEST_F(OfficersPinTest, WhileSomebodyElseHoldsTheModuleNoneIsMade) {
  hsm_.MakeToken("other");
  const auto directory = Open({New(), Other()});
  const auto held = Must(Module::Load({fault_.path(), "", ""}));
  EXPECT_THAT(Create(*directory), FailsWith(kNotAvailable));
  EXPECT_EQ(fault_.Calls("C_InitToken"), 0U);
}

TEST_F(OfficersPinTest, AWrongPinOfTheSecurityOfficerIsTriedOnce) {
  const std::string file = "'" + so_pin_.string() + "'";
  const std::string write_it =
      "; then write that PIN into " + file +
      ", even if it is there: sigtoken notices by itself that the file has "
      "changed, and tries no PIN before";
  struct Row {
    std::string code;
    std::string cure;
  };
  for (const auto& [code, cure] : std::vector<Row>{
           {"CKR_PIN_INCORRECT", "write the right PIN into " + file +
                                     ": this one is not tried again"},
           {"CKR_PIN_LOCKED",
            "the token has counted too many wrong PINs of its security "
            "officer: unlock it as the vendor's documents say; most tokens "
            "have to be initialised anew for that, which destroys their keys" +
                write_it},
           {"CKR_PIN_EXPIRED",
            "change the security officer's PIN (C_SetPIN: pkcs11-tool --module "
            "'" +
                fault_.path() +
                "' --token-label 'new' --login --login-type so --change-pin, "
                "or the HSM's own tool)" +
                write_it}}) {
    SCOPED_TRACE(code);
    folder_.Write("so-pin", "another\n");
    fault_.Script("C_InitToken * return " + code);
    const auto before = fault_.Calls("C_InitToken");
    const auto refused = Create(*Open({New()}));
    EXPECT_THAT(refused, FailsWith(kNotAuthorized));
    EXPECT_EQ(CureOf(refused), cure);
    fault_.Script("");
    const auto again = Create(*Open({New()}));
    EXPECT_THAT(again, FailsWith(kNotAuthorized));
    EXPECT_EQ(MessageOf(again),
              "the token IDT.KEYS has refused the security officer's PIN in " +
                  file + ", and it is not tried again");
    EXPECT_EQ(CureOf(again), cure);
    EXPECT_EQ(fault_.Calls("C_InitToken"), before + 1);
    EXPECT_TRUE(Tokens().empty());
  }
  folder_.Write("so-pin", kSoPin);
  EXPECT_THAT(Create(*Open({New()})), IsOk());
}

// It is the user's PIN that the module does not like.
TEST_F(OfficersPinTest, ThePinOfTheUserIsNotTakenForTheOfficers) {
  fault_.Script("C_InitPIN 1 return CKR_PIN_LEN_RANGE");
  EXPECT_THAT(Create(*Open({New()})), FailsWith(kNotAuthorized));
  EXPECT_THAT(Create(*Open({New()})), IsOk());
}

TEST_F(OfficersPinTest, ATokenThatTheNextWrongPinLocksIsLeftAlone) {
  fault_.Script("C_InitPIN 1 return CKR_DEVICE_ERROR");
  EXPECT_THAT(Create(*Open({New()})), FailsWith(kNotAvailable));
  const auto logins = fault_.Calls("C_Login");
  for (const std::string flag : {"CKF_SO_PIN_FINAL_TRY", "CKF_SO_PIN_LOCKED"}) {
    fault_.Script("C_GetTokenInfo * set-flag " + flag);
    EXPECT_THAT(Create(*Open({New()})), FailsWith(kNotAuthorized));
  }
  EXPECT_EQ(fault_.Calls("C_Login"), logins);
}

TEST_F(OfficersPinTest, ATokenWithoutAUserPinGetsOne) {
  fault_.Script("C_InitPIN 1 return CKR_DEVICE_ERROR");
  const auto directory = Open({New()});
  EXPECT_THAT(Create(*directory), FailsWith(kNotAvailable));
  fault_.Script("");
  // Whoever logs in meanwhile is refused, and has it remembered.
  EXPECT_THAT(Must(directory->FindToken(Name("IDT.KEYS")))->Login(),
              FailsWith(kNotAuthorized));
  EXPECT_THAT(Create(*directory), IsOk());
  EXPECT_EQ(fault_.Calls("C_InitToken"), 1U);
  EXPECT_EQ(Tokens().size(), 1U);
  EXPECT_THAT(GenerateKey(*Must(directory->FindToken(Name("IDT.KEYS"))), {}),
              IsOk());
}

// Its security officer is not the one whose PIN is given.
TEST_F(OfficersPinTest, AWrongPinForTheUsersIsTriedOnceToo) {
  fault_.Script("C_InitPIN 1 return CKR_DEVICE_ERROR");
  EXPECT_THAT(Create(*Open({New()})), FailsWith(kNotAvailable));
  fault_.Script("");
  folder_.Write("so-pin", "another\n");
  const auto logins = fault_.Calls("C_Login");
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Create(*Open({New()})), FailsWith(kNotAuthorized));
    EXPECT_EQ(fault_.Calls("C_Login"), logins + 1);
  }
  folder_.Write("so-pin", kSoPin);
  EXPECT_THAT(Create(*Open({New()})), IsOk());
}

TEST_F(OfficersPinTest, ATokenWithAUserPinKeepsIt) {
  hsm_.MakeToken("new");
  EXPECT_THAT(Create(*Open({New()})), IsOk());
  EXPECT_EQ(fault_.Calls("C_InitPIN"), 0U);
}

}  // namespace
}  // namespace sigtoken
