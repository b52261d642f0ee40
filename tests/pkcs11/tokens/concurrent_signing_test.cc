// Who signs waits for nobody: not for who changes the token, nor for others
// that sign.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::ImportKey;
using testing::IsOk;
using testing::Must;

using Clock = std::chrono::steady_clock;

class ConcurrentSigningTest : public testing::FaultyTokenTest {
 protected:
  void SetUp() override {
    ImportKey(token(), {1, 'T'}, std::vector<std::uint8_t>(64, 0xA5));
  }
};

TEST_F(ConcurrentSigningTest, AKeyThatWasFoundSignsWhileTheTokenIsChanged) {
  const Key key = FindKey(1);
  ASSERT_THAT(key.Sign(Hs256(), {}), IsOk());  // A session is in the pool.
  auto held = std::make_optional(Must(token().Change()));
  auto signing = std::async(std::launch::async,
                            [&] { return key.Sign(Hs256(), Bytes("data")); });
  EXPECT_EQ(signing.wait_for(std::chrono::seconds{1}),
            std::future_status::ready);
  held.reset();  // Or it would wait for ever.
  EXPECT_THAT(signing.get(), IsOk());
}

// What it takes by its own, whatever locks the module has: 80 signs one behind
// the other are 1600 ms.
TEST_F(ConcurrentSigningTest, ThreadsThatSignDoNotWaitForEachOther) {
  constexpr int kThreads = 8;
  constexpr int kSigns = 10;
  const Key key = FindKey(1);
  fault_.Script(
      "C_Sign * delay 20\n"
      "C_SignInit * answer-mac\n"
      "C_Sign * answer-mac");
  std::atomic<int> failed = 0;
  const auto begin = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int sign = 0; sign < kSigns; ++sign) {
          if (!key.Sign(Hs256(), {})) ++failed;
        }
      });
    }
  }
  EXPECT_LT(Clock::now() - begin, std::chrono::milliseconds{800});
  EXPECT_EQ(failed, 0);
}

}  // namespace
}  // namespace sigtoken
