#include "pkcs11/capabilities/in_threads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "pkcs11/cryptoki/call.h"
#include "pkcs11/deadline/executor.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using std::chrono::milliseconds;

TEST(InThreadsTest, EachNumberGetsAThreadOfItsOwn) {
  std::vector<std::thread::id> ids(8);
  EXPECT_THAT(RunInThreads(ids.size(),
                           [&](std::size_t i) {
                             ids.at(i) = std::this_thread::get_id();
                           }),
              testing::IsOk());
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
  EXPECT_EQ(std::count(ids.begin(), ids.end(), std::thread::id()), 0);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), std::this_thread::get_id()), 0);
}

TEST(InThreadsTest, NoThreadsAreNoWork) {
  EXPECT_THAT(RunInThreads(0, [](std::size_t) { FAIL(); }), testing::IsOk());
}

std::shared_future<void>& Door() {
  static auto* const door = new std::shared_future<void>;
  return *door;
}

CK_RV HangAtTheDoor(void* /*reserved*/) {
  Door().wait();
  return CKR_OK;
}
CK_RV Pause(void* /*reserved*/) {
  std::this_thread::sleep_for(milliseconds{2});
  return CKR_OK;
}

// The thread that is watched only waits for the others.
TEST(InThreadsTest, ACallThatDoesNotComeBackIsNoticed) {
  std::promise<void> door;
  Door() = door.get_future().share();
  Executor executor({.deadline = milliseconds{100}});
  const auto begin = std::chrono::steady_clock::now();
  const auto done = executor.Run<std::monostate>(
      []() -> Status {
        return RunInThreads(4, [](std::size_t i) {
          if (i == 2) {
            Call("C_Hangs", HangAtTheDoor, nullptr);
            return;
          }
          for (int calls = 0; calls < 5; ++calls) {
            Call("C_Goes", Pause, nullptr);
          }
        });
      },
      DeadlineOf::kEachCall);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds{5000});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message,
            "the PKCS#11 module has not come back from C_Hangs for 100 ms");
  EXPECT_EQ(executor.stuck(), 1U);
  door.set_value();
  while (executor.stuck() > 0) std::this_thread::sleep_for(milliseconds{1});
}

// However many calls there are, none of them is a long one.
TEST(InThreadsTest, ManyShortCallsAreNone) {
  Executor executor({.deadline = milliseconds{100}});
  std::atomic<int> calls = 0;
  const auto work = [&calls]() -> Status {
    return RunInThreads(4, [&calls](std::size_t) {
      const auto end = std::chrono::steady_clock::now() + milliseconds{400};
      while (std::chrono::steady_clock::now() < end) {
        Call("C_Goes", Pause, nullptr);
        ++calls;
      }
    });
  };
  EXPECT_THAT(executor.Run<std::monostate>(work, DeadlineOf::kEachCall),
              testing::IsOk());
  EXPECT_GT(calls, 4);
}

}  // namespace
}  // namespace sigtoken
