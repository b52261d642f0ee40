// Who may read the environment for a module, and who may change it.

#include "pkcs11/cryptoki/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

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
TEST(EnvironmentUseTest, IsNotWaitedForForGood) {
  const auto stuck = Must(EnvironmentUse::Begin(Kind::kRead));
  const auto begin = Clock::now();
  const auto refused = EnvironmentUse::Begin(Kind::kChange);
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds{5 * 3});
  EXPECT_THAT(refused, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(refused),
            "another PKCS#11 module of this process is being initialised, and "
            "does not come back");
  // Other modules can be initialised meanwhile.
  EXPECT_THAT(EnvironmentUse::Begin(Kind::kRead), IsOk());
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
              if (other) return 2;
              return Clock::now() - begin > std::chrono::seconds{1} ? 42 : 3;
            }),
            42);
  use.reset();
  EXPECT_THAT(EnvironmentUse::Begin(Kind::kChange), IsOk());
}

}  // namespace
}  // namespace sigtoken
