#include "pkcs11/store/host_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <optional>
#include <thread>
#include <vector>

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

// Long enough for a thread that is free to go to have gone.
constexpr auto kLong = 100ms;
// What nothing that works comes near to.
constexpr auto kForEver = 20s;

class HostLockTest : public ::testing::Test {
 protected:
  // Has it `done` while something is held?
  template <typename T>
  static bool Waits(const std::future<T>& done) {
    return done.wait_for(kLong) == std::future_status::timeout;
  }
  template <typename T>
  static bool Ends(const std::future<T>& done) {
    return done.wait_for(kForEver) == std::future_status::ready;
  }

  std::future<bool> ShareInAThread() {
    return std::async(std::launch::async,
                      [this] { return lock_.AcquireShared().has_value(); });
  }
  std::future<bool> ExcludeInAThread() {
    return std::async(std::launch::async,
                      [this] { return lock_.AcquireExclusive().has_value(); });
  }

  testing::TemporaryFolder folder_;
  HostLock lock_{folder_.path(), "module"};
};

TEST_F(HostLockTest, ThreadsShareIt) {
  const auto held = Must(lock_.AcquireShared());
  EXPECT_TRUE(ShareInAThread().get());
}

TEST_F(HostLockTest, WhoChangesKeepsReadersOut) {
  std::optional held = Must(lock_.AcquireExclusive());
  auto reader = ShareInAThread();
  EXPECT_TRUE(Waits(reader));
  held.reset();
  EXPECT_TRUE(Ends(reader));
}

TEST_F(HostLockTest, WhoChangesKeepsOthersWhoChangeOut) {
  std::optional held = Must(lock_.AcquireExclusive());
  auto writer = ExcludeInAThread();
  EXPECT_TRUE(Waits(writer));
  held.reset();
  EXPECT_TRUE(Ends(writer));
}

TEST_F(HostLockTest, WhoLooksKeepsWhoChangesOut) {
  std::optional held = Must(lock_.AcquireShared());
  auto writer = ExcludeInAThread();
  EXPECT_TRUE(Waits(writer));
  held.reset();
  EXPECT_TRUE(Ends(writer));
}

TEST_F(HostLockTest, WhoWaitsToChangeKeepsLaterReadersOut) {
  std::optional held = Must(lock_.AcquireShared());
  auto writer = ExcludeInAThread();
  EXPECT_TRUE(Waits(writer));
  auto reader = ShareInAThread();
  EXPECT_TRUE(Waits(reader));
  held.reset();
  EXPECT_TRUE(Ends(writer));
  EXPECT_TRUE(Ends(reader));
}

TEST_F(HostLockTest, LocksOfOtherNamesAreOthers) {
  const auto held = Must(lock_.AcquireExclusive());
  EXPECT_THAT(HostLock(folder_.path(), "other").AcquireExclusive(), IsOk());
}

// A child that gets in increments a number in a file, read before a pause and
// written after it: without the lock, increments would be lost.
TEST_F(HostLockTest, ProcessesExcludeEachOther) {
  constexpr int kChildren = 4;
  constexpr int kTurns = 10;
  const auto counter = folder_.Write("counter", "0");
  std::vector<pid_t> children;
  children.reserve(kChildren);
  for (int i = 0; i < kChildren; ++i) {
    children.push_back(testing::Fork([&] {
      for (int turn = 0; turn < kTurns; ++turn) {
        const auto held = lock_.AcquireExclusive();
        if (!held) return 1;
        int now = 0;
        std::ifstream(counter) >> now;
        std::this_thread::sleep_for(2ms);
        std::ofstream(counter) << now + 1;
      }
      return 0;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(testing::Wait(child), 0);
  int total = 0;
  std::ifstream(counter) >> total;
  EXPECT_EQ(total, kChildren * kTurns);
}

TEST_F(HostLockTest, AProcessThatDiesGivesItUp) {
  EXPECT_EQ(testing::InChild([&] {
              const auto held = lock_.AcquireExclusive();
              return raise(SIGKILL);
            }),
            128 + SIGKILL);
  auto writer = ExcludeInAThread();
  EXPECT_TRUE(Ends(writer));
}

// The readers overlap all the time, so a plain flock would never let go.
TEST_F(HostLockTest, ReadersDoNotStarveWhoChanges) {
  std::atomic<bool> stop = false;
  constexpr int kReaders = 4;
  std::vector<std::jthread> readers;
  readers.reserve(kReaders);
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const auto held = lock_.AcquireShared();
        std::this_thread::sleep_for(5ms);
      }
    });
  }
  auto writer = std::async(std::launch::async, [this] {
    for (int i = 0; i < 20; ++i) {
      if (!lock_.AcquireExclusive()) return false;
    }
    return true;
  });
  EXPECT_TRUE(Ends(writer));
  stop = true;
  EXPECT_TRUE(writer.get());
}

