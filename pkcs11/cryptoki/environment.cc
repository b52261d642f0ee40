#include "pkcs11/cryptoki/environment.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <thread>
#include <utility>

#include "pkcs11/base/forks.h"

namespace sigtoken {
namespace {

// Ours: half of the deadline that a request has by default.
constexpr std::chrono::milliseconds kLongestWait{2500};
constexpr std::chrono::milliseconds kLook{1};

// How many read the environment, or that one changes it, in the lower half;
// above it the fork generation, for what fork() copied comes to no end.
std::atomic<std::uint64_t> users{0};

constexpr std::uint64_t kChanging = std::numeric_limits<std::uint32_t>::max();

std::uint64_t Generation() { return std::uint64_t{ForkGeneration()} << 32U; }

// How many of this process there are.
std::uint64_t Count(std::uint64_t value) {
  return value >> 32U == ForkGeneration() ? value & kChanging : 0;
}

bool TryBegin(EnvironmentUse::Kind kind) {
  std::uint64_t now = users.load();
  while (true) {
    const std::uint64_t count = Count(now);
    const bool change = kind == EnvironmentUse::Kind::kChange;
    if (change ? count != 0 : count == kChanging) return false;
    const std::uint64_t next = Generation() | (change ? kChanging : count + 1);
    if (users.compare_exchange_weak(now, next)) return true;
  }
}

}  // namespace

EnvironmentVariable::EnvironmentVariable(const char* name,
                                         const std::string& value)
    : name_(name) {
  if (const char* before = std::getenv(name)) before_ = before;
  setenv(name, value.c_str(), 1);
}

EnvironmentVariable::~EnvironmentVariable() {
  if (before_) {
    setenv(name_, before_->c_str(), 1);
  } else {
    unsetenv(name_);
  }
}

Result<EnvironmentUse> EnvironmentUse::Begin(Kind kind) {
  const auto end = std::chrono::steady_clock::now() + kLongestWait;
  while (!TryBegin(kind)) {
    if (std::chrono::steady_clock::now() > end) {
      return Unavailable(
          "another PKCS#11 module of this process is being initialised, and "
          "does not come back",
          "see whether its device and daemon still answer; then start this "
          "program again");
    }
    std::this_thread::sleep_for(kLook);
  }
  return EnvironmentUse(kind);
}

EnvironmentUse::EnvironmentUse(Kind kind)
    : kind_(kind), fork_generation_(ForkGeneration()) {}

EnvironmentUse::EnvironmentUse(EnvironmentUse&& other) noexcept
    : kind_(std::exchange(other.kind_, std::nullopt)),
      fork_generation_(other.fork_generation_) {}

EnvironmentUse::~EnvironmentUse() {
  // After a fork() it is the parent's.
  if (!kind_ || fork_generation_ != ForkGeneration()) return;
  std::uint64_t now = users.load();
  while (true) {
    const std::uint64_t count = Count(now);
    const std::uint64_t next =
        Generation() | (*kind_ == Kind::kChange ? 0 : count - 1);
    if (users.compare_exchange_weak(now, next)) return;
  }
}

}  // namespace sigtoken
