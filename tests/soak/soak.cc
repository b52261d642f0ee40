// Requests without end through a token whose module fails at random: each has a
// right answer or a refusal that is defined, and nothing grows.

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/fault_module.h"
#include "tests/private_soft_hsm2.h"
#include "tests/process_usage.h"
#include "tests/soak/faults.h"
#include "tests/soak/requests.h"

namespace sigtoken::testing {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

struct Options {
  std::uint64_t operations = 1'000'000;
  unsigned threads = 8;
  std::uint64_t seed = 20'261;
  unsigned seconds_a_line = 10;
};

// Two seconds are promised; five times as long on a machine that does much
// else.
constexpr milliseconds kBackWithin{5 * 2000};
// What a caller does who is told that nothing is available.
constexpr milliseconds kPauseAfterRefusal{1};
// Memory that is in use more or less at any moment, and what malloc() keeps.
constexpr std::size_t kResidentKibMore = 8 * 1024;

class Soak {
 public:
  explicit Soak(const Options& options) : options_(options) {
    hsm_.MakeToken("soak");
    Configuration configuration = hsm_.Configure();
    configuration.tokens = {
        hsm_.Bind("IDT.KEYS", "token=soak", FaultModule::path())};
    directory_ = Must(Directory::Open(configuration));
    requests_ = std::make_unique<Requests>(*directory_);
  }

  // Whether all that must hold did.
  bool Run() {
    // What is made once, such as the sessions of all threads, is no leak.
    Work(options_.operations / 20);
    AwaitService();
    const ProcessUsage before = ProcessUsage::Now();
    const long sessions_before = fault_.OpenSessions();
    Work(options_.operations - done_);
    AwaitService();
    const ProcessUsage after = ProcessUsage::Now();
    const long sessions_after = fault_.OpenSessions();
    Say("at the end");
    std::printf(
        "descriptors %zu then and %zu at the end, threads %zu and %zu, RSS %zu "
        "and %zu KiB, open sessions %ld and %ld\n",
        before.descriptors, after.descriptors, before.threads, after.threads,
        before.resident_kib, after.resident_kib, sessions_before,
        sessions_after);
    Expect(after.descriptors == before.descriptors, "descriptors are flat");
    // One for each request at a time that has a deadline.
    Expect(after.threads <= before.threads + options_.threads,
           "threads are flat");
    Expect(after.resident_kib <= before.resident_kib + kResidentKibMore,
           "memory is flat");
    // One that carries the login, and those of the pool.
    Expect(sessions_after <= 1L + options_.threads, "sessions are flat");
    // Else it was refusals that were tried.
    Expect(2 * Count(Answer::kRight) > done_, "most answers are right");
    return good_;
  }

 private:
  void Expect(bool holds, const char* what) {
    if (holds) return;
    good_ = false;
    std::printf("FAILED: %s\n", what);
  }

  std::uint64_t Count(Answer answer) const {
    return answers_.at(static_cast<std::size_t>(answer));
  }

  void Say(const char* when) const {
    const ProcessUsage now = ProcessUsage::Now();
    std::printf(
        "%s, %.0f s: %lu requests: %lu right, %lu not available, %lu not "
        "found, %lu wrong; %lu scripts; %zu descriptors, %zu threads, RSS %zu "
        "KiB\n",
        when, std::chrono::duration<double>(Clock::now() - begin_).count(),
        done_.load(), Count(Answer::kRight), Count(Answer::kNotAvailable),
        Count(Answer::kNotFound), Count(Answer::kWrong), scripts_,
        now.descriptors, now.threads, now.resident_kib);
    static_cast<void>(std::fflush(stdout));
  }

  Answer Ask(std::mt19937_64& random, std::uint64_t number) {
    std::string why;
    const Answer answer =
        requests_->Make(random, "request " + std::to_string(number), why);
    if (answer == Answer::kWrong) {
      const std::lock_guard lock(output_);
      std::printf("WRONG: request %lu: %s\n", number, why.c_str());
      good_ = false;
    }
    return answer;
  }

  // Each thread takes the next of `count` requests, while faults come and go.
  void Work(std::uint64_t count) {
    const std::uint64_t end = done_ + count;
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < options_.threads; ++i) {
      threads.emplace_back([&, seed = options_.seed + end + i] {
        std::mt19937_64 random(seed);
        for (auto mine = next_++; mine < end; mine = next_++) {
          const Answer answer = Ask(random, mine);
          ++answers_.at(static_cast<std::size_t>(answer));
          ++done_;
          if (answer != Answer::kRight) {
            std::this_thread::sleep_for(kPauseAfterRefusal);
          }
        }
      });
    }
    auto said = Clock::now();
    while (done_ < end) {
      fault_.Script(faults_.Next());
      ++scripts_;
      std::this_thread::sleep_for(milliseconds{1 + pauses_() % 30});
      if (Clock::now() < said + std::chrono::seconds(options_.seconds_a_line)) {
        continue;
      }
      said = Clock::now();
      Say("soak");
    }
    threads.clear();
    next_ = end;
    fault_.Script("");
  }

  // Without faults all requests have a right answer again.
  void AwaitService() {
    const auto since = Clock::now();
    std::mt19937_64 random(options_.seed);
    for (int right = 0; right < 100;) {
      right = Ask(random, done_) == Answer::kRight ? right + 1 : 0;
      if (Clock::now() < since + kBackWithin) continue;
      Expect(false, "the service is back");
      return;
    }
  }

  const Options options_;
  const PrivateSoftHsm2 hsm_;
  FaultModule fault_{SIGTOKEN_SOFTHSM2_MODULE, "C_OpenSession C_CloseSession"};
  std::unique_ptr<Directory> directory_;
  std::unique_ptr<Requests> requests_;
  RandomFaults faults_{options_.seed};
  std::mt19937_64 pauses_{options_.seed};
  const Clock::time_point begin_ = Clock::now();
  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<std::uint64_t> done_ = 0;
  std::array<std::atomic<std::uint64_t>, 4> answers_{};
  std::uint64_t scripts_ = 0;
  std::mutex output_;
  std::atomic<bool> good_ = true;
};

}  // namespace
}  // namespace sigtoken::testing

int main(int argc, char** argv) try {
  sigtoken::testing::Options options;
  CLI::App app{"Requests through a token whose module fails at random"};
  app.add_option("--operations", options.operations, "How many requests");
  app.add_option("--threads", options.threads, "How many make them")
      ->check(CLI::Range(1, 256));
  app.add_option("--seed", options.seed, "Of requests and faults");
  app.add_option("--seconds-a-line", options.seconds_a_line,
                 "How often it says how far it is");
  CLI11_PARSE(app, argc, argv);
  std::printf("%lu requests, %u threads, seed %lu\n", options.operations,
              options.threads, options.seed);
  const bool good = sigtoken::testing::Soak(options).Run();
  std::puts(good ? "all of it holds" : "FAILED");
  return good ? 0 : 1;
} catch (const std::exception& error) {
  std::printf("FAILED: %s\n", error.what());
  return 1;
}
