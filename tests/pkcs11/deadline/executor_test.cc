// Work on threads that may be left behind.

#include "pkcs11/deadline/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "pkcs11/cryptoki/call.h"
#include "tests/embedded_home.h"
#include "tests/forked.h"
#include "tests/pkcs11/deadline/doors.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using std::chrono::milliseconds;
using testing::Door;
using testing::FailsWith;
using testing::MessageOf;
using testing::Must;
using testing::TakesTime;

using Clock = std::chrono::steady_clock;

constexpr milliseconds kDeadline{250};

class ExecutorTest : public ::testing::Test {
 protected:
  // Nobody is behind the door when it goes.
  ~ExecutorTest() override {
    door_.Open();
    WaitUntilNobodyIsStuck();
  }
  void WaitUntilNobodyIsStuck() const {
    while (executor_.stuck() > 0) std::this_thread::sleep_for(milliseconds{1});
  }

  Result<int> Hang() {
    return executor_.Run<int>([this]() -> Result<int> {
      door_.Pass("C_Sign");
      return 1;
    });
  }
  Result<int> Answer() {
    return executor_.Run<int>([]() -> Result<int> { return 42; });
  }

  Door door_;
  Executor executor_{{kDeadline, 2}};
};

TEST_F(ExecutorTest, GivesWhatTheWorkGives) {
  EXPECT_EQ(Must(Answer()), 42);
  const auto failed = executor_.Run<int>(
      []() -> Result<int> { return Fault("that was expected"); });
  EXPECT_THAT(failed, FailsWith(kInternalFault));
  EXPECT_EQ(MessageOf(failed), "that was expected");
  EXPECT_EQ(executor_.stuck(), 0U);
}

TEST_F(ExecutorTest, RunsTheWorkOnAThreadOfItsOwnAgainAndAgain) {
  std::set<std::thread::id> threads;
  for (int i = 0; i < 100; ++i) {
    threads.insert(
        Must(executor_.Run<std::thread::id>([]() -> Result<std::thread::id> {
          return std::this_thread::get_id();
        })));
  }
  EXPECT_EQ(threads.size(), 1U);
  EXPECT_EQ(threads.count(std::this_thread::get_id()), 0U);
}

TEST_F(ExecutorTest, KeepsAsManyThreadsAsWereInUseAtATime) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      for (int k = 0; k < 200; ++k) {
        const auto ran = executor_.Run<int>([&]() -> Result<int> {
          const std::lock_guard lock(mutex);
          threads.insert(std::this_thread::get_id());
          return k;
        });
        EXPECT_EQ(Must(ran), k);
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_LE(threads.size(), 8U);
}

TEST_F(ExecutorTest, ACallThatDoesNotComeBackCostsTheDeadline) {
  const auto begin = Clock::now();
  const auto hung = Hang();
  const auto took = Clock::now() - begin;
  EXPECT_THAT(hung, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(hung),
            "the PKCS#11 module has not come back from C_Sign within the 250 "
            "ms of this request");
  EXPECT_GE(took, kDeadline);
  EXPECT_LT(took, 5 * kDeadline);
  EXPECT_EQ(executor_.stuck(), 1U);
}

TEST_F(ExecutorTest, SoItIsWhereEachCallHasItsOwn) {
  const auto hung = executor_.Run<int>(
      [this]() -> Result<int> {
        TakesTime("C_FindObjects", kDeadline / 2);
        door_.Pass("C_Sign");
        return 1;
      },
      DeadlineOf::kEachCall);
  EXPECT_THAT(hung, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(hung),
            "the PKCS#11 module has not come back from C_Sign for 250 ms");
}

TEST_F(ExecutorTest, AThreadThatWasLeftBehindIsNotUsedAgain) {
  const auto thread = [] {
    return Result<std::thread::id>(std::this_thread::get_id());
  };
  const auto first = Must(executor_.Run<std::thread::id>(thread));
  EXPECT_THAT(Hang(), FailsWith(kNotAvailable));
  EXPECT_NE(Must(executor_.Run<std::thread::id>(thread)), first);
}

