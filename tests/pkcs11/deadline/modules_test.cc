// Work on several modules, of which one does not come back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "pkcs11/deadline/executor.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/deadline/doors.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using std::chrono::milliseconds;
using testing::CureOf;
using testing::Door;
using testing::FailsWith;
using testing::FakeCallee;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::TakesTime;

using Clock = std::chrono::steady_clock;

constexpr milliseconds kDeadline{250};

class ExecutorModulesTest : public ::testing::Test {
 protected:
  ~ExecutorModulesTest() override {
    door_.Open();
    WaitUntilNobodyIsStuck();
  }
  void WaitUntilNobodyIsStuck() const {
    while (executor_.stuck() > 0) std::this_thread::sleep_for(milliseconds{1});
  }

  // Turns to the module and does `work` there.
  Result<int> In(Callee& callee, const std::function<void()>& work) {
    return executor_.Run<int>([&callee, work]() -> Result<int> {
      SIGTOKEN_TRY(CallWatch::TurnTo(callee));
      Callee::SetOfThisThread(&callee);
      work();
      return 1;
    });
  }
  Result<int> Hang(Callee& callee) {
    return In(callee, [this] { door_.Pass("C_Sign"); });
  }
  Result<int> Sign(Callee& callee) {
    return In(callee, [] { TakesTime("C_Sign", milliseconds{0}); });
  }
  // Opens the circuit of the module.
  void Open(Callee& callee) {
    for (int i = 0; i < 2; ++i)
      EXPECT_THAT(Hang(callee), FailsWith(kNotAvailable));
  }

  Door door_;
  FakeCallee good_{"/good.so"};
  FakeCallee bad_{"/bad.so"};
  Executor executor_{{kDeadline, 2}};
};

TEST_F(ExecutorModulesTest, WhenTooManyAreStuckInOneNothingIsBegunThere) {
  EXPECT_THAT(Hang(bad_), FailsWith(kNotAvailable));
  EXPECT_THAT(Sign(bad_), IsOk());
  EXPECT_THAT(Hang(bad_), FailsWith(kNotAvailable));
  std::atomic<int> begun = 0;
  const auto begin = Clock::now();
  const auto refused = In(bad_, [&] { ++begun; });
  EXPECT_LT(Clock::now() - begin, kDeadline);
  EXPECT_THAT(refused, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(refused),
            "2 calls of the PKCS#11 module '/bad.so' have not come back: "
            "nothing is begun until one of them does");
  EXPECT_EQ(begun, 0);

  door_.Open();
  WaitUntilNobodyIsStuck();
  EXPECT_THAT(Sign(bad_), IsOk());
  EXPECT_THAT(Sign(bad_), IsOk());
}

TEST_F(ExecutorModulesTest, WhatIsStuckInOneRefusesNothingForAnother) {
  Open(bad_);
  EXPECT_THAT(Sign(bad_), FailsWith(kNotAvailable));
  EXPECT_THAT(Sign(good_), IsOk());
  // Slower than the deadline, for a person is asked, but not in its calls.
  const auto slow = executor_.Run<int>([this]() -> Result<int> {
    SIGTOKEN_TRY(CallWatch::TurnTo(good_));
    Callee::SetOfThisThread(&good_);
    for (int i = 0; i < 4; ++i) {
      TakesTime("C_Sign", milliseconds{0});
      std::this_thread::sleep_for(kDeadline / 2);
    }
    return 7;
  });
  EXPECT_EQ(Must(slow), 7);
}

TEST_F(ExecutorModulesTest, WorkThatTurnsToNoneIsNotRefused) {
  Open(bad_);
  EXPECT_EQ(Must(executor_.Run<int>([]() -> Result<int> { return 42; })), 42);
}

TEST_F(ExecutorModulesTest, OneTriesWhetherItAnswersAgainAndOthersAreRefused) {
  Open(bad_);
  door_.Open();
  WaitUntilNobodyIsStuck();
  Door probing;
  std::atomic<bool> begun = false;
  std::thread probe([&] {
    EXPECT_THAT(In(bad_,
                   [&] {
                     begun = true;
                     probing.Pass("C_Sign");
                   }),
                IsOk());
  });
  while (!begun) std::this_thread::sleep_for(milliseconds{1});
  const auto refused = Sign(bad_);
  probing.Open();
  probe.join();
  EXPECT_THAT(refused, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(refused),
            "calls of the PKCS#11 module '/bad.so' did not come back in time, "
            "and it is being tried whether it answers again");
  EXPECT_EQ(CureOf(refused), "try again in a moment");
  EXPECT_THAT(Sign(bad_), IsOk());
}

// Its key may be disabled: that says nothing of the module.
TEST_F(ExecutorModulesTest, OneThatCallsNothingHasTriedNothing) {
  Open(bad_);
  door_.Open();
  WaitUntilNobodyIsStuck();
  EXPECT_THAT(In(bad_, [] {}), IsOk());
  Door probing;
  std::atomic<bool> begun = false;
  std::thread probe([&] {
    EXPECT_THAT(In(bad_,
                   [&] {
                     begun = true;
                     probing.Pass("C_Sign");
                   }),
                IsOk());
  });
  while (!begun) std::this_thread::sleep_for(milliseconds{1});
  EXPECT_THAT(Sign(bad_), FailsWith(kNotAvailable));
  probing.Open();
  probe.join();
  EXPECT_THAT(Sign(bad_), IsOk());
}

