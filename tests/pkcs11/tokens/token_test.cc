#include "pkcs11/tokens/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;

class LoginTest : public ::testing::Test {
 protected:
  void SetUp() override {
    hsm_.MakeToken("hsm");
    std::filesystem::create_directory(folder_.path() / "locks");
    database_ = Must(Database::Open(folder_.path() / "db"));
    backend_ =
        std::make_shared<Backend>(ModuleSpec{SIGTOKEN_SOFTHSM2_MODULE, "", ""},
                                  folder_.path() / "locks", std::nullopt);
    const auto held = Must(backend_->Look(nullptr));
    const Slot slot = Must(backend_->FindSlot(
        held, "the token", [](const Slot&) { return true; }));
    token_ = std::make_shared<Token>(
        backend_, Must(backend_->Use(held)), SIGTOKEN_SOFTHSM2_MODULE, slot,
        Name("IDT.KEYS"),
        Token::Pin{[this]() -> Result<Secret> {
                     ++reads_;
                     if (pin_.empty()) return Unavailable("no PIN", "");
                     std::string pin = pin_;
                     return Secret::Take(
                         {reinterpret_cast<std::uint8_t*>(pin.data()),
                          pin.size()});
                   },
                   ""},
        std::vector<BoundKey>(), *database_);
  }

  testing::PrivateSoftHsm2 hsm_;
  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
  std::shared_ptr<Backend> backend_;
  std::shared_ptr<Token> token_;
  std::string pin_ = testing::PrivateSoftHsm2::kPin;
  int reads_ = 0;
};

TEST_F(LoginTest, ThePinIsReadOnce) {
  ASSERT_THAT(token_->Login(), IsOk());
  ASSERT_THAT(token_->Login(), IsOk());
  EXPECT_EQ(reads_, 1);
}

TEST_F(LoginTest, ThePinIsNotReadBeforeItIsNeeded) {
  Must(token_->Look());
  Must(token_->Change());
  EXPECT_EQ(reads_, 0);
}

TEST_F(LoginTest, AWrongPinIsTriedOnce) {
  pin_ = "wrong";
  for (int i = 0; i < 3; ++i) {
    const auto login = token_->Login();
    EXPECT_THAT(login, FailsWith(kNotAuthorized));
    EXPECT_EQ(MessageOf(login), "could not log in to the token IDT.KEYS");
  }
  EXPECT_EQ(reads_, 1);
}

TEST_F(LoginTest, APinThatCouldNotBeReadIsReadAgain) {
  pin_ = "";
  EXPECT_THAT(token_->Login(), FailsWith(kNotAvailable));
  pin_ = testing::PrivateSoftHsm2::kPin;
  EXPECT_THAT(token_->Login(), IsOk());
  EXPECT_EQ(reads_, 2);
}

TEST_F(LoginTest, TheIdentityIsThatOfModuleAndToken) {
  const TokenIdentity identity = token_->identity();
  EXPECT_EQ(identity.module_path, SIGTOKEN_SOFTHSM2_MODULE);
  EXPECT_EQ(identity.init, "");
  EXPECT_EQ(identity.label, "hsm");
  EXPECT_EQ(identity.serial.size(), 16U);
}

class TokenPoolTest : public testing::TokenTest {};

TEST_F(TokenPoolTest, ASessionGoesBackToThePool) {
  Must(token_->Login());
  CK_SESSION_HANDLE first = CK_INVALID_HANDLE;
  {
    auto lease = Must(token_->Borrow());
    first = lease.session().handle();
  }
  EXPECT_EQ(Must(token_->Borrow()).session().handle(), first);
}

TEST_F(TokenPoolTest, EveryBorrowerHasASessionToItself) {
  Must(token_->Login());
  auto first = Must(token_->Borrow());
  auto second = Must(token_->Borrow());
  EXPECT_NE(first.session().handle(), second.session().handle());
}

TEST_F(TokenPoolTest, ADroppedSessionIsClosed) {
  Must(token_->Login());
  auto& functions = Must(token_->Borrow()).session().functions();
  CK_SESSION_HANDLE dropped = CK_INVALID_HANDLE;
  {
    auto lease = Must(token_->Borrow());
    dropped = lease.session().handle();
    lease.Drop();
  }
  CK_SESSION_INFO info{};
  EXPECT_EQ(functions.C_GetSessionInfo(dropped, &info),
            CKR_SESSION_HANDLE_INVALID);
  EXPECT_NE(Must(token_->Borrow()).session().handle(), dropped);
}

TEST_F(TokenPoolTest, AMovedLeaseGivesItsSessionBackOnce) {
  Must(token_->Login());
  {
    auto first = Must(token_->Borrow());
    const Token::Lease second(std::move(first));
  }
  auto one = Must(token_->Borrow());
  auto two = Must(token_->Borrow());
  EXPECT_NE(one.session().handle(), two.session().handle());
}

// The idle session carries the login.
TEST_F(TokenPoolTest, TheLoginOutlastsAllSessions) {
  Generate();
  {
    auto lease = Must(token_->Borrow());
    lease.Drop();
  }
  EXPECT_EQ(testing::CountObjects(*token_), 1U);
}

}  // namespace
}  // namespace sigtoken
