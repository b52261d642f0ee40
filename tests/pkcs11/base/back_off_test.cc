// The pauses between tries that do not help.

#include "pkcs11/base/back_off.h"

#include <gtest/gtest.h>

namespace sigtoken {
namespace {

using std::chrono::milliseconds;

TEST(BackOffTest, EachPauseIsLongerThanTheOneBefore) {
  BackOff back_off;
  BackOff::Clock::time_point now{};
  EXPECT_TRUE(back_off.MayTry(now));
  for (const int pause : {50, 100, 200, 400, 800, 1000, 1000}) {
    back_off.Tried(now);
    EXPECT_FALSE(back_off.MayTry(now + milliseconds{pause - 1})) << pause;
    now += milliseconds{pause};
    EXPECT_TRUE(back_off.MayTry(now)) << pause;
  }
}

TEST(BackOffTest, TheyBeginAnewAfterTenPausesWithoutATry) {
  BackOff back_off;
  BackOff::Clock::time_point now{};
  back_off.Tried(now);
  now += milliseconds{50};
  back_off.Tried(now);  // 100 ms
  now += milliseconds{999};
  back_off.Tried(now);
  EXPECT_FALSE(back_off.MayTry(now + milliseconds{199}));
  EXPECT_TRUE(back_off.MayTry(now + milliseconds{200}));
  now += milliseconds{2000};
  back_off.Tried(now);
  EXPECT_FALSE(back_off.MayTry(now + milliseconds{49}));
  EXPECT_TRUE(back_off.MayTry(now + milliseconds{50}));
}

}  // namespace
}  // namespace sigtoken