// A thousand objects are looked at, each at once.
TEST_F(ExecutorTest, WorkOfManyCallsMayTakeAsLongAsItDoes) {
  const auto many = [] {
    for (int i = 0; i < 4; ++i) TakesTime("C_FindObjects", kDeadline / 2);
    return Result<int>(7);
  };
  EXPECT_EQ(Must(executor_.Run<int>(many, DeadlineOf::kEachCall)), 7);
}

TEST_F(ExecutorTest, AllCallsOfARequestHaveOneDeadline) {
  std::atomic<bool> came_back = false;
  const auto begin = Clock::now();
  const auto slow = executor_.Run<int>([&]() -> Result<int> {
    for (int i = 0; i < 4; ++i) TakesTime("C_FindObjects", kDeadline / 2);
    came_back = true;
    return 7;
  });
  EXPECT_LT(Clock::now() - begin, 5 * kDeadline);
  EXPECT_THAT(slow, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(slow),
            "the PKCS#11 module has not come back from C_FindObjects within "
            "the 250 ms of this request");
  // It comes to its end all the same.
  WaitUntilNobodyIsStuck();
  EXPECT_TRUE(came_back);
}

// Each look finds it in another call, or in none.
TEST_F(ExecutorTest, ShortCallsAddUp) {
  const auto slow = executor_.Run<int>([]() -> Result<int> {
    const auto end = Clock::now() + 8 * kDeadline;
    while (Clock::now() < end) TakesTime("C_FindObjects", milliseconds{3});
    return 7;
  });
  EXPECT_THAT(slow, FailsWith(kNotAvailable));
  WaitUntilNobodyIsStuck();
}

// It says itself for whom it has waited.
TEST_F(ExecutorTest, AWaitForOthersEndsWithTheDeadline) {
  std::mutex held;
  held.lock();
  const auto begin = Clock::now();
  const auto waited = executor_.Run<int>([&]() -> Result<int> {
    TakesTime("C_Sign", kDeadline / 2);
    std::unique_lock lock(held, std::defer_lock);
    if (!LockInTime(lock)) return Unavailable("it is held", "wait");
    return 1;
  });
  EXPECT_GE(Clock::now() - begin, kDeadline);
  EXPECT_LT(Clock::now() - begin, 5 * kDeadline);
  EXPECT_THAT(waited, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(waited), "it is held");
  EXPECT_EQ(executor_.stuck(), 0U);
  held.unlock();
}

TEST_F(ExecutorTest, WhereEachCallHasItsOwnSoHasEachWait) {
  std::mutex held;
  const auto waits = [&]() -> Result<int> {
    for (int i = 0; i < 4; ++i) {
      std::thread other([&] {
        const std::lock_guard lock(held);
        std::this_thread::sleep_for(kDeadline / 2);
      });
      while (held.try_lock()) held.unlock();
      std::unique_lock lock(held, std::defer_lock);
      const bool locked = LockInTime(lock);
      if (locked) lock.unlock();
      other.join();
      if (!locked) return 2;
    }
    // One that ends so ends none that comes behind it.
    std::atomic<bool> ended = false;
    std::thread other([&] {
      const std::lock_guard lock(held);
      while (!ended) std::this_thread::sleep_for(milliseconds{1});
      std::this_thread::sleep_for(kDeadline / 2);
    });
    while (held.try_lock()) held.unlock();
    std::unique_lock lock(held, std::defer_lock);
    const bool first = LockInTime(lock);
    ended = true;
    if (first) lock.unlock();
    const bool second = LockInTime(lock);
    if (second) lock.unlock();
    other.join();
    return !first && second ? 1 : 3;
  };
  EXPECT_EQ(Must(executor_.Run<int>(waits, DeadlineOf::kEachCall)), 1);
}

