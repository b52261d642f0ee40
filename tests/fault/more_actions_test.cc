// Actions that concern logins, C_Initialize and the room for a MAC.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/fault/raw_calls.h"

namespace sigtoken::testing {
namespace {

class MoreFaultActionsTest : public RawCallsTest {
 protected:
  CK_FLAGS Flags() {
    const auto slots = Must(session_->module().Slots());
    const auto ours = std::find_if(
        slots.begin(), slots.end(),
        [](const Slot& each) { return Trimmed(each.info.label) == "faulty"; });
    return ours == slots.end() ? 0 : ours->info.flags;
  }
  CK_RV Login(std::string pin, bool null = false) {
    return functions().C_Login(
        session_->handle(), CKU_USER,
        null ? nullptr : reinterpret_cast<CK_BYTE*>(pin.data()), pin.size());
  }
};

TEST_F(MoreFaultActionsTest, FlagsOfTheTokenAreSetAndCleared) {
  const CK_FLAGS before = Flags();
  ASSERT_EQ(before & CKF_USER_PIN_LOCKED, 0U);
  ASSERT_NE(before & CKF_LOGIN_REQUIRED, 0U);
  fault_.Script(
      "C_GetTokenInfo * set-flag CKF_USER_PIN_LOCKED\n"
      "C_GetTokenInfo * clear-flag CKF_LOGIN_REQUIRED");
  EXPECT_EQ(Flags(), (before | CKF_USER_PIN_LOCKED) & ~CKF_LOGIN_REQUIRED);
  fault_.Script("");
  EXPECT_EQ(Flags(), before);
}

TEST_F(MoreFaultActionsTest, AKeypadTakesNoPinFromTheProgram) {
  functions().C_Logout(session_->handle());
  fault_.Script(std::string("C_Login 1-2 own-keypad ") + PrivateSoftHsm2::kPin +
                "\nC_Login 3 own-keypad 9999");
  EXPECT_EQ(Login(PrivateSoftHsm2::kPin), CKR_ARGUMENTS_BAD);
  EXPECT_EQ(Login("", true), CKR_OK);
  functions().C_Logout(session_->handle());
  EXPECT_EQ(Login("", true), CKR_PIN_INCORRECT);
}

TEST_F(MoreFaultActionsTest, StrictArgumentsAreLockingByTheSystemAlone) {
  fault_.Script("C_Initialize * strict-arguments");
  CK_C_INITIALIZE_ARGS good{};
  good.flags = CKF_OS_LOCKING_OK;
  CK_C_INITIALIZE_ARGS no_locking{};
  CK_C_INITIALIZE_ARGS no_threads = good;
  no_threads.flags |= CKF_LIBRARY_CANT_CREATE_OS_THREADS;
  std::vector<CK_C_INITIALIZE_ARGS*> bad = {nullptr, &no_locking, &no_threads};
  const auto callback = [](void*) { return CK_RV{CKR_OK}; };
  CK_C_INITIALIZE_ARGS callbacks[3] = {good, good, good};
  callbacks[0].DestroyMutex = callback;
  callbacks[1].LockMutex = callback;
  callbacks[2].UnlockMutex = callback;
  for (auto& each : callbacks) bad.push_back(&each);
  CK_C_INITIALIZE_ARGS creates = good;
  creates.CreateMutex = [](void**) { return CK_RV{CKR_OK}; };
  bad.push_back(&creates);
  for (auto* each : bad) {
    EXPECT_EQ(functions().C_Initialize(each), CKR_CANT_LOCK);
  }
  // It is initialised, so this is the wrapped module's answer.
  EXPECT_EQ(functions().C_Initialize(&good), CKR_CRYPTOKI_ALREADY_INITIALIZED);
}

TEST_F(MoreFaultActionsTest, RoomForTheLongestMacIsAskedForAndUsed) {
  fault_.Script("C_Sign * overrun");
  CK_MECHANISM mechanism{CKM_SHA256_HMAC, nullptr, 0};
  ASSERT_EQ(functions().C_SignInit(session_->handle(), &mechanism, key_),
            CKR_OK);
  CK_BYTE data[] = {'d', 'a', 't', 'a'};
  Text mac(65, 0x11);
  CK_ULONG bytes = 63;
  EXPECT_EQ(functions().C_Sign(session_->handle(), data, sizeof data,
                               mac.data(), &bytes),
            CKR_BUFFER_TOO_SMALL);
  EXPECT_EQ(bytes, 64U);
  EXPECT_EQ(mac, Text(65, 0x11));
  ASSERT_EQ(functions().C_Sign(session_->handle(), data, sizeof data,
                               mac.data(), &bytes),
            CKR_OK);
  EXPECT_EQ(bytes, 32U);
  Text expected = Right();
  expected.resize(64, 0xEE);
  expected.push_back(0x11);
  EXPECT_EQ(mac, expected);
}

TEST_F(MoreFaultActionsTest, ALostDeviceIsThereForWhoOpensItAnew) {
  fault_.Script("C_Sign 2 lose CKR_DEVICE_REMOVED");
  EXPECT_EQ(Sign(), CKR_OK);
  EXPECT_EQ(Sign(), CKR_DEVICE_REMOVED);
  CK_INFO info{};
  EXPECT_EQ(functions().C_GetInfo(&info), CKR_DEVICE_REMOVED);
  EXPECT_EQ(Sign(), CKR_DEVICE_REMOVED);
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  // What is not finalised is initialised still, and lost.
  EXPECT_EQ(functions().C_Initialize(&arguments),
            CKR_CRYPTOKI_ALREADY_INITIALIZED);
  EXPECT_EQ(functions().C_GetInfo(&info), CKR_DEVICE_REMOVED);
  EXPECT_EQ(functions().C_Finalize(nullptr), CKR_OK);
  EXPECT_EQ(functions().C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
  EXPECT_EQ(functions().C_Initialize(&arguments), CKR_OK);
  EXPECT_EQ(functions().C_GetInfo(&info), CKR_OK);
}

TEST_F(MoreFaultActionsTest, AMacIsAnsweredWithoutTheWrappedModule) {
  fault_.Script("* * answer-mac");
  Text mac;
  key_ = CK_INVALID_HANDLE;  // It would be refused there.
  EXPECT_EQ(Sign(mac), CKR_OK);
  EXPECT_EQ(mac, Text(32, 0xEE));
  CK_MECHANISM mechanism{CKM_SHA512_HMAC, nullptr, 0};
  EXPECT_EQ(functions().C_SignInit(session_->handle(), &mechanism, key_),
            CKR_OK);
  CK_BYTE data[] = {'x'};
  CK_ULONG bytes = 0;
  EXPECT_EQ(functions().C_Sign(session_->handle(), data, sizeof data, nullptr,
                               &bytes),
            CKR_OK);
  EXPECT_EQ(bytes, 64U);
}

TEST_F(MoreFaultActionsTest, ASessionIsLostBehindItsUsersBack) {
  const Session other = Open();
  fault_.Script("C_SignInit 1 lose-session");
  EXPECT_EQ(Sign(), CKR_SESSION_HANDLE_INVALID);
  EXPECT_EQ(Sign(), CKR_SESSION_HANDLE_INVALID);
  // No other one, and the login stays with it.
  EXPECT_TRUE(Must(other.IsLoggedIn()));
}

TEST_F(MoreFaultActionsTest, ALoginIsLostForAllSessions) {
  const Session other = Open();
  ASSERT_TRUE(Must(other.IsLoggedIn()));
  fault_.Script("C_SignInit 1 lose-login");
  EXPECT_EQ(Sign(), CKR_OBJECT_HANDLE_INVALID);
  EXPECT_FALSE(Must(other.IsLoggedIn()));
}

}  // namespace
}  // namespace sigtoken::testing