TEST_F(HostLockTest, WhatIsMovedAwayGivesNothingUp) {
  std::optional<HostLock::Exclusive> to_change;
  {
    auto first = Must(lock_.AcquireExclusive());
    to_change.emplace(std::move(first));
  }
  auto reader = ShareInAThread();
  EXPECT_TRUE(Waits(reader));
  to_change.reset();
  EXPECT_TRUE(Ends(reader));

  std::optional<HostLock::Shared> to_look;
  {
    auto first = Must(lock_.AcquireShared());
    to_look.emplace(std::move(first));
  }
  auto writer = ExcludeInAThread();
  EXPECT_TRUE(Waits(writer));
  to_look.reset();
  EXPECT_TRUE(Ends(writer));
}

bool IsBlocked(int signal) {
  sigset_t now;
  pthread_sigmask(SIG_SETMASK, nullptr, &now);
  return sigismember(&now, signal) == 1;
}

constexpr int kHeld[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGTSTP,
                         SIGTTOU, SIGALRM, SIGUSR1, SIGUSR2};

TEST_F(HostLockTest, WhoChangesHoldsTheSignalsThatWouldEndIt) {
  {
    const auto held = Must(lock_.AcquireExclusive());
    for (const int signal : kHeld) EXPECT_TRUE(IsBlocked(signal)) << signal;
    for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGCHLD}) {
      EXPECT_FALSE(IsBlocked(signal)) << signal;
    }
  }
  for (const int signal : kHeld) EXPECT_FALSE(IsBlocked(signal)) << signal;
}

TEST_F(HostLockTest, AMaskOfTheCallersOwnIsPutBack) {
  sigset_t own;
  sigemptyset(&own);
  sigaddset(&own, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &own, nullptr);
  { const auto held = Must(lock_.AcquireExclusive()); }
  EXPECT_TRUE(IsBlocked(SIGUSR1));
  EXPECT_FALSE(IsBlocked(SIGUSR2));
  pthread_sigmask(SIG_UNBLOCK, &own, nullptr);
}

TEST_F(HostLockTest, WhoLooksHoldsNoSignals) {
  const auto held = Must(lock_.AcquireShared());
  for (const int signal : kHeld) EXPECT_FALSE(IsBlocked(signal)) << signal;
}

TEST_F(HostLockTest, ASignalThatWaitedComesAfterTheLockIsGivenUp) {
  const auto done = folder_.path() / "done";
  EXPECT_EQ(testing::InChild([&] {
              const auto held = lock_.AcquireExclusive();
              if (!held) return 1;
              if (raise(SIGTERM) != 0) return 3;
              std::ofstream(done) << "the write was ended";
              _exit(0);  // Without destructors: the signal waits still.
              return 2;
            }),
            0);
  EXPECT_EQ(testing::InChild([&] {
              {
                const auto held = lock_.AcquireExclusive();
                if (raise(SIGTERM) != 0) return 3;
                std::ofstream(folder_.path() / "again") << "ended";
              }
              return 0;
            }),
            128 + SIGTERM);
  EXPECT_TRUE(std::filesystem::exists(done));
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "again"));
  EXPECT_TRUE(Ends(ExcludeInAThread()));
}

TEST_F(HostLockTest, ItsFilesAreForTheirOwnerAlone) {
  { const auto held = Must(lock_.AcquireExclusive()); }
  for (const char* name : {"module.gate", "module.lock"}) {
    struct stat found {};
    ASSERT_EQ(::stat((folder_.path() / name).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0600U);
  }
}

TEST_F(HostLockTest, WithoutItsFolderItIsNotAvailable) {
  const HostLock lock(folder_.path() / "none", "module");
  for (const auto& message :
       {MessageOf(lock.AcquireShared()), MessageOf(lock.AcquireExclusive())}) {
    EXPECT_EQ(message, "the lock file '" +
                           (folder_.path() / "none/module.gate").string() +
                           "' could not be opened: No such file or directory");
  }
  EXPECT_THAT(lock.AcquireExclusive(), FailsWith(kNotAvailable));
  EXPECT_FALSE(IsBlocked(SIGTERM));
}

TEST_F(HostLockTest, FilesThatAreLinksAreRefused) {
  const auto target = folder_.Write("target", "");
  for (const char* end : {".gate", ".lock"}) {
    const auto link = folder_.path() / (std::string("link") + end);
    std::filesystem::create_symlink(target, link);
    EXPECT_THAT(HostLock(folder_.path(), "link").AcquireShared(),
                FailsWith(kNotAvailable));
    std::filesystem::remove(link);
  }
}

}  // namespace
}  // namespace sigtoken
