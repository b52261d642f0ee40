// Who may read the environment for a module, and who may change it.

#include "pkcs11/cryptoki/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "pkcs11/deadline/executor.h"
#include "tests/embedded_home.h"
#include "tests/forked.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using Kind = EnvironmentUse::Kind;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;

using Clock = std::chrono::steady_clock;

constexpr const char* kName = "SIGTOKEN_TEST_VARIABLE";

std::vector<char*> VariablesNow() {
  std::vector<char*> all;
  for (char** each = environ; *each != nullptr; ++each) all.push_back(*each);
  return all;
}

TEST(EnvironmentVariableTest, IsPutBack) {
  unsetenv(kName);
  {
    const EnvironmentVariable outer(kName, "outer");
    EXPECT_STREQ(std::getenv(kName), "outer");
    {
      const EnvironmentVariable inner(kName, "inner");
      EXPECT_STREQ(std::getenv(kName), "inner");
    }
    EXPECT_STREQ(std::getenv(kName), "outer");
  }
  EXPECT_EQ(std::getenv(kName), nullptr);
}

TEST(EnvironmentVariableTest, WhatOthersSetMeanwhileStays) {
  unsetenv(kName);
  constexpr const char* kOther = "SIGTOKEN_TEST_OTHER";
  constexpr const char* kNew = "SIGTOKEN_TEST_NEW";
  setenv(kOther, "before", 1);
  {
    const EnvironmentVariable variable(kName, "set");
    setenv(kOther, "behind", 1);
  }
  EXPECT_EQ(std::getenv(kName), nullptr);
  EXPECT_STREQ(std::getenv(kOther), "behind");
  {
    const EnvironmentVariable variable(kName, "set");
    EXPECT_STREQ(std::getenv(kName), "set");
    setenv(kNew, "new", 1);
  }
  EXPECT_EQ(std::getenv(kName), nullptr);
  EXPECT_STREQ(std::getenv(kNew), "new");
  unsetenv(kNew);
  unsetenv(kOther);
}

// A module that comes and goes costs no memory.
TEST(EnvironmentVariableTest, TheSameOneTakesTheSamePlace) {
  unsetenv(kName);
  std::set<char**> arrays;
  for (int i = 0; i < 10; ++i) {
    const EnvironmentVariable variable(kName, "set");
    arrays.insert(environ);
  }
  EXPECT_EQ(arrays.size(), 1U);
}

TEST(EnvironmentUseTest, ManyMayReadAtATime) {
  const auto one = Must(EnvironmentUse::Begin(Kind::kRead));
  EXPECT_THAT(EnvironmentUse::Begin(Kind::kRead), IsOk());
}

TEST(EnvironmentUseTest, WhoChangesItIsAlone) {
  std::atomic<int> readers = 0;
  std::atomic<int> changers = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 20; ++k) {
        if (i % 4 == 0) {
          const auto use = Must(EnvironmentUse::Begin(Kind::kChange));
          EXPECT_EQ(++changers, 1);
          EXPECT_EQ(readers, 0);
          --changers;
        } else {
          const auto use = Must(EnvironmentUse::Begin(Kind::kRead));
          ++readers;
          EXPECT_EQ(changers, 0);
          --readers;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

// A module whose C_Initialize hangs may be reading it for good.
TEST(EnvironmentUseTest, WhoHangsIsNotWaitedForForGood) {
  unsetenv(kName);
  std::optional stuck = Must(EnvironmentUse::Begin(Kind::kRead));
  char** const read_by_it = environ;
  const std::vector<char*> before = VariablesNow();
  const auto begin = Clock::now();
  {
    auto change = Must(EnvironmentUse::Begin(Kind::kChange));
    EXPECT_GE(Clock::now() - begin, EnvironmentUse::kLongestUse);
    EXPECT_LT(Clock::now() - begin, 5 * EnvironmentUse::kLongestUse);
    change.Set(kName, "set");
    EXPECT_STREQ(std::getenv(kName), "set");
    // What it may stand in is as it was.
    EXPECT_NE(environ, read_by_it);
    EXPECT_TRUE(std::equal(before.begin(), before.end(), read_by_it));
    // It has no say any more.
    stuck.reset();
    EXPECT_STREQ(std::getenv(kName), "set");
  }
  EXPECT_EQ(std::getenv(kName), nullptr);
}

// Once is enough, however many come.
TEST(EnvironmentUseTest, OneThatHangsIsWaitedForOnce) {
  const auto stuck = Must(EnvironmentUse::Begin(Kind::kRead));
  EXPECT_THAT(EnvironmentUse::Begin(Kind::kChange), IsOk());
  const auto begin = Clock::now();
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(EnvironmentUse::Begin(Kind::kChange), IsOk());
    EXPECT_THAT(EnvironmentUse::Begin(Kind::kRead), IsOk());
  }
  EXPECT_LT(Clock::now() - begin, EnvironmentUse::kLongestUse);
}

TEST(EnvironmentUseTest, WhatOneThatHangsHasSetIsPutBack) {
  unsetenv(kName);
  std::optional stuck = Must(EnvironmentUse::Begin(Kind::kChange));
  stuck->Set(kName, "stuck");
  EXPECT_STREQ(std::getenv(kName), "stuck");
  {
    const auto read = Must(EnvironmentUse::Begin(Kind::kRead));
    EXPECT_EQ(std::getenv(kName), nullptr);
    // It comes back: what others read stays as it is.
    stuck->Set(kName, "late");
    stuck.reset();
    EXPECT_EQ(std::getenv(kName), nullptr);
    EXPECT_THAT(EnvironmentUse::Begin(Kind::kRead), IsOk());
  }
}

TEST(EnvironmentUseTest, WithADeadlineItIsWaitedForNoLonger) {
  const auto stuck = Must(EnvironmentUse::Begin(Kind::kRead));
  Executor executor({std::chrono::milliseconds{100}, 1});
  const auto refused = executor.Run<std::monostate>([]() -> Status {
    SIGTOKEN_TRY(EnvironmentUse::Begin(Kind::kChange));
    return Ok();
  });
  EXPECT_THAT(refused, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(refused),
            "another PKCS#11 module of this process is being initialised, and "
            "does not come back");
}

TEST(EnvironmentUseTest, OfAParentIsNotAForkedChilds) {
  auto use = std::make_optional(Must(EnvironmentUse::Begin(Kind::kRead)));
  EXPECT_EQ(testing::InChild([&] {
              auto own = EnvironmentUse::Begin(Kind::kChange);
              if (!own) return 1;
              // It does not end that of the child.
              use.reset();
              const auto begin = Clock::now();
              const auto other = EnvironmentUse::Begin(Kind::kRead);
              return Clock::now() - begin >= EnvironmentUse::kLongestUse ? 42
                                                                         : 2;
            }),
            42);
  use.reset();
  EXPECT_THAT(EnvironmentUse::Begin(Kind::kChange), IsOk());
}

}  // namespace
}  // namespace sigtoken
