#include "tools/c_library/messages.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>

namespace sigtoken::c_library {
namespace {

// One write, lest the lines of threads mix.
void Write(std::string_view service, std::string_view text) {
  const std::string line =
      std::string(service) + ": " + std::string(text) + '\n';
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), stderr));
}

}  // namespace

bool MessagesAreWanted() {
  // Nothing that is made at the first call: a child of a fork() meanwhile would
  // wait for the end of that.
  static std::atomic<int> known{-1};
  int wanted = known.load();
  if (wanted < 0) {
    const char* value = std::getenv(kMessagesVariable);
    wanted = value != nullptr && std::strcmp(value, "1") == 0 ? 1 : 0;
    int nobody = -1;
    if (!known.compare_exchange_strong(nobody, wanted)) wanted = nobody;
  }
  return wanted == 1;
}

void WriteMessage(std::string_view service, std::string_view text) {
  if (MessagesAreWanted()) Write(service, text);
}

void WriteWarning(std::string_view service, std::string_view text) {
  using Clock = std::chrono::steady_clock;
  constexpr Clock::duration kPause = std::chrono::minutes(1);
  static std::mutex mutex;
  static std::optional<Clock::time_point> last;
  const std::lock_guard lock(mutex);
  const auto now = Clock::now();
  if (!MessagesAreWanted() && last && now - *last < kPause) return;
  last = now;
  Write(service, text);
}

void WriteFaultMessage(const char* service, const char* what,
                       const char* codes) {
  if (!MessagesAreWanted()) return;
  static_cast<void>(
      std::fprintf(stderr, "%s: %s (%s)\n", service, what, codes));
}

}  // namespace sigtoken::c_library
