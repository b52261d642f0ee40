#include "signer/idt/claims.h"

#include <gtest/gtest.h>

namespace sigtoken {
namespace {

TEST(NumericDateTest, KeepsTheFractionOfAnInstant) {
  EXPECT_EQ(ToNumericDate({1'736'963'652'106'359'000}),
            (NumericDate{1'736'963'652, 106'359'000}));
  EXPECT_EQ(ToNumericDate({0}), (NumericDate{0, 0}));
  EXPECT_EQ(ToNumericDate({-1}), (NumericDate{-1, 999'999'999}));
}

TEST(NumericDateTest, IsOrderedByTime) {
  EXPECT_LT((NumericDate{1, 999'999'999}), (NumericDate{2, 0}));
  EXPECT_LT((NumericDate{2, 0}), (NumericDate{2, 1}));
  EXPECT_EQ((NumericDate{2, 1}), (NumericDate{2, 1}));
}

}  // namespace
}  // namespace sigtoken
