#include "pkcs11/cryptoki/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "pkcs11/base/codes.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;

Secret Pin(std::string text) {
  return Must(Secret::Take(
      {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
}

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() {
    hsm_.MakeToken("token");
    module_ = Must(Module::Load({SIGTOKEN_SOFTHSM2_MODULE, "", ""}));
    slot_ = Must(module_->Slots()).front().id;
  }

  Session Open(Access access = Access::kReadOnly) {
    return Must(Session::Open(module_, slot_, access));
  }
  bool IsOpen(CK_SESSION_HANDLE session) {
    CK_SESSION_INFO info{};
    const CK_RV rv = module_->functions().C_GetSessionInfo(session, &info);
    EXPECT_TRUE(rv == CKR_OK || rv == CKR_SESSION_HANDLE_INVALID);
    return rv == CKR_OK;
  }
  CK_STATE StateOf(const Session& session) {
    CK_SESSION_INFO info{};
    EXPECT_EQ(session.functions().C_GetSessionInfo(session.handle(), &info),
              CKR_OK);
    return info.state;
  }

  testing::PrivateSoftHsm2 hsm_;
  std::shared_ptr<Module> module_;
  CK_SLOT_ID slot_ = 0;
};

TEST_F(SessionTest, IsClosedWithItsEnd) {
  CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;
  {
    const Session session = Open();
    handle = session.handle();
    EXPECT_TRUE(IsOpen(handle));
  }
  EXPECT_FALSE(IsOpen(handle));
}

TEST_F(SessionTest, IsMovedAndClosedOnce) {
  Session first = Open();
  const CK_SESSION_HANDLE one = first.handle();
  Session second = std::move(first);
  EXPECT_EQ(second.handle(), one);
  CK_SESSION_HANDLE other = CK_INVALID_HANDLE;
  {
    Session third = Open();
    other = third.handle();
    second = std::move(third);
    EXPECT_EQ(second.handle(), other);
  }
  EXPECT_FALSE(IsOpen(one));
  EXPECT_TRUE(IsOpen(other));
}

TEST_F(SessionTest, HasTheAccessThatWasAskedFor) {
  EXPECT_EQ(StateOf(Open(Access::kReadOnly)), CKS_RO_PUBLIC_SESSION);
  EXPECT_EQ(StateOf(Open(Access::kReadWrite)), CKS_RW_PUBLIC_SESSION);
}

TEST_F(SessionTest, LogsInForAllSessionsAndClosingOneLogsNobodyOut) {
  const Session witness = Open();
  {
    Session session = Open();
    Secret pin = Pin(testing::PrivateSoftHsm2::kPin);
    ASSERT_THAT(session.Login(CKU_USER, pin), IsOk());
  }
  EXPECT_EQ(StateOf(witness), CKS_RO_USER_FUNCTIONS);
}

TEST_F(SessionTest, WhereSomebodyIsLoggedInAlreadyThePinIsNotLookedAt) {
  Session session = Open();
  Secret pin = Pin(testing::PrivateSoftHsm2::kPin);
  ASSERT_THAT(session.Login(CKU_USER, pin), IsOk());
  Secret wrong = Pin("wrong");
  EXPECT_THAT(session.Login(CKU_USER, wrong), IsOk());
}

TEST_F(SessionTest, AWrongPinIsRefusedAndNotShown) {
  struct Row {
    std::string pin;
    CK_RV rv;
  };
  for (const Row& row :
       {Row{"87654321", CKR_PIN_INCORRECT}, Row{"12345", CKR_PIN_INCORRECT},
        Row{"123", CKR_PIN_INCORRECT}, Row{"", CKR_PIN_INCORRECT}}) {
    SCOPED_TRACE(row.pin);
    Session session = Open();
    Secret pin = Pin(row.pin);
    const auto login = session.Login(CKU_USER, pin);
    EXPECT_THAT(login, FailsWith(kNotAuthorized));
    ASSERT_FALSE(login);
    EXPECT_EQ(login.error().rv, row.rv);
    EXPECT_EQ(login.error().call, "C_Login");
    EXPECT_EQ(MessageOf(login), "could not log in to the token");
    EXPECT_EQ(StateOf(session), CKS_RO_PUBLIC_SESSION);
  }
}

TEST_F(SessionTest, ASlotWithoutATokenHasNoSessions) {
  const auto unknown = Session::Open(module_, slot_ + 1000, Access::kReadOnly);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().rv, CKR_SLOT_ID_INVALID);
  EXPECT_EQ(unknown.error().call, "C_OpenSession");
  EXPECT_THAT(unknown, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(unknown),
            "could not open a session in slot " + std::to_string(slot_ + 1000));
  const CK_SLOT_ID free = Must(module_->Slots()).back().id;
  const auto blank = Session::Open(module_, free, Access::kReadOnly);
  ASSERT_FALSE(blank);
  EXPECT_EQ(blank.error().rv, CKR_TOKEN_NOT_RECOGNIZED);
}

TEST_F(SessionTest, KeepsTheModule) {
  const Session session = Open();
  module_.reset();
  EXPECT_EQ(StateOf(session), CKS_RO_PUBLIC_SESSION);
}

}  // namespace
}  // namespace sigtoken
