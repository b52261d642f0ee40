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

TEST(RecoveryTest, OnlyAnswersOfAModuleAreCured) {
  for (const CK_RV rv :
       {CKR_DEVICE_ERROR, CKR_DEVICE_MEMORY, CKR_DEVICE_REMOVED,
        CKR_TOKEN_NOT_PRESENT, CKR_SLOT_ID_INVALID, CKR_SESSION_HANDLE_INVALID,
        CKR_SESSION_CLOSED, CKR_CRYPTOKI_NOT_INITIALIZED, CKR_GENERAL_ERROR,
        CKR_FUNCTION_FAILED, CKR_HOST_MEMORY, CKR_USER_NOT_LOGGED_IN,
        CKR_TOKEN_NOT_RECOGNIZED, CKR_VENDOR_DEFINED, CK_RV{0xCE534351},
        CK_RV{0x7FFFFFFF}}) {
    EXPECT_TRUE(IsCuredByOpeningAnew({rv, "C_Sign", "", "", {}})) << rv;
    EXPECT_FALSE(IsCuredByOpeningAnew({rv, "", "", "", {}})) << rv;
    // It may be a PIN that was refused.
    EXPECT_FALSE(IsCuredByOpeningAnew({rv, "C_Login", "", "", {}})) << rv;
  }
  for (const CK_RV rv :
       {CKR_PIN_INCORRECT, CKR_PIN_LOCKED, CKR_KEY_SIZE_RANGE,
        CKR_KEY_HANDLE_INVALID, CKR_MECHANISM_INVALID, CKR_SIGNATURE_INVALID,
        CKR_SESSION_COUNT, CKR_TOKEN_WRITE_PROTECTED, CKR_ARGUMENTS_BAD,
        CKR_OPERATION_ACTIVE}) {
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
  OpenAnewWithoutPauses();
  const Key key = FindKey(1);
  EXPECT_EQ(Must(Sign(key)), Right());
  const auto sessions = OpenSessions();
  std::size_t times = 0;
  struct Row {
    std::string code;
    std::string calls;
  };
  // The second call is that of a trial key: the device may be well.
  for (const Row& row :
       {Row{"CKR_DEVICE_REMOVED", "1"}, Row{"CKR_TOKEN_NOT_PRESENT", "1"},
        Row{"CKR_CRYPTOKI_NOT_INITIALIZED", "1"},
        Row{"CKR_DEVICE_ERROR", "1-2"}, Row{"CKR_HOST_MEMORY", "1-2"},
        Row{"0xCE534351", "1-2"}}) {
    for (const std::string function : {"C_SignInit", "C_Sign"}) {
      SCOPED_TRACE(function + " " + row.code);
      const auto initialised = fault_.Calls("C_Initialize");
      const auto finalised = fault_.Calls("C_Finalize");
      const auto logins = fault_.Calls("C_Login");
      fault_.Script(function + " " + row.calls + " return " + row.code);
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

// Else whoever sends what a module cannot sign would end all sessions by it.
TEST_F(DeviceTest, ThatIsWellIsNotOpenedAnew) {
  const Key key = FindKey(1);
  const auto initialised = fault_.Calls("C_Initialize");
  for (const std::string code :
       {"CKR_DEVICE_ERROR", "CKR_DEVICE_MEMORY", "CKR_GENERAL_ERROR",
        "CKR_FUNCTION_FAILED", "CKR_HOST_MEMORY", "0xCE534351"}) {
    fault_.Script("C_SignInit 1 return " + code);
    EXPECT_EQ(Must(Sign(key)), Right()) << code;
  }
  EXPECT_EQ(fault_.Calls("C_Initialize"), initialised);
}

// A PIN that a token refuses with whatever code is not tried by each caller.
TEST_F(DeviceTest, WhoseLoginFailsIsNotLoggedInToByEachCaller) {
  const Key key = FindKey(1);
  fault_.Script(
      "C_Sign * return CKR_DEVICE_ERROR\n"
      "C_Login * return CKR_FUNCTION_FAILED");
  const auto logins = fault_.Calls("C_Login");
  const auto begin = BackOff::Clock::now();
  std::size_t calls = 0;
  while (BackOff::Clock::now() < begin + milliseconds{300}) {
    EXPECT_THAT(Sign(key), FailsWith(kNotAvailable));
    ++calls;
  }
  // At 0, 50, 150 and 350 ms, and what a slow machine adds.
  EXPECT_LE(fault_.Calls("C_Login") - logins, 6U);
  EXPECT_GT(calls, 6U);
}

// It would show a token that nobody has logged in to, and look empty.
TEST_F(DeviceTest, ThatWasLetGoOfGivesNoSessionBeforeALogin) {
  Must(token().Login());
  fault_.Script("C_Initialize * return CKR_DEVICE_REMOVED");
  EXPECT_THAT(token().Recover(token().generation(), CKR_DEVICE_REMOVED),
              FailsWith(kNotAvailable));
  fault_.Script("");
  {
    const auto held = Must(token().Change());
    EXPECT_THAT(token().OpenSession(held, Access::kReadOnly),
                FailsWith(kNotAvailable));
  }
  std::this_thread::sleep_for(milliseconds{200});
  ASSERT_THAT(token().Login(), IsOk());
  const auto held = Must(token().Change());
  EXPECT_THAT(token().OpenSession(held, Access::kReadOnly), IsOk());
}

// Handles of the module before are those of other keys in the one behind it.
TEST_F(DeviceTest, AHandleIsNeverTakenOverIntoTheNextModule) {
  for (std::uint32_t i = 2; i <= 6; ++i) {
    testing::ImportKey(
        token(), {i, 'T'},
        std::vector<std::uint8_t>(64, static_cast<std::uint8_t>(i)));
  }
  const std::vector<std::uint8_t> value(64, 5);
  const auto right = OpenSslMac(Hs256(), value, Bytes("data"));
  const Key key = FindKey(5);
  // The key is looked for again, and its check value is being made.
  fault_.Script(
      "C_SignInit 1 return CKR_KEY_HANDLE_INVALID\n"
      "C_Sign 1 hang door");
  Result<std::vector<std::uint8_t>> made = Fault("was not asked");
  std::thread signer([&] { made = Sign(key); });
  fault_.WaitUntilHung("door");
  const unsigned before = token().generation();
  std::thread other([&] {
    static_cast<void>(token().Recover(before, CKR_DEVICE_REMOVED).has_value());
  });
  while (token().generation() == before) {
    std::this_thread::sleep_for(milliseconds{1});
  }
  fault_.Release("door");
  signer.join();
  other.join();
  if (made) {
    EXPECT_EQ(*made, right);
  } else {
    EXPECT_EQ(ToIcsf(made.error()), kNotAvailable);
  }
  fault_.Script("");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Must(Sign(key)), right);
}

TEST_F(DeviceTest, ThatFailsIsNotTriedByEachCaller) {
  const Key key = FindKey(1);
  fault_.Script("C_Sign * return CKR_DEVICE_ERROR");
  const auto initialised = fault_.Calls("C_Initialize");
  const auto begin = BackOff::Clock::now();
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Sign(key), FailsWith(kNotAvailable));
  }
  const auto tries = fault_.Calls("C_Initialize") - initialised;
  EXPECT_GE(tries, 1U);
  // One each 50 ms, were the pauses not growing.
  EXPECT_LE(tries, 1 + static_cast<std::size_t>(
                           (BackOff::Clock::now() - begin) / milliseconds{50}));
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
  EXPECT_GT(refused, 6U);
  EXPECT_LE(fault_.Calls("C_Initialize"), 10U);

  fault_.Script("");
  const auto back = BackOff::Clock::now();
  auto made = Sign(key);
  while (!made && BackOff::Clock::now() < back + 5 * milliseconds{1000}) {
    std::this_thread::sleep_for(milliseconds{5});
    made = Sign(key);
  }
  EXPECT_EQ(Must(made), right);
}

TEST_F(DeviceTest, ThatComesAndGoesIsOpenedAnewLaterAndLater) {
  const Key key = FindKey(1);
  const auto right = Right();
  const auto initialised = fault_.Calls("C_Initialize");
  const auto begin = BackOff::Clock::now();
  std::size_t good = 0;
  while (BackOff::Clock::now() < begin + milliseconds{1000}) {
    fault_.Script("C_Sign 1 return CKR_DEVICE_REMOVED");
    const auto made = Sign(key);
    if (!made) {
      EXPECT_EQ(ToIcsf(made.error()), kNotAvailable);
      continue;
    }
    EXPECT_EQ(*made, right);
    ++good;
  }
  // At once, and behind pauses of 50, 100, 200, 400 and 800 ms.
  const auto tries = fault_.Calls("C_Initialize") - initialised;
  EXPECT_GE(tries, 2U);
  EXPECT_LE(tries, 6U);
  EXPECT_EQ(good, tries);
  fault_.Script("");
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
        // Nor where that is the module's word for it: it signs all the same.
        "C_CreateObject * return CKR_FUNCTION_FAILED",
        "C_CreateObject * return CKR_DEVICE_ERROR",
        "C_CreateObject * return 0xCE534351",
        "C_DestroyObject * return CKR_ACTION_PROHIBITED"}) {
    Reopen();
    fault_.Script(refusal);
    EXPECT_THAT(token().Login(), IsOk()) << refusal;
    fault_.Script("");
    EXPECT_EQ(Must(Sign(FindKey(1))), Right());
  }
}

