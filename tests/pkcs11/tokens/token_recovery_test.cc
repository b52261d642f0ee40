// What a token does when its sessions, its login or its device went, and who is
// told what meanwhile.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "pkcs11/cryptoki/objects.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using SteadyClock = std::chrono::steady_clock;
using testing::Bytes;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;
using testing::OpenSslMac;

class TokenRecoveryTest : public testing::FaultyTokenTest {
 protected:
  static std::vector<std::uint8_t> Value(std::uint32_t number) {
    return std::vector<std::uint8_t>(64, static_cast<std::uint8_t>(number));
  }
  static std::vector<std::uint8_t> Right(std::uint32_t number) {
    return OpenSslMac(Hs256(), Value(number), Bytes("data"));
  }
  void Import(std::uint32_t number) {
    testing::ImportKey(token(), {number, 'T'}, Value(number));
  }
  static Result<std::vector<std::uint8_t>> Sign(const Key& key) {
    SIGTOKEN_ASSIGN(const Mac mac, key.Sign(Hs256(), Bytes("data")));
    return std::vector<std::uint8_t>(mac.bytes().begin(), mac.bytes().end());
  }
  // With the margin of five, since it is to be back within two seconds.
  static Result<std::vector<std::uint8_t>> SignOnceItIsBack(const Key& key) {
    const auto end = SteadyClock::now() + 5 * seconds{2};
    auto made = Sign(key);
    while (!made && SteadyClock::now() < end) {
      std::this_thread::sleep_for(milliseconds{5});
      made = Sign(key);
    }
    return made;
  }
  CK_FUNCTION_LIST& Functions() {
    const auto held = Must(token().Change());
    return Must(token().OpenSession(held, Access::kReadOnly)).functions();
  }
  CK_SLOT_ID Slot() {
    std::vector<CK_SLOT_ID> slots(10);
    CK_ULONG count = slots.size();
    EXPECT_EQ(Functions().C_GetSlotList(CK_TRUE, slots.data(), &count), CKR_OK);
    return slots.at(0);
  }
};

// Another part of the program finalises the module, initialises it and logs in.
// What sigtoken found before is another key now.
TEST_F(TokenRecoveryTest, AfterAForeignFinaliseEachKeyIsFoundAgain) {
  for (std::uint32_t i = 1; i <= 4; ++i) Import(i);
  Reopen();
  const Key first = FindKey(1);
  const Key second = FindKey(2);
  EXPECT_EQ(Must(Sign(first)), Right(1));
  EXPECT_EQ(Must(Sign(second)), Right(2));
  const CK_SLOT_ID slot = Slot();
  CK_FUNCTION_LIST& functions = Functions();

  ASSERT_EQ(functions.C_Finalize(nullptr), CKR_OK);
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  ASSERT_EQ(functions.C_Initialize(&arguments), CKR_OK);
  std::vector<CK_SESSION_HANDLE> sessions;
  const auto open = [&] {
    CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
    ASSERT_EQ(functions.C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr,
                                      nullptr, &session),
              CKR_OK);
    sessions.push_back(session);
  };
  // Sessions and objects have one row of handles (SoftHSM2 2.6.1).
  const CK_OBJECT_HANDLE before = first.found().object;
  while (sessions.empty() || sessions.back() + 1 < before) open();
  std::string pin = testing::PrivateSoftHsm2::kPin;
  ASSERT_EQ(
      functions.C_Login(sessions.front(), CKU_USER,
                        reinterpret_cast<CK_BYTE*>(pin.data()), pin.size()),
      CKR_OK);
  // Handles are dealt as objects are seen: the second one gets the first's.
  for (const std::uint32_t number : {2U, 4U, 3U, 1U}) {
    std::string id = Handle(Name(kName), ObjectId{number, 'T'}).FormatShort();
    CK_ATTRIBUTE wanted{CKA_ID, id.data(), id.size()};
    ASSERT_EQ(functions.C_FindObjectsInit(sessions.front(), &wanted, 1),
              CKR_OK);
    CK_OBJECT_HANDLE found = CK_INVALID_HANDLE;
    CK_ULONG count = 0;
    ASSERT_EQ(functions.C_FindObjects(sessions.front(), &found, 1, &count),
              CKR_OK);
    ASSERT_EQ(count, 1U);
    ASSERT_EQ(functions.C_FindObjectsFinal(sessions.front()), CKR_OK);
    if (number == 2) {
      ASSERT_EQ(found, before);
    }
  }
  // And the sessions of before are sessions again.
  for (int i = 0; i < 20; ++i) open();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Must(Sign(first)), Right(1));
    EXPECT_EQ(Must(Sign(second)), Right(2));
  }
}

