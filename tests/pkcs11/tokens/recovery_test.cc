// A device that goes away and comes back, under keys that are in use.

#include "pkcs11/tokens/recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using std::chrono::milliseconds;
using testing::Bytes;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;
using testing::OpenSslMac;

TEST(BackOffTest, EachPauseIsLongerThanTheOneBefore) {
  BackOff back_off;
  BackOff::Clock::time_point now{};
  EXPECT_TRUE(back_off.MayTry(now));
  for (const int pause : {50, 100, 200, 400, 800, 1000, 1000}) {
    back_off.Tried(now);
    EXPECT_FALSE(back_off.MayTry(now + milliseconds{pause - 1})) << pause;
    now += milliseconds{pause};
    EXPECT_TRUE(back_off.MayTry(now)) << pause;
  }
}

TEST(RecoveryTest, OnlyAnswersOfAModuleAreCured) {
  for (const CK_RV rv :
       {CKR_DEVICE_ERROR, CKR_DEVICE_MEMORY, CKR_DEVICE_REMOVED,
        CKR_TOKEN_NOT_PRESENT, CKR_SLOT_ID_INVALID, CKR_SESSION_HANDLE_INVALID,
        CKR_SESSION_CLOSED, CKR_CRYPTOKI_NOT_INITIALIZED, CKR_GENERAL_ERROR,
        CKR_FUNCTION_FAILED, CKR_HOST_MEMORY, CKR_USER_NOT_LOGGED_IN,
        CKR_VENDOR_DEFINED, CK_RV{0xCE534351}}) {
    EXPECT_TRUE(IsCuredByOpeningAnew({rv, "C_Sign", "", "", {}})) << rv;
    EXPECT_FALSE(IsCuredByOpeningAnew({rv, "", "", "", {}})) << rv;
  }
  for (const CK_RV rv :
       {CKR_PIN_INCORRECT, CKR_PIN_LOCKED, CKR_KEY_SIZE_RANGE,
        CKR_KEY_HANDLE_INVALID, CKR_MECHANISM_INVALID, CKR_SIGNATURE_INVALID,
        CKR_SESSION_COUNT, CKR_TOKEN_WRITE_PROTECTED, CKR_ARGUMENTS_BAD,
        CKR_OPERATION_ACTIVE, CKR_TOKEN_NOT_RECOGNIZED}) {
    EXPECT_FALSE(IsCuredByOpeningAnew({rv, "C_Sign", "", "", {}})) << rv;
  }
}

class DeviceTest : public testing::FaultyTokenTest {
 protected:
  void SetUp() override { testing::ImportKey(token(), {1, 'T'}, value_); }

  std::vector<std::uint8_t> Right() const {
    return OpenSslMac(Hs256(), value_, Bytes("data"));
  }
  static Result<std::vector<std::uint8_t>> Sign(const Key& key) {
    SIGTOKEN_ASSIGN(const Mac mac, key.Sign(Hs256(), Bytes("data")));
    return std::vector<std::uint8_t>(mac.bytes().begin(), mac.bytes().end());
  }
  std::size_t OpenSessions() const {
    return fault_.Calls("C_OpenSession") - fault_.Calls("C_CloseSession");
  }

  const std::vector<std::uint8_t> value_ = std::vector<std::uint8_t>(64, 0xA5);
};

TEST_F(DeviceTest, IsOpenedAnewAndTheCallRepeated) {
  const Key key = FindKey(1);
  EXPECT_EQ(Must(Sign(key)), Right());
  const auto sessions = OpenSessions();
  std::size_t times = 0;
  for (const std::string code :
       {"CKR_DEVICE_ERROR", "CKR_DEVICE_REMOVED", "CKR_TOKEN_NOT_PRESENT",
        "CKR_CRYPTOKI_NOT_INITIALIZED", "CKR_HOST_MEMORY", "0xCE534351"}) {
    for (const std::string function : {"C_SignInit", "C_Sign"}) {
      SCOPED_TRACE(function + " " + code);
      const auto initialised = fault_.Calls("C_Initialize");
      const auto finalised = fault_.Calls("C_Finalize");
      const auto logins = fault_.Calls("C_Login");
      fault_.Script(function + " 1 return " + code);
      EXPECT_EQ(Must(Sign(key)), Right());
      EXPECT_EQ(fault_.Calls("C_Initialize"), initialised + 1);
      EXPECT_EQ(fault_.Calls("C_Finalize"), finalised + 1);
      EXPECT_EQ(fault_.Calls("C_Login"), logins + 1);
      ++times;
    }
  }
  EXPECT_EQ(times, 12U);
  EXPECT_EQ(OpenSessions(), sessions);
}

