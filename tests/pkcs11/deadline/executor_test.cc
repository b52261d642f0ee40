// Work on threads that may be left behind.

#include "pkcs11/deadline/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>

#include "pkcs11/cryptoki/call.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using std::chrono::milliseconds;
using testing::FailsWith;
using testing::MessageOf;
using testing::Must;

using Clock = std::chrono::steady_clock;

constexpr milliseconds kDeadline{250};

// Of a module: comes back when the door opens.
CK_RV WaitFor(std::atomic<bool>* door) {
  while (!*door) std::this_thread::sleep_for(milliseconds{1});
  return CKR_OK;
}

class ExecutorTest : public ::testing::Test {
 protected:
  // Nobody is behind the door when it goes.
  ~ExecutorTest() override {
    door_ = true;
    while (executor_.stuck() > 0) std::this_thread::sleep_for(milliseconds{1});
  }

  Result<int> Hang() {
    return executor_.Run<int>([this]() -> Result<int> {
      Call("C_Sign", &WaitFor, &door_);
      return 1;
    });
  }
  Result<int> Answer() {
    return executor_.Run<int>([]() -> Result<int> { return 42; });
  }

  std::atomic<bool> door_ = false;
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

TEST_F(ExecutorTest, RunsTheWorkOnAnotherThread) {
  const auto caller = std::this_thread::get_id();
  const auto other = executor_.Run<std::thread::id>(
      []() -> Result<std::thread::id> { return std::this_thread::get_id(); });
  EXPECT_NE(Must(other), caller);
}

TEST_F(ExecutorTest, ACallThatDoesNotComeBackCostsTheDeadline) {
  const auto begin = Clock::now();
  const auto hung = Hang();
  const auto took = Clock::now() - begin;
  EXPECT_THAT(hung, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(hung),
            "the PKCS#11 module has not come back from C_Sign for 250 ms");
  EXPECT_GE(took, kDeadline);
  EXPECT_LT(took, 5 * kDeadline);
  EXPECT_EQ(executor_.stuck(), 1U);
}

// A person types a PIN, another process has the lock.
TEST_F(ExecutorTest, OnlyTheTimeInCallsCounts) {
  const auto slow = executor_.Run<int>([]() -> Result<int> {
    std::atomic<bool> open = true;
    for (int i = 0; i < 3; ++i) {
      std::this_thread::sleep_for(kDeadline);
      Call("C_Sign", &WaitFor, &open);
    }
    return 7;
  });
  EXPECT_EQ(Must(slow), 7);
}

TEST_F(ExecutorTest, ACallInWhichTheModuleAsksAPersonIsNotWatched) {
  const auto slow = executor_.Run<int>([]() -> Result<int> {
    const Unwatched unwatched;
    std::atomic<bool> door = false;
    std::thread person([&] {
      std::this_thread::sleep_for(3 * kDeadline);
      door = true;
    });
    Call("C_Login", &WaitFor, &door);
    person.join();
    return 7;
  });
  EXPECT_EQ(Must(slow), 7);
}

TEST_F(ExecutorTest, WhoWaitsForAThreadThatIsStuckIsGivenUpToo) {
  std::mutex mutex;
  const auto hung = executor_.Run<int>([&]() -> Result<int> {
    const std::lock_guard lock(mutex);
    Call("C_Initialize", &WaitFor, &door_);
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
  door_ = true;
  while (executor_.stuck() > 0) std::this_thread::sleep_for(milliseconds{1});
}

TEST_F(ExecutorTest, WhenTooManyAreStuckNothingIsBegun) {
  EXPECT_THAT(Hang(), FailsWith(kNotAvailable));
  EXPECT_EQ(Must(Answer()), 42);
  EXPECT_THAT(Hang(), FailsWith(kNotAvailable));
  std::atomic<int> begun = 0;
  const auto refused = executor_.Run<int>([&]() -> Result<int> {
    ++begun;
    return 1;
  });
  EXPECT_THAT(refused, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(refused),
            "2 calls of PKCS#11 modules have not come back: nothing is begun "
            "until one of them does");
  EXPECT_EQ(begun, 0);

  door_ = true;
  while (executor_.stuck() > 0) std::this_thread::sleep_for(milliseconds{1});
  EXPECT_EQ(Must(Answer()), 42);
}

TEST_F(ExecutorTest, TheDeadlineCanBeChangedByTheWorkItself) {
  const auto slow = executor_.Run<int>([this]() -> Result<int> {
    executor_.set_deadline(std::chrono::hours{1});
    std::thread person([this] {
      std::this_thread::sleep_for(3 * kDeadline);
      door_ = true;
    });
    Call("C_Sign", &WaitFor, &door_);
    person.join();
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

}  // namespace
}  // namespace sigtoken