TEST_F(TokenRecoveryTest, InAModuleOfOthersEachHandleIsLookedAt) {
  fault_.Script("C_Initialize * already-initialized");
  ASSERT_THAT(token().Login(), IsOk());
  EXPECT_TRUE(token().may_reuse_handles());
  // Ours it is not, so nobody else would.
  CK_FUNCTION_LIST& functions = Functions();
  Reopen();
  EXPECT_EQ(functions.C_Finalize(nullptr), CKR_OK);
}

TEST_F(TokenRecoveryTest, AnIdleSessionThatTimedOutIsReplacedAlone) {
  Import(1);
  const Key key = FindKey(1);
  EXPECT_EQ(Must(Sign(key)), Right(1));
  const auto finalised = fault_.Calls("C_Finalize");
  const auto logins = fault_.Calls("C_Login");
  for (const std::string code :
       {"CKR_SESSION_HANDLE_INVALID", "CKR_SESSION_CLOSED"}) {
    fault_.Script("C_SignInit 1 return " + code);
    EXPECT_EQ(Must(Sign(key)), Right(1)) << code;
    // And while it is found: its search is a session's first call.
    fault_.Script("C_FindObjectsInit 1 return " + code);
    EXPECT_EQ(Must(Sign(FindKey(1))), Right(1)) << code;
  }
  EXPECT_EQ(fault_.Calls("C_Finalize"), finalised);
  EXPECT_EQ(fault_.Calls("C_Login"), logins);
}

TEST_F(TokenRecoveryTest, TheSessionOfTheLoginIsReplacedWhereItIsGone) {
  Import(1);
  const Key key = FindKey(1);
  EXPECT_EQ(Must(Sign(key)), Right(1));
  ASSERT_EQ(Functions().C_CloseAllSessions(Slot()), CKR_OK);
  // A session object needs that session, and no other one.
  const auto made = token().MakeInLogin(
      [](Session& session, const HostLock::Shared&) -> Status {
        SIGTOKEN_ASSIGN(const bool logged_in, session.IsLoggedIn());
        return logged_in ? Ok() : Status(Fault("it is not logged in"));
      });
  EXPECT_THAT(made, IsOk());
  EXPECT_EQ(Must(Sign(key)), Right(1));
}

TEST_F(TokenRecoveryTest, IdleSessionsMakeRoomForOneThatIsNeeded) {
  Import(1);
  const Key key = FindKey(1);
  EXPECT_EQ(Must(Sign(key)), Right(1));
  const auto open = [&] {
    return fault_.Calls("C_OpenSession") - fault_.Calls("C_CloseSession");
  };
  const auto before = open();
  fault_.Script("C_OpenSession 1 return CKR_SESSION_COUNT");
  {
    const auto held = Must(token().Look());
    EXPECT_THAT(token().OpenSession(held, Access::kReadOnly), IsOk());
  }
  // The refused call counts as one, and the one that waited is closed.
  EXPECT_EQ(open(), before);
  fault_.Script("C_OpenSession * return CKR_SESSION_COUNT");
  const auto held = Must(token().Look());
  EXPECT_THAT(token().OpenSession(held, Access::kReadOnly),
              FailsWith(kNotAvailable));
}

