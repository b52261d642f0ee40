// The edge itself: what a service throws, and what becomes of SIGPIPE.

#include "tools/csf/serve.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <new>
#include <stdexcept>

#include "pkcs11/base/icsf_code.h"
#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken::testing {
namespace {

// This program has its own copy of the edge beside the library's.
class ServeTest : public ::testing::Test {
 protected:
  ServeTest() { setenv("SIGTOKEN_HOME", (folder_.path() / "home").c_str(), 1); }

  IcsfCode Serve(const std::function<Result<IcsfCode>(Icsf&)>& work) {
    std::int32_t return_code = -1;
    std::int32_t reason_code = -1;
    const std::int32_t value =
        csf::Serve({"SERVICE", &return_code, &reason_code, &needed_}, work);
    EXPECT_EQ(value, return_code);
    return {return_code, reason_code};
  }

  const TemporaryFolder folder_;
  std::int32_t needed_ = -1;
};

TEST_F(ServeTest, WhatIsThrownIsAFaultOfOurs) {
  EXPECT_EQ(Serve([](Icsf&) -> Result<IcsfCode> { throw std::bad_alloc(); }),
            (IcsfCode{16, 0}));
  EXPECT_EQ(Serve([](Icsf&) -> Result<IcsfCode> {
              throw std::length_error("length");
            }),
            (IcsfCode{16, 0}));
}

TEST_F(ServeTest, TheLengthThatIsNeededComesBack) {
  EXPECT_EQ(Serve([](Icsf&) -> Result<IcsfCode> {
              return OutputTooShort("the list", 3, 40);
            }),
            (IcsfCode{8, 3003}));
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
            (IcsfCode{0, 0}));
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
            (IcsfCode{0, 0}));
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 1);
  int number = 0;
  sigwait(&sigpipe, &number);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace sigtoken::testing
