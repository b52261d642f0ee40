// How long the host lock waits, and for whom.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <future>
#include <optional>
#include <string>

#include "pkcs11/deadline/executor.h"
#include "pkcs11/store/host_lock.h"
#include "tests/embedded_home.h"
#include "tests/forked.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;

// A child that holds something until it is told to end.
class Holder {
 public:
  // `hold` runs in the child, which gives up what it left when it ends.
  explicit Holder(const std::function<bool()>& hold) {
    int held[2];
    if (pipe(held) != 0 || pipe(end_) != 0) std::abort();
    child_ = testing::Fork([&] {
      close(end_[1]);
      char byte = hold() ? 'y' : 'n';
      const bool said = write(held[1], &byte, 1) == 1;
      return said && read(end_[0], &byte, 1) == 0 ? 0 : 1;
    });
    close(held[1]);
    close(end_[0]);
    char byte = 'n';
    EXPECT_EQ(read(held[0], &byte, 1), 1);
    EXPECT_EQ(byte, 'y');
    close(held[0]);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() { End(); }

  pid_t process() const { return child_; }
  void End() {
    if (child_ < 0) return;
    close(end_[1]);
    EXPECT_EQ(testing::Wait(child_), 0);
    child_ = -1;
  }

 private:
  int end_[2]{};
  pid_t child_ = -1;
};

bool HoldsSigterm() {
  sigset_t now;
  pthread_sigmask(SIG_SETMASK, nullptr, &now);
  return sigismember(&now, SIGTERM) == 1;
}

class BoundedWaitTest : public ::testing::Test {
 protected:
  static constexpr auto kWait = 100ms;

  std::string HeldBy(const std::string& file, const Holder& holder) const {
    return "the lock '" + (folder_.path() / file).string() +
           "' was held by process " + std::to_string(holder.process()) +
           " for ";
  }
  // What either way to take it is refused with, after the wait and not long
  // after: that many milliseconds.
  template <typename T>
  void ExpectHeld(const Result<T>& taken, const std::string& message) {
    const auto waited = std::chrono::steady_clock::now() - begun_;
    begun_ = std::chrono::steady_clock::now();
    EXPECT_THAT(taken, FailsWith(kNotAvailable));
    const std::string text = MessageOf(taken);
    ASSERT_THAT(text, ::testing::StartsWith(message));
    ASSERT_THAT(text, ::testing::EndsWith(" ms"));
    const std::chrono::milliseconds said{
        std::stoi(text.substr(message.size()))};
    EXPECT_GE(said, kWait);
    EXPECT_GE(waited, said);
    EXPECT_LT(waited, 5 * kWait);
  }

  testing::TemporaryFolder folder_;
  HostLock lock_{folder_.path(), "module"};
  HostLock quick_{folder_.path(), "module", kWait};
  std::chrono::steady_clock::time_point begun_ =
      std::chrono::steady_clock::now();
};

TEST_F(BoundedWaitTest, WhoWaitsForWhoChangesGivesUpAndNamesHim) {
  std::optional<HostLock::Exclusive> held;
  Holder holder([&] {
    auto taken = lock_.AcquireExclusive();
    if (taken) held.emplace(*std::move(taken));
    return held.has_value();
  });
  begun_ = std::chrono::steady_clock::now();
  ExpectHeld(quick_.AcquireShared(), HeldBy("module.lock", holder));
  ExpectHeld(quick_.AcquireExclusive(), HeldBy("module.lock", holder));
  EXPECT_FALSE(HoldsSigterm());
  holder.End();
  EXPECT_THAT(quick_.AcquireExclusive(), IsOk());
}

TEST_F(BoundedWaitTest, WhoWaitsForWhoLooksGivesUpAndNamesHim) {
  std::optional<HostLock::Shared> held;
  const Holder holder([&] {
    auto taken = lock_.AcquireShared();
    if (taken) held.emplace(*std::move(taken));
    return held.has_value();
  });
  EXPECT_THAT(quick_.AcquireShared(), IsOk());
  begun_ = std::chrono::steady_clock::now();
  ExpectHeld(quick_.AcquireExclusive(), HeldBy("module.lock", holder));
  // The gate was given up with it.
  EXPECT_THAT(quick_.AcquireShared(), IsOk());
}

TEST_F(BoundedWaitTest, WhoWaitsAtTheGateGivesUpAndNamesWhoStandsThere) {
  const Holder holder([&] {
    const int gate = open((folder_.path() / "module.gate").c_str(),
                          O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return gate >= 0 && flock(gate, LOCK_EX) == 0;
  });
  begun_ = std::chrono::steady_clock::now();
  ExpectHeld(quick_.AcquireShared(), HeldBy("module.gate", holder));
  ExpectHeld(quick_.AcquireExclusive(), HeldBy("module.gate", holder));
}

TEST_F(BoundedWaitTest, WhoWaitsAtTheGateNamesWhoHasTheLock) {
  std::optional<HostLock::Exclusive> held;
  Holder holder([&] {
    auto taken = lock_.AcquireExclusive();
    if (taken) held.emplace(*std::move(taken));
    return held.has_value();
  });
  // He stands at the gate, and waits as well.
  const Holder next([&] {
    const int gate = open((folder_.path() / "module.gate").c_str(),
                          O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return gate >= 0 && flock(gate, LOCK_EX) == 0;
  });
  begun_ = std::chrono::steady_clock::now();
  ExpectHeld(quick_.AcquireShared(), HeldBy("module.lock", holder));
}

// In seconds, as the deadline is.
TEST_F(BoundedWaitTest, ARequestGivesUpWithItsDeadlineAndNamesHim) {
  std::optional<HostLock::Exclusive> held;
  Holder holder([&] {
    auto taken = lock_.AcquireExclusive();
    if (taken) held.emplace(*std::move(taken));
    return held.has_value();
  });
  Executor executor({1s, 1});
  const auto waits = [&]() -> Status {
    SIGTOKEN_TRY(lock_.AcquireShared());
    return Ok();
  };
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = executor.Run<std::monostate>(waits);
  const auto waited = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(waited, 1s);
  EXPECT_LT(waited, 5s);
  EXPECT_THAT(refused, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(refused), HeldBy("module.lock", holder) + "1 s");
  EXPECT_EQ(executor.stuck(), 0U);
  // So does who has much to do.
  EXPECT_EQ(
      MessageOf(executor.Run<std::monostate>(waits, DeadlineOf::kEachCall)),
      HeldBy("module.lock", holder) + "1 s");
  holder.End();
  EXPECT_THAT(executor.Run<std::monostate>(waits), IsOk());
}

TEST_F(BoundedWaitTest, WhatIsGivenUpInTimeIsTaken) {
  std::optional held = Must(lock_.AcquireExclusive());
  const HostLock patient(folder_.path(), "module", 50 * kWait);
  auto waiting = std::async(
      std::launch::async, [&] { return patient.AcquireShared().has_value(); });
  EXPECT_EQ(waiting.wait_for(kWait), std::future_status::timeout);
  held.reset();
  EXPECT_TRUE(waiting.get());
}

}  // namespace
}  // namespace sigtoken