TEST_F(TokenRecoveryTest, WhileOneThreadIsAtItTheOthersAreRefusedAtOnce) {
  OpenAnewWithoutPauses();
  Import(1);
  const Key key = FindKey(1);
  EXPECT_EQ(Must(Sign(key)), Right(1));
  for (const std::string function : {"C_Finalize", "C_Initialize", "C_Login"}) {
    SCOPED_TRACE(function);
    const std::string& name = function;
    fault_.Script("C_Sign 1 return CKR_DEVICE_REMOVED\n" + function +
                  " 1 hang " + name);
    Result<std::vector<std::uint8_t>> made = Fault("was not asked");
    std::thread signer([&] { made = Sign(key); });
    fault_.WaitUntilHung(name);
    // Who waited would wait for ever: the door is opened behind this.
    for (int i = 0; i < 3; ++i) {
      EXPECT_THAT(Sign(key), FailsWith(kNotAvailable));
      EXPECT_THAT(token().Login(), FailsWith(kNotAvailable));
    }
    fault_.Release(name);
    signer.join();
    EXPECT_EQ(Must(made), Right(1));
    fault_.Script("");
    EXPECT_EQ(Must(SignOnceItIsBack(key)), Right(1));
  }
}

TEST_F(TokenRecoveryTest, ATokenWhoseFolderIsGoneIsNotAnEmptyOne) {
  Import(1);
  const Key key = FindKey(1);
  EXPECT_EQ(Must(Sign(key)), Right(1));
  const auto tokens = hsm_.conf().parent_path() / "tokens";
  const auto away = hsm_.conf().parent_path() / "away";
  std::filesystem::rename(tokens, away);
  std::filesystem::create_directory(tokens);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Sign(key), FailsWith(kNotAvailable));
    EXPECT_THAT(Key::Find(token_, ObjectId{2, 'T'}), FailsWith(kNotAvailable));
  }
  std::filesystem::remove(tokens);
  std::filesystem::rename(away, tokens);
  EXPECT_EQ(Must(SignOnceItIsBack(key)), Right(1));
  EXPECT_THAT(Key::Find(token_, ObjectId{2, 'T'}), FailsWith(kObjectNotFound));
}

TEST_F(TokenRecoveryTest, APinThatCannotBeReadTwiceIsKept) {
  Import(1);
  Reopen();
  int pin[2];
  ASSERT_EQ(pipe(pin), 0);
  ASSERT_EQ(write(pin[1], "1234\n", 5), 5);
  close(pin[1]);
  configuration_.tokens.front().pin_source =
      Must(PinSource::Parse("fd:" + std::to_string(pin[0])));
  OpenAnewWithoutPauses();
  const Key key = FindKey(1);
  EXPECT_EQ(Must(Sign(key)), Right(1));
  for (int i = 0; i < 3; ++i) {
    fault_.Script("C_Sign 1 return CKR_DEVICE_REMOVED");
    EXPECT_EQ(Must(Sign(key)), Right(1));
  }
  // A try that fails before C_Login does not lose it.
  fault_.Script(
      "C_Sign 1 return CKR_DEVICE_REMOVED\n"
      "C_OpenSession 1-3 return CKR_DEVICE_REMOVED");
  EXPECT_THAT(Sign(key), FailsWith(kNotAvailable));
  EXPECT_EQ(Must(SignOnceItIsBack(key)), Right(1));
  close(pin[0]);
}

// A module may list its slots and yet open no session before it is initialised
// again (tpm2-pkcs11 after its daemon went, measured).
TEST_F(TokenRecoveryTest, EachTryInitialisesTheModule) {
  Import(1);
  const Key key = FindKey(1);
  fault_.Script(
      "C_Sign 1 return CKR_DEVICE_REMOVED\n"
      "C_OpenSession 1-4 return CKR_DEVICE_ERROR");
  const auto initialised = fault_.Calls("C_Initialize");
  EXPECT_THAT(Sign(key), FailsWith(kNotAvailable));
  EXPECT_EQ(Must(SignOnceItIsBack(key)), Right(1));
  // One with each C_OpenSession that failed, and the one that did not.
  EXPECT_GE(fault_.Calls("C_Initialize") - initialised, 4U);
}

