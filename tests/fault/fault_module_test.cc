#include "tests/fault_module.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "pkcs11/base/codes.h"
#include "tests/fault/functions.h"
#include "tests/fault/raw_calls.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/program.h"

namespace sigtoken::testing {
namespace {

class FaultModuleTest : public RawCallsTest {};

TEST(FaultModuleFunctionsTest, AllOfVersion240AreThere) {
  const FaultModule fault;
  void* const library =
      dlopen(FaultModule::path().c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(
      dlsym(library, "C_GetFunctionList"));
  CK_FUNCTION_LIST* list = nullptr;
  ASSERT_EQ(get(&list), CKR_OK);
  EXPECT_EQ(list->version.major, 2);
  EXPECT_EQ(list->version.minor, 40);
  CK_FUNCTION_LIST* same = nullptr;
  EXPECT_EQ(list->C_GetFunctionList(&same), CKR_OK);
  EXPECT_EQ(same, list);
  static_assert(fault::kFunctions.size() == 68);
  // All members behind the version are pointers to functions.
  const auto* member = reinterpret_cast<void* const*>(&list->C_Initialize);
  for (const auto& function : fault::kFunctions) {
    EXPECT_NE(*member++, nullptr) << function.name;
  }
  EXPECT_EQ(member, reinterpret_cast<void* const*>(list + 1));
  // Nothing is initialised: the wrapped module says so through each.
  EXPECT_EQ(list->C_Finalize(nullptr), CKR_CRYPTOKI_NOT_INITIALIZED);
  EXPECT_EQ(list->C_GenerateRandom(1, nullptr, 0),
            CKR_CRYPTOKI_NOT_INITIALIZED);
}

TEST_F(FaultModuleTest, WithoutARuleItIsTheWrappedModule) {
  Text mac;
  EXPECT_EQ(Sign(mac), CKR_OK);
  EXPECT_EQ(mac, Right());
  EXPECT_EQ(Verify(mac), CKR_OK);
  mac[0] ^= 1;
  EXPECT_EQ(Verify(mac), CKR_SIGNATURE_INVALID);
  EXPECT_EQ(Find().size(), 1U);
}

// SoftHSM2 takes none, NSS demands one.
TEST_F(FaultModuleTest, TheReservedArgumentIsPassedOn) {
  const auto refused = Module::Load({FaultModule::path(), "init", ""});
  EXPECT_THAT(refused, FailsWith(kNotAvailable));
  session_.reset();
  Reopen();
  const auto again = Module::Load({FaultModule::path(), "init", ""});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().rv, CKR_ARGUMENTS_BAD);
}

TEST_F(FaultModuleTest, EveryCodeHasItsName) {
  for (const CkRvRow& row : CkRvRows()) {
    fault_.Script("C_SeedRandom * return " + std::string(row.name));
    EXPECT_EQ(functions().C_SeedRandom(session_->handle(), nullptr, 0), row.rv);
  }
}

TEST_F(FaultModuleTest, WhenSaysWhichCalls) {
  struct Row {
    std::string when;
    std::string calls;  // x: the rule held.
  };
  for (const Row& row : std::vector<Row>{{"1", "x.....x....."},
                                         {"3", "..x.....x..."},
                                         {"4-", "...xxx...xxx"},
                                         {"2-4", ".xxx...xxx.."},
                                         {"5-5", "....x.....x."},
                                         {"*", "xxxxxxxxxxxx"}}) {
    std::string calls;
    // The count begins anew with a script, be it the same.
    for (int twice = 0; twice < 2; ++twice) {
      fault_.Script("C_SeedRandom " + row.when + " return CKR_CANCEL");
      for (int i = 0; i < 6; ++i) {
        calls += functions().C_SeedRandom(session_->handle(), nullptr, 0) ==
                         CKR_CANCEL
                     ? 'x'
                     : '.';
      }
    }
    EXPECT_EQ(calls, row.calls) << row.when;
  }
}

TEST_F(FaultModuleTest, TheLogHasOneLineForEachCall) {
  const auto before = fault_.Calls("C_Sign");
  fault_.Script("C_Sign 2 return CKR_DEVICE_ERROR");
  Sign();
  Sign();
  EXPECT_EQ(fault_.Calls("C_Sign"), before + 2);
  EXPECT_EQ(fault_.Answers("C_Sign", CKR_DEVICE_ERROR), 1U);
  EXPECT_EQ(fault_.Calls("C_SeedRandom"), 0U);
  EXPECT_EQ(fault_.Calls("C_Login"), 1U);
  EXPECT_EQ(fault_.Calls("C_Initialize"), 1U);
}

TEST_F(FaultModuleTest, TheLogMayBeOfSomeFunctionsAlone) {
  session_.reset();
  const FaultModule other(SIGTOKEN_SOFTHSM2_MODULE, "C_Login C_CloseSession");
  Reopen();
  Must(token().Login());
  EXPECT_EQ(other.Answers("C_Login", CKR_OK), 1U);
  EXPECT_GT(other.Calls("C_CloseSession"), 0U);
  for (const std::string function :
       {"C_OpenSession", "C_Log", "C_Initialize"}) {
    EXPECT_EQ(other.Calls(function), 0U) << function;
  }
}

TEST_F(FaultModuleTest, ProgramsFindItByTheEnvironment) {
  session_.reset();
  const auto& home = configuration_.home;
  std::ofstream(home / "sigtoken.toml")
      << "embedded = false\n[[token]]\nname = \"IDT.KEYS\"\nuri = "
         "\"pkcs11:token=faulty?module-path=" +
             FaultModule::path() +
             "&pin-source=file:" + hsm_.pin_file().string() + "\"\n";
  Programs programs(home);
  programs.SetEnvironment("SOFTHSM2_CONF", hsm_.conf());
  for (const auto& [name, value] : fault_.environment()) {
    programs.SetEnvironment(name, value);
  }
  fault_.Script("");
  const auto signed_before = fault_.Calls("C_Sign");
  const auto listed = programs.Sigtoken({"key", "list"});
  EXPECT_EQ(listed.status, 0) << listed.err;
  EXPECT_GT(fault_.Calls("C_Sign"), signed_before);
  fault_.Script("C_Initialize * return CKR_DEVICE_REMOVED");
  EXPECT_EQ(programs.Sigtoken({"key", "list"}).status, 12);
}

TEST_F(FaultModuleTest, WordsThatItDoesNotKnowEndTheProgram) {
  for (const std::string rule :
       {"C_Sign", "C_Sign 1", "C_Sing 1 corrupt", "c_sign 1 corrupt",
        "C_Sign 0 corrupt", "C_Sign -1 corrupt", "C_Sign 2-1 corrupt",
        "C_Sign x corrupt", "C_Sign 1-x corrupt", "C_Sign 1 explode",
        "C_Sign 1 corrupt 2", "C_Sign 1 return", "C_Sign 1 return CKR_NICE",
        "C_Sign 1 return 5", "C_Sign 1 return 0x", "C_Sign 1 delay soon",
        "C_Sign 1 truncate -1", "C_Sign 1 kill before", "C_Sign 1 hang",
        "C_GenerateKey 1 drop-attribute CKA_COLOUR", "C_Sign 1 after OK",
        // What the function cannot do.
        "C_Login 1 corrupt", "C_Sign 1 flip-attribute CKA_SIGN",
        "C_Sign 1 no-slots", "C_Sign * reuse", "* 1 reuse",
        "C_GetSlotList * move-slots", "C_SignFinal * overrun",
        "C_GetTokenInfo * set-flag CKF_COLOUR", "C_Login * set-flag CKF_RNG",
        "C_Login * own-keypad", "C_Sign * own-keypad 1",
        "C_Login * strict-arguments", "C_SignFinal * answer-mac"}) {
    SCOPED_TRACE(rule);
    fault_.Script("# a comment\n\n" + rule + "\n");
    EXPECT_EXIT(functions().C_SeedRandom(session_->handle(), nullptr, 0),
                ::testing::KilledBySignal(SIGABRT),
                "sigtoken-fault: .*/script:3: .*: " +
                    rule.substr(0, rule.find_first_of("*-")));
  }
  fault_.Script("");
}

TEST_F(FaultModuleTest, EightThreadsSignWhileTheScriptChanges) {
  constexpr int kThreads = 8;
  constexpr int kSigns = 300;
  std::atomic<int> cancelled{0};
  const auto before = fault_.Calls("C_SignInit");
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      Session session = Open();
      for (int sign = 0; sign < kSigns; ++sign) {
        Text mac;
        const CK_RV rv = Sign(session, key_, mac);
        if (rv == CKR_CANCEL) {
          ++cancelled;
        } else {
          EXPECT_EQ(rv, CKR_OK);
          EXPECT_EQ(mac, Right());
        }
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    fault_.Script(i % 2 == 0 ? "C_SignInit 5 return CKR_CANCEL" : "");
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  for (std::thread& thread : threads) thread.join();
  // Once for each script at most, however many threads count its calls.
  EXPECT_LE(cancelled, 10);
  EXPECT_EQ(fault_.Calls("C_SignInit") - before,
            static_cast<std::size_t>(kThreads * kSigns));
}

TEST_F(FaultModuleTest, EightThreadsCountTheirCallsTogether) {
  fault_.Script("C_SignInit 100-149 return CKR_CANCEL");
  std::atomic<int> cancelled{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      Session session = Open();
      for (int sign = 0; sign < 50; ++sign) {
        Text mac;
        if (Sign(session, key_, mac) == CKR_CANCEL) ++cancelled;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cancelled, 50);
}

}  // namespace
}  // namespace sigtoken::testing
