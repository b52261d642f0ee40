// What is seen of a thread's calls.

#include "pkcs11/cryptoki/call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>

#include "tests/embedded_home.h"
#include "tests/pkcs11/deadline/doors.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using std::chrono::milliseconds;
using testing::Door;
using testing::FailsWith;
using testing::FakeCallee;
using testing::IsOk;
using testing::TakesTime;

class RefusingWatch final : public CallWatch {
 public:
  const Callee* refused = nullptr;

 private:
  Status MayTurnTo(Callee& callee) override {
    if (&callee != refused) return Ok();
    return Unavailable("it is stuck", "wait");
  }
};

// Of this thread, for one test.
class CallTest : public ::testing::Test {
 protected:
  CallTest() { CallWatch::Watch(&watch_); }
  ~CallTest() override {
    CallWatch::Watch(nullptr);
    Callee::SetOfThisThread(nullptr);
  }

  RefusingWatch watch_;
  FakeCallee module_{"/m.so"};
};

CK_RV Add(int* sum, int number) {
  *sum += number;
  return CKR_DEVICE_ERROR;
}

TEST_F(CallTest, GivesWhatTheFunctionGives) {
  int sum = 0;
  for (CallWatch* watch :
       {static_cast<CallWatch*>(&watch_), static_cast<CallWatch*>(nullptr)}) {
    CallWatch::Watch(watch);
    const Answered answered = Call("C_Add", &Add, &sum, 2);
    EXPECT_EQ(answered.rv, CKR_DEVICE_ERROR);
    EXPECT_STREQ(answered.function, "C_Add");
  }
  EXPECT_EQ(sum, 4);
}

TEST_F(CallTest, ShowsTheCallThatRunsAndCountsThoseThatHaveComeBack) {
  Callee::SetOfThisThread(&module_);
  EXPECT_EQ(watch_.Look().function, nullptr);
  TakesTime("C_Sign", milliseconds{5});
  auto sight = watch_.Look();
  EXPECT_EQ(sight.function, nullptr);
  EXPECT_EQ(sight.calls, 1U);
  EXPECT_GE(sight.spent, milliseconds{5});

  Door door;
  std::thread looking([&] {
    while (watch_.Look().function == nullptr) std::this_thread::yield();
    sight = watch_.Look();
    door.Open();
  });
  const auto before = CallWatch::Clock::now();
  door.Pass("C_Login");
  looking.join();
  EXPECT_STREQ(sight.function, "C_Login");
  EXPECT_EQ(sight.callee, &module_);
  EXPECT_EQ(sight.calls, 2U);
  EXPECT_GE(sight.since, before);
}

TEST_F(CallTest, NobodyIsAskedWhereNobodyWatches) {
  watch_.refused = &module_;
  EXPECT_THAT(CallWatch::TurnTo(module_), FailsWith(kNotAvailable));
  FakeCallee other("/other.so");
  EXPECT_THAT(CallWatch::TurnTo(other), IsOk());
  CallWatch::Watch(nullptr);
  EXPECT_THAT(CallWatch::TurnTo(module_), IsOk());
}

TEST_F(CallTest, InWhichAPersonIsWaitedForIsNotSeen) {
  {
    const Unwatched unwatched;
    TakesTime("C_Login", milliseconds{0});
  }
  EXPECT_EQ(watch_.Look().calls, 0U);
  EXPECT_EQ(CallWatch::OfThisThread(), &watch_);
}

TEST_F(CallTest, OnlyTheCallThatWasSeenIsEnded) {
  Door door;
  FakeCallee helped("/helped.so", &door);
  Callee::SetOfThisThread(&helped);
  TakesTime("C_Sign", milliseconds{0});
  auto seen = watch_.Look();
  EXPECT_FALSE(watch_.End(seen));  // It has come back.
  bool ended_later = true;
  bool ended = false;
  std::thread looking([&] {
    while (watch_.Look().function == nullptr) std::this_thread::yield();
    ended_later = watch_.End(seen);
    ended = watch_.End(watch_.Look());
  });
  door.Pass("C_Sign");
  looking.join();
  EXPECT_FALSE(ended_later);
  EXPECT_TRUE(ended);
  EXPECT_EQ(helped.ended(), 1);
}

TEST_F(CallTest, KnowsWhichModuleHasAnswered) {
  FakeCallee other("/other.so");
  Callee::SetOfThisThread(&other);
  TakesTime("C_Sign", milliseconds{0});
  EXPECT_TRUE(watch_.HasAnswered(other));
  EXPECT_FALSE(watch_.HasAnswered(module_));
  Callee::SetOfThisThread(&module_);
  Door door;
  bool before = true;
  std::thread looking([&] {
    while (watch_.Look().function == nullptr) std::this_thread::yield();
    before = watch_.HasAnswered(module_);
    door.Open();
  });
  door.Pass("C_Sign");
  looking.join();
  EXPECT_FALSE(before);
  EXPECT_TRUE(watch_.HasAnswered(module_));
}

TEST_F(CallTest, ShowsTheWaitForOthers) {
  {
    const CallWatch::Wait wait;
    std::this_thread::sleep_for(milliseconds{5});
    EXPECT_TRUE(watch_.Look().waiting);
    EXPECT_EQ(watch_.Look().function, nullptr);
    EXPECT_TRUE(wait.MayGoOn());
    watch_.EndWait(watch_.Look());
    EXPECT_FALSE(wait.MayGoOn());
  }
  const auto sight = watch_.Look();
  EXPECT_FALSE(sight.waiting);
  EXPECT_EQ(sight.waits, 1U);
  EXPECT_GE(sight.waited, milliseconds{5});
  // Not those to come.
  EXPECT_TRUE(CallWatch::Wait().MayGoOn());
}

TEST_F(CallTest, AMutexIsWaitedForAsLongAsThereIsTime) {
  std::mutex held;
  std::unique_lock lock(held, std::defer_lock);
  EXPECT_TRUE(LockInTime(lock));
  EXPECT_EQ(watch_.Look().waits, 0U);
  std::thread waiting([&] {
    std::unique_lock other(held, std::defer_lock);
    RefusingWatch watch;
    CallWatch::Watch(&watch);
    CallWatch::Sight first;
    first.waits = 1;
    watch.EndWait(first);
    EXPECT_FALSE(LockInTime(other));
    CallWatch::Watch(nullptr);
    // Nobody ends that one.
    EXPECT_TRUE(LockInTime(other));
  });
  std::this_thread::sleep_for(milliseconds{20});
  lock.unlock();
  waiting.join();
}

// A module that answers one call at a time.
class OneAtATime final : public Callee {
 public:
  std::string Name() const override { return "/one.so"; }
  bool EndCalls() override { return false; }
  std::mutex* Turn() override { return &mutex_; }

 private:
  std::mutex mutex_;
};

TEST_F(CallTest, WhoWaitsForATurnIsInItsCall) {
  OneAtATime module;
  Callee::SetOfThisThread(&module);
  CallWatch::Sight sight;
  std::atomic<bool> taken = false;
  std::thread looking([&] {
    const std::lock_guard turn(*module.Turn());
    taken = true;
    while (watch_.Look().function == nullptr) std::this_thread::yield();
    sight = watch_.Look();
  });
  while (!taken) std::this_thread::yield();
  int sum = 0;
  Call("C_Add", &Add, &sum, 1);
  looking.join();
  EXPECT_STREQ(sight.function, "C_Add");
  EXPECT_EQ(sum, 1);
  EXPECT_TRUE(module.Turn()->try_lock());
  module.Turn()->unlock();
}

}  // namespace
}  // namespace sigtoken