TEST_F(TokenRecoveryTest, ATokenThatIsWellKeepsItsSessionsWhenAnotherIsGone) {
  hsm_.MakeToken("other");
  configuration_.tokens.push_back(
      hsm_.Bind("IDT.OTHER", "token=other", testing::FaultModule::path()));
  Reopen();
  Import(1);
  const Key key = FindKey(1);
  const auto other = Must(directory_->FindToken(Name("IDT.OTHER")));
  testing::ImportKey(*other, {2, 'T'}, Value(2));
  const Key good = Must(Key::Find(other, ObjectId{2, 'T'}));
  // Of that token alone: its folder.
  const auto tokens = hsm_.conf().parent_path() / "tokens";
  const auto serial = Trimmed(token().info().serialNumber);
  std::filesystem::path folder;
  for (const auto& entry : std::filesystem::directory_iterator(tokens)) {
    const std::string name = entry.path().filename().string();
    const auto tail = serial.substr(serial.size() - 4);
    if (name.size() > 4 && name.substr(name.size() - 4) == tail)
      folder = entry.path();
  }
  ASSERT_FALSE(folder.empty());
  const auto away = hsm_.conf().parent_path() / "away";
  std::filesystem::rename(folder, away);
  EXPECT_THAT(Sign(key), FailsWith(kNotAvailable));
  EXPECT_EQ(Must(SignOnceItIsBack(good)), Right(2));
  const auto logins = fault_.Calls("C_Login");
  const auto end = SteadyClock::now() + milliseconds{500};
  while (SteadyClock::now() < end) {
    EXPECT_THAT(Sign(key), FailsWith(kNotAvailable));
    EXPECT_EQ(Must(Sign(good)), Right(2));
  }
  EXPECT_EQ(fault_.Calls("C_Login"), logins);
}

TEST(BackendUsersTest, WhoIsAskedMayTakeUpANewUser) {
  const testing::PrivateSoftHsm2 hsm;
  Backend backend({SIGTOKEN_SOFTHSM2_MODULE, "", ""}, hsm.conf().parent_path(),
                  std::nullopt);
  int asked = 0;
  const int one = 0;
  const int two = 0;
  backend.AddUser(&one, [&](Backend::Ask) {
    ++asked;
    std::thread other(
        [&] { backend.AddUser(&two, [](Backend::Ask) { return true; }); });
    other.join();
    return true;
  });
  backend.AskUsers(Backend::Ask::kGivenUp);
  EXPECT_EQ(asked, 1);
  backend.RemoveUser(&one);
  backend.AskUsers(Backend::Ask::kGivenUp);
  EXPECT_EQ(asked, 1);
  backend.RemoveUser(&two);
}

// Together, not one after the other.
TEST(BackendUsersTest, ThoseWhoCannotLetGoYetAreAskedAgainForASecond) {
  const testing::PrivateSoftHsm2 hsm;
  Backend backend({SIGTOKEN_SOFTHSM2_MODULE, "", ""}, hsm.conf().parent_path(),
                  std::nullopt);
  const std::array<int, 8> users{};
  std::vector<int> asked(users.size());
  for (std::size_t i = 0; i < users.size(); ++i) {
    backend.AddUser(&users.at(i), [&asked, i](Backend::Ask) {
      // The first never does, the second at the third time.
      const int times = ++asked.at(i);
      return i > 1 || (i == 1 && times == 3);
    });
  }
  const auto begin = SteadyClock::now();
  backend.AskUsers(Backend::Ask::kGivenUp);
  EXPECT_GE(SteadyClock::now() - begin, milliseconds{1000});
  EXPECT_LT(SteadyClock::now() - begin, milliseconds{5 * 1000});
  EXPECT_GT(asked[0], 3);
  EXPECT_EQ(asked[1], 3);
  EXPECT_EQ(asked[2], 1);
  EXPECT_EQ(asked[7], 1);
  // Who does not answer any more is asked once.
  asked.assign(users.size(), 0);
  backend.AskUsers(Backend::Ask::kUnlessWell);
  EXPECT_EQ(asked, std::vector<int>(users.size(), 1));
  for (const int& user : users) backend.RemoveUser(&user);
}

}  // namespace
}  // namespace sigtoken