// A fault that comes just then does not hide them: nobody asks later.
TEST_F(DeviceTest, ThatComputesWrongMacsIsNotUsedAfterAFaultEither) {
  for (const std::string fault :
       {"C_CreateObject 1 return CKR_DEVICE_ERROR",
        "C_CreateObject 1 return CKR_SESSION_HANDLE_INVALID",
        "C_SignInit 1 return CKR_GENERAL_ERROR",
        "C_SignInit 1 return CKR_SESSION_CLOSED"}) {
    SCOPED_TRACE(fault);
    Reopen();
    fault_.Script(fault + "\nC_Sign * corrupt");
    const auto login = token().Login();
    EXPECT_THAT(login, FailsWith(kNotAvailable));
    EXPECT_EQ(MessageOf(login),
              "the module computes wrong MACs: that of RFC 4231, test case 6, "
              "is another one");
  }
  // Nor one that goes on: the login does not count.
  for (const std::string fault :
       {"C_CreateObject * return CKR_DEVICE_REMOVED",
        "C_CreateObject * return CKR_SESSION_HANDLE_INVALID",
        "C_CreateObject * return CKR_DEVICE_ERROR\n"
        "C_Sign * return CKR_DEVICE_ERROR",
        "C_OpenSession 2- return CKR_SESSION_COUNT"}) {
    SCOPED_TRACE(fault);
    Reopen();
    fault_.Script(fault);
    EXPECT_THAT(token().Login(), FailsWith(kNotAvailable));
    fault_.Script("C_Sign * corrupt");
    EXPECT_EQ(MessageOf(token().Login()),
              "the module computes wrong MACs: that of RFC 4231, test case 6, "
              "is another one");
    fault_.Script("");
    EXPECT_THAT(token().Login(), IsOk());
  }
}

}  // namespace
}  // namespace sigtoken
