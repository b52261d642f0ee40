#include "pkcs11/cryptoki/token_setup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkcs11/cryptoki/session.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using testing::IsOk;
using testing::Must;
using testing::Name;

class TokenSetupTest : public ::testing::Test {
 protected:
  Slot Make(const std::string& name, Secret& user_pin) {
    const CK_SLOT_ID slot = Must(
        InitializeFreeSlot(module_, Name(name).Padded(), so_pin_, user_pin));
    return Must(TryUserPin(module_, slot, user_pin));
  }

  testing::PrivateSoftHsm2 hsm_;
  std::shared_ptr<Module> module_ =
      Must(Module::Load({SIGTOKEN_SOFTHSM2_MODULE, "", ""}));
  Secret so_pin_ = Must(Secret::RandomHex(32));
  Secret pin_ = Must(Secret::RandomHex(32));
};

TEST_F(TokenSetupTest, TheNewTokenHasItsLabelAndPin) {
  const Slot slot = Make("IDT.KEYS", pin_);
  EXPECT_EQ(Trimmed(slot.info.label), "IDT.KEYS");
  EXPECT_TRUE(slot.initialized());
  EXPECT_TRUE(slot.info.flags & CKF_USER_PIN_INITIALIZED);
  Session session = Must(Session::Open(module_, slot.id, Access::kReadOnly));
  EXPECT_THAT(session.Login(CKU_USER, pin_), IsOk());
}

TEST_F(TokenSetupTest, NobodyIsLoggedInAfterwards) {
  const Slot slot = Make("IDT.KEYS", pin_);
  Session session = Must(Session::Open(module_, slot.id, Access::kReadOnly));
  const auto login = session.Login(CKU_USER, so_pin_);
  ASSERT_FALSE(login);
  EXPECT_EQ(login.error().rv, CKR_PIN_INCORRECT);
}

TEST_F(TokenSetupTest, ATokenThatIsThereIsNotTouched) {
  const Slot first = Make("TWIN", pin_);
  Secret other = Must(Secret::RandomHex(32));
  const Slot second = Make("TWIN", other);
  EXPECT_NE(first.id, second.id);
  EXPECT_NE(Trimmed(first.info.serialNumber),
            Trimmed(second.info.serialNumber));
  Session session = Must(Session::Open(module_, first.id, Access::kReadOnly));
  EXPECT_THAT(session.Login(CKU_USER, pin_), IsOk());
}

TEST_F(TokenSetupTest, APinThatTheModuleRefusesIsSaid) {
  Secret too_short = Must(Secret::RandomHex(2));
  const auto made =
      InitializeFreeSlot(module_, Name("IDT.KEYS").Padded(), too_short, pin_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().rv, CKR_PIN_INCORRECT);
  EXPECT_EQ(made.error().call, "C_InitToken");
}

}  // namespace
}  // namespace sigtoken
