// The edge itself: what a service throws, and where its codes go.

#include "tools/saf/answer.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

#include "tests/tools/saf/calls.h"
#include "tools/c_library/serve.h"

namespace sigtoken::testing {
namespace {

class AnswerTest : public ::testing::Test {
 protected:
  saf::Answer AnswerOf(RacfSurface surface, RacfCode fault) {
    return {"SERVICE",   surface,      fault,
            &codes_.saf, &codes_.racf, &codes_.reason};
  }

  SafCodes codes_;
};

TEST_F(AnswerTest, WhatIsThrownIsTheFaultOfTheService) {
  EXPECT_EQ(
      c_library::Guard(AnswerOf(RacfSurface::kInitAcee, kInitAceeInternal),
                       []() -> std::int32_t { throw std::bad_alloc(); }),
      8);
  EXPECT_EQ(codes_, (SafCodes{8, 8, 8}));
  EXPECT_EQ(c_library::Guard(
                AnswerOf(RacfSurface::kRacroute, kModuleNotAvailable),
                []() -> std::int32_t { throw std::length_error("length"); }),
            8);
  EXPECT_EQ(codes_, (SafCodes{8, 0x6C, 0xA0B}));
}

TEST_F(AnswerTest, CodesThatNobodyWantsAreNotWritten) {
  const saf::Answer answer{"SERVICE", RacfSurface::kInitAcee, {}, nullptr,
                           nullptr,   &codes_.reason};
  EXPECT_EQ(answer.Write({8, 12, 5}), 8);
  EXPECT_EQ(codes_, (SafCodes{-1, -1, 5}));
}

}  // namespace
}  // namespace sigtoken::testing