TEST_F(DeviceTest, ThatFailsIsNotTriedByEachCaller) {
  const Key key = FindKey(1);
  fault_.Script("C_Sign * return CKR_DEVICE_ERROR");
  const auto initialised = fault_.Calls("C_Initialize");
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(Sign(key), FailsWith(kNotAvailable));
  }
  const auto tries = fault_.Calls("C_Initialize") - initialised;
  EXPECT_GE(tries, 1U);
  EXPECT_LE(tries, 5U);
}

TEST_F(DeviceTest, ThatIsGoneIsRefusedAtOnceAndComesBackByItself) {
  const Key key = FindKey(1);
  const auto right = Right();
  fault_.Script(
      "C_Initialize * return CKR_DEVICE_REMOVED\n"
      "C_Sign * return CKR_DEVICE_REMOVED");
  EXPECT_THAT(Sign(key), FailsWith(kNotAvailable));
  const auto begin = BackOff::Clock::now();
  std::size_t refused = 0;
  while (BackOff::Clock::now() < begin + milliseconds{300}) {
    EXPECT_THAT(Sign(key), FailsWith(kNotAvailable));
    ++refused;
  }
  EXPECT_GT(refused, 20U);
  EXPECT_LE(fault_.Calls("C_Initialize"), 10U);

  fault_.Script("");
  const auto back = BackOff::Clock::now();
  auto made = Sign(key);
  while (!made && BackOff::Clock::now() < back + 5 * milliseconds{1000}) {
    std::this_thread::sleep_for(milliseconds{5});
    made = Sign(key);
  }
  EXPECT_EQ(Must(made), right);
  // The next fault is another one.
  fault_.Script("C_Sign 1 return CKR_DEVICE_REMOVED");
  EXPECT_EQ(Must(Sign(key)), right);
}

TEST_F(DeviceTest, IsOpenedAnewByOneThreadAndNoneGetsAWrongMac) {
  const Key key = FindKey(1);
  const auto right = Right();
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0;
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto made = Sign(key);
        if (made ? *made != right : ToIcsf(made.error()) != kNotAvailable) {
          ++wrong;
        }
        if (made) ++good;
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    fault_.Script(i % 2 == 0 ? "C_Sign 3-9 return CKR_DEVICE_ERROR" : "");
    std::this_thread::sleep_for(milliseconds{10});
  }
  fault_.Script("");
  const int before = good;
  const auto end = BackOff::Clock::now() + 5 * milliseconds{1000};
  while (good < before + 10 && BackOff::Clock::now() < end) {
    std::this_thread::sleep_for(milliseconds{5});
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GE(good, before + 10);
}

TEST_F(DeviceTest, IsLetGoOfByItsOtherTokensToo) {
  configuration_.tokens.push_back(
      hsm_.Bind("IDT.OTHER", "token=faulty", testing::FaultModule::path()));
  // One directory, one module, two names.
  Reopen();
  const Key key = FindKey(1);
  const auto other = Must(directory_->FindToken(Name("IDT.OTHER")));
  ASSERT_THAT(other->Login(), IsOk());
  const auto finalised = fault_.Calls("C_Finalize");
  fault_.Script("C_Sign 1 return CKR_DEVICE_REMOVED");
  EXPECT_EQ(Must(Sign(key)), Right());
  EXPECT_EQ(fault_.Calls("C_Finalize"), finalised + 1);
  fault_.Script("");
  testing::ImportKey(*other, {2, 'T'}, value_);
  EXPECT_EQ(Must(Sign(Must(Key::Find(other, ObjectId{2, 'T'})))), Right());
}

TEST_F(DeviceTest, ThatComputesWrongMacsIsNotUsed) {
  Reopen();
  fault_.Script("C_Sign * corrupt");
  const auto login = token().Login();
  EXPECT_THAT(login, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(login),
            "the module computes wrong MACs: that of RFC 4231, test case 6, is "
            "another one");
  // What cannot be tried is not held against it.
  for (const std::string refusal :
       {"C_CreateObject * return CKR_TEMPLATE_INCONSISTENT",
        "C_SignInit 1 return CKR_KEY_SIZE_RANGE",
        "C_DestroyObject * return CKR_ACTION_PROHIBITED"}) {
    Reopen();
    fault_.Script(refusal);
    EXPECT_THAT(token().Login(), IsOk()) << refusal;
    fault_.Script("");
    EXPECT_EQ(Must(Sign(FindKey(1))), Right());
  }
}

}  // namespace
}  // namespace sigtoken