TEST_F(ExecutorModulesTest, AProbeThatHangsOpensItAgain) {
  Open(bad_);
  door_.Open();
  WaitUntilNobodyIsStuck();
  door_.Close();
  EXPECT_THAT(Hang(bad_), FailsWith(kNotAvailable));
  // One place is taken of two, and it is refused all the same.
  EXPECT_THAT(Sign(bad_), FailsWith(kNotAvailable));
  door_.Open();
  WaitUntilNobodyIsStuck();
  const auto end = Clock::now() + 5 * milliseconds{1000};
  auto answered = Sign(bad_);
  while (!answered && Clock::now() < end) answered = Sign(bad_);
  EXPECT_THAT(answered, IsOk());
}

// A token of each is looked at.
TEST_F(ExecutorModulesTest, AProbeThatHangsInAnotherModuleIsNotStuckInThis) {
  Open(bad_);
  door_.Open();
  WaitUntilNobodyIsStuck();
  door_.Close();
  const auto walk = In(bad_, [this] {
    TakesTime("C_Sign", milliseconds{0});
    EXPECT_THAT(CallWatch::TurnTo(good_), IsOk());
    Callee::SetOfThisThread(&good_);
    door_.Pass("C_Sign");
  });
  EXPECT_THAT(walk, FailsWith(kNotAvailable));
  EXPECT_THAT(Sign(bad_), IsOk());
  EXPECT_THAT(Sign(bad_), IsOk());
  // One of the two places is free.
  EXPECT_THAT(Sign(good_), IsOk());
  EXPECT_THAT(Hang(good_), FailsWith(kNotAvailable));
  EXPECT_THAT(Sign(good_), FailsWith(kNotAvailable));
}

// They go on as soon as that one comes back, and take places meanwhile.
TEST_F(ExecutorModulesTest, WhoWaitsForOneThatIsStuckIsLeftBehindToo) {
  EXPECT_THAT(Hang(bad_), FailsWith(kNotAvailable));
  std::mutex held;
  held.lock();
  std::atomic<bool> got = false;
  const auto waiting = In(bad_, [&] {
    std::unique_lock lock(held, std::defer_lock);
    got = LockInTime(lock);
  });
  EXPECT_THAT(waiting, FailsWith(kNotAvailable));
  EXPECT_EQ(executor_.stuck(), 2U);
  held.unlock();
  door_.Open();
  WaitUntilNobodyIsStuck();
  EXPECT_TRUE(got);
}

TEST_F(ExecutorModulesTest, AModuleInAHelperProcessIsEndedWithItsCall) {
  FakeCallee helped("/helped.so", &door_);
  CK_RV later = CKR_OK;
  CK_RV last = CKR_GENERAL_ERROR;
  CK_RV of_another = CKR_GENERAL_ERROR;
  std::atomic<bool> came_back = false;
  const auto hung = In(helped, [&] {
    door_.Pass("C_Sign");
    // Nobody waits for what it does, and the next helper might hang, too.
    later = TakesTime("C_Initialize", milliseconds{0});
    last = TakesTime("C_Finalize", milliseconds{0});
    Callee::SetOfThisThread(&good_);
    of_another = TakesTime("C_CloseSession", milliseconds{0});
    came_back = true;
  });
  EXPECT_THAT(hung, FailsWith(kNotAvailable));
  EXPECT_EQ(helped.ended(), 1);
  WaitUntilNobodyIsStuck();
  EXPECT_TRUE(came_back);
  EXPECT_EQ(later, CKR_FUNCTION_CANCELED);
  EXPECT_EQ(last, CKR_OK);
  EXPECT_EQ(of_another, CKR_OK);
  // The next work calls again.
  CK_RV next = CKR_GENERAL_ERROR;
  EXPECT_THAT(
      In(helped, [&] { next = TakesTime("C_Initialize", milliseconds{0}); }),
      IsOk());
  EXPECT_EQ(next, CKR_OK);
}

TEST_F(ExecutorModulesTest, OnlyTheOneThatHangsIsEnded) {
  Door own;
  FakeCallee helped("/helped.so", &own);
  EXPECT_THAT(Hang(bad_), FailsWith(kNotAvailable));
  EXPECT_EQ(helped.ended(), 0);
  EXPECT_EQ(executor_.stuck(), 1U);
}

// Its thread comes back, so that no place is taken for good.
TEST_F(ExecutorModulesTest, WhatIsEndedIsTriedAgainAndAgain) {
  FakeCallee helped("/helped.so", &door_);
  Executor executor({milliseconds{50}, 2});
  for (int i = 0; i < 20; ++i) {
    door_.Close();
    const auto hung = executor.Run<int>([&]() -> Result<int> {
      SIGTOKEN_TRY(CallWatch::TurnTo(helped));
      Callee::SetOfThisThread(&helped);
      door_.Pass("C_Sign");
      return 1;
    });
    EXPECT_THAT(hung, FailsWith(kNotAvailable));
    while (executor.stuck() > 0) std::this_thread::sleep_for(milliseconds{1});
  }
  EXPECT_EQ(helped.ended(), 20);
}

}  // namespace
}  // namespace sigtoken
