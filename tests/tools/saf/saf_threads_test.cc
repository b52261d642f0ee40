// Eight threads that generate and validate at once, and fork() beside them.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/forked.h"
#include "tests/tools/saf/calls.h"

namespace sigtoken::testing {
namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 25;
constexpr SafCodes kDone{0, 0, 0};

class SafThreadsTest : public SafTest {
 protected:
  // A token by each service, each of them taken; 0, or where it went wrong.
  static int OneRound() {
    RacrouteCall call;
    if (call.Call() != kDone) return 1;
    call.keywords.PASSWRD = nullptr;
    if (call.Call() != kDone) return 2;
    InitAceeCall acee;
    acee.acee = call.acee;
    if (acee.Call() != kDone) return 3;
    RacrouteCall validation;
    validation.idta.Give(acee.idta.token());
    return validation.Call() == kDone ? 0 : 4;
  }
};

TEST_F(SafThreadsTest, EveryThreadGetsItsOwnTokens) {
  std::atomic<int> bad = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) bad += OneRound() != 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(bad, 0);
}

TEST_F(SafThreadsTest, ChildrenOfForkWorkWhileThreadsDo) {
  std::atomic<bool> done = false;
  std::atomic<int> bad = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!done) bad += OneRound() != 0;
    });
  }
  for (int i = 0; i < 5; ++i) EXPECT_EQ(InChild(OneRound), 0);
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(bad, 0);
}

}  // namespace
}  // namespace sigtoken::testing