// A person types a PIN.
TEST_F(ExecutorTest, OnlyTheTimeInCallsCounts) {
  const auto slow = executor_.Run<int>([]() -> Result<int> {
    for (int i = 0; i < 3; ++i) {
      std::this_thread::sleep_for(kDeadline);
      TakesTime("C_Sign", milliseconds{0});
    }
    return 7;
  });
  EXPECT_EQ(Must(slow), 7);
}

TEST_F(ExecutorTest, ACallInWhichTheModuleAsksAPersonIsNotWatched) {
  const auto slow = executor_.Run<int>([]() -> Result<int> {
    const Unwatched unwatched;
    TakesTime("C_Login", 3 * kDeadline);
    return 7;
  });
  EXPECT_EQ(Must(slow), 7);
}

TEST_F(ExecutorTest, WhoWaitsForAThreadThatIsStuckIsGivenUpToo) {
  std::mutex mutex;
  const auto hung = executor_.Run<int>([&]() -> Result<int> {
    const std::lock_guard lock(mutex);
    door_.Pass("C_Initialize");
    return 1;
  });
  EXPECT_THAT(hung, FailsWith(kNotAvailable));
  const auto begin = Clock::now();
  const auto waiting = executor_.Run<int>([&]() -> Result<int> {
    const std::lock_guard lock(mutex);
    return 2;
  });
  EXPECT_THAT(waiting, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(waiting),
            "the PKCS#11 module is held by a call that does not come back");
  EXPECT_LT(Clock::now() - begin, 5 * kDeadline);
  door_.Open();
  WaitUntilNobodyIsStuck();
}

TEST_F(ExecutorTest, TheDeadlineCanBeChangedByTheWorkItself) {
  const auto slow = executor_.Run<int>([this]() -> Result<int> {
    executor_.set_deadline(std::chrono::hours{1});
    TakesTime("C_Sign", 3 * kDeadline);
    return 7;
  });
  EXPECT_EQ(Must(slow), 7);
}

// What it closes at its end may be a module that does not come back either.
TEST_F(ExecutorTest, WhatTheWorkHoldsGoesOnItsOwnThread) {
  std::thread::id closer;
  std::shared_ptr<int> held(new int(1), [&](int* number) {
    closer = std::this_thread::get_id();
    delete number;
  });
  const auto worker = executor_.Run<std::thread::id>(
      [share = std::move(held)]() -> Result<std::thread::id> {
        return std::this_thread::get_id();
      });
  EXPECT_EQ(closer, Must(worker));
  EXPECT_NE(closer, std::this_thread::get_id());
}

TEST_F(ExecutorTest, DoesNotWaitForWhoIsStuckWhenItGoes) {
  auto executor = std::make_unique<Executor>(Executor::Options{kDeadline, 2});
  std::atomic<bool> came_back = false;
  const auto hung = executor->Run<int>([&]() -> Result<int> {
    door_.Pass("C_Sign");
    came_back = true;
    return 1;
  });
  EXPECT_THAT(hung, FailsWith(kNotAvailable));
  executor.reset();
  EXPECT_FALSE(came_back);
  door_.Open();
  while (!came_back) std::this_thread::sleep_for(milliseconds{1});
}

TEST_F(ExecutorTest, IsOfNoUseInAForkedChild) {
  EXPECT_EQ(Must(Answer()), 42);
  EXPECT_EQ(testing::InChild([&] {
              Executor own({kDeadline, 2});
              const auto inherited = Answer();
              if (inherited || ToIcsf(inherited.error()) != kNotAvailable) {
                return 1;
              }
              const auto fresh =
                  own.Run<int>([]() -> Result<int> { return 1; });
              return fresh ? 0 : 2;
            }),
            0);
  EXPECT_EQ(Must(Answer()), 42);
}

// Its threads are not there to be waited for.
TEST(ExecutorForkTest, GoesInAForkedChildToo) {
  auto executor = std::make_unique<Executor>(Executor::Options{});
  EXPECT_EQ(Must(executor->Run<int>([]() -> Result<int> { return 1; })), 1);
  EXPECT_EQ(testing::InChild([&] {
              executor.reset();
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace sigtoken
