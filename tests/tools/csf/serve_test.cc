// The edge itself: what a service throws, and what becomes of SIGPIPE.

#include "tools/csf/serve.h"

#include <csignal>
#include <functional>
#include <new>
#include <stdexcept>

#include "tests/tools/csf/caller.h"

namespace sigtoken::testing {
namespace {

// This program has its own copy of the edge beside the library's.
class ServeTest : public CsfTest {
 protected:
  Codes Serve(const std::function<Result<IcsfCode>(Icsf&)>& work) {
    Codes codes;
    const std::int32_t value = csf::Serve(
        {"SERVICE", &codes.return_code, &codes.reason_code, &needed_}, work);
    EXPECT_EQ(value, codes.return_code);
    return codes;
  }

  std::int32_t needed_ = -1;
};

TEST_F(ServeTest, WhatIsThrownIsAFaultOfOurs) {
  EXPECT_EQ(Serve([](Icsf&) -> Result<IcsfCode> { throw std::bad_alloc(); }),
            (Codes{16, 0}));
  EXPECT_EQ(Serve([](Icsf&) -> Result<IcsfCode> {
              throw std::length_error("length");
            }),
            (Codes{16, 0}));
}

TEST_F(ServeTest, TheLengthThatIsNeededComesBack) {
  EXPECT_EQ(Serve([](Icsf&) -> Result<IcsfCode> {
              return OutputTooShort("the list", 3, 40);
            }),
            (Codes{8, 3003}));
  EXPECT_EQ(needed_, 40);
}

int handled = 0;

TEST_F(ServeTest, ASigpipeOfTheServiceIsNotTheProgramsOwn) {
  handled = 0;
  struct sigaction mine {};
  mine.sa_handler = [](int) { ++handled; };
  struct sigaction before {};
  ASSERT_EQ(sigaction(SIGPIPE, &mine, &before), 0);
  EXPECT_EQ(Serve([](Icsf&) -> Result<IcsfCode> {
              raise(SIGPIPE);
              return kIcsfDone;
            }),
            (Codes{0, 0}));
  EXPECT_EQ(handled, 0);
  struct sigaction now {};
  ASSERT_EQ(sigaction(SIGPIPE, nullptr, &now), 0);
  EXPECT_EQ(now.sa_handler, mine.sa_handler);
  raise(SIGPIPE);
  EXPECT_EQ(handled, 1);
  sigaction(SIGPIPE, &before, nullptr);
}

TEST_F(ServeTest, ASigpipeThatWasWaitingStillWaits) {
  sigset_t sigpipe, before, pending;
  sigemptyset(&sigpipe);
  sigaddset(&sigpipe, SIGPIPE);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &sigpipe, &before), 0);
  raise(SIGPIPE);
  EXPECT_EQ(Serve([](Icsf&) -> Result<IcsfCode> {
              raise(SIGPIPE);
              return kIcsfDone;
            }),
            (Codes{0, 0}));
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 1);
  int number = 0;
  sigwait(&sigpipe, &number);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace sigtoken::testing
