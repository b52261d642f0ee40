// Processes that are killed at random moments.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/program.h"
#include "tests/storms/work.h"

namespace sigtoken::testing {
namespace {

constexpr int kKills = 300;

// What was said of keys before each kill.
struct Reports {
  std::map<std::string, std::string> made;  // Handle to kcv.
  std::set<std::string> deleted;

  void Made(const std::string& handle, const std::string& kcv) {
    EXPECT_TRUE(made.emplace(handle, kcv).second)
        << handle << " was given out twice";
  }
};

std::string HandleOf(const nlohmann::json& key) {
  return std::string(kTokenName) + ":" + key["sequence"].get<std::string>() +
         "T";
}

class KillStorm : public ::testing::Test {
 protected:
  void SetUp() override {
    Child maker([&](const Reporter& report) {
      return MakeToken(home_.configuration(), report);
    });
    ASSERT_EQ(maker.Wait(), 0);
    const auto start = std::chrono::steady_clock::now();
    ASSERT_EQ(
        programs_.Sigtoken({"key", "generate", "--token", kTokenName}).status,
        0);
    one_key_ = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - start);
  }

  // As often before a key is made as after it, however slow the machine is.
  std::chrono::microseconds ATime() {
    std::uniform_int_distribution<std::int64_t> microseconds(
        0, 2 * one_key_.count());
    return std::chrono::microseconds(microseconds(random_));
  }

  // Lets `work` run for a while and kills it.
  template <typename Work>
  void KillDuring(const Work& work, Reports& reports) {
    Child child([&](const Reporter& report) {
      return work(home_.configuration(), report);
    });
    std::this_thread::sleep_for(ATime());
    child.Kill();
    child.Wait();
    for (const std::string& line : child.reports()) {
      ASSERT_NE(line.substr(0, 5), "error") << line;
      const std::string handle = line.substr(1, line.find(' ') - 1);
      if (line[0] == '-') {
        reports.deleted.insert(handle);
      } else {
        reports.Made(handle, line.substr(line.find(' ') + 1));
      }
    }
  }

  // The same with the program that people run. True if it was killed before it
  // had ended.
  bool KillProgram(Reports& reports) {
    const std::string seconds =
        std::to_string(std::chrono::duration<double>(ATime()).count());
    const Outcome outcome =
        programs_.Run("/usr/bin/timeout",
                      {"--signal=KILL", seconds, SIGTOKEN_BINARY, "--json",
                       "key", "generate", "--token", kTokenName});
    EXPECT_EQ(outcome.err, "");
    // Written in one piece, so there or not; and once there, the key stays.
    if (!outcome.out.empty()) {
      const auto key = outcome.json();
      reports.Made(HandleOf(key), key["kcv"]);
    }
    if (outcome.status == 0) return false;
    EXPECT_EQ(outcome.status, 128 + SIGKILL);
    return true;
  }

  // Every key that was reported is there, as it was, and can sign.
  void ExpectNothingLost(const Reports& reports) const {
    const auto listed = programs_.Sigtoken({"--json", "key", "list"});
    ASSERT_EQ(listed.status, 0) << listed.err;
    std::map<std::string, std::string> keys;
    const auto list = listed.json();
    for (const auto& key : list["keys"]) {
      // The check value is made by signing: without one it cannot sign.
      ASSERT_TRUE(key["kcv"].is_string()) << key;
      ASSERT_TRUE(keys.emplace(HandleOf(key), key["kcv"]).second) << key;
    }
    for (const auto& [handle, kcv] : reports.made) {
      if (reports.deleted.count(handle) != 0) continue;
      ASSERT_EQ(keys[handle], kcv) << handle << " was reported and is lost";
    }
  }

  // What a killed process left in SoftHSM2's own file.
  bool TokenFileIsWhole() const {
    for (const auto& folder :
         std::filesystem::directory_iterator(home_.path() / "tokens")) {
      if (std::filesystem::file_size(folder.path() / "token.object") != 320) {
        return false;
      }
    }
    return true;
  }

  EmbeddedHome home_;
  Programs programs_{home_.path().string()};
  std::chrono::microseconds one_key_{};  // How long it takes to make one.
  std::mt19937 random_{20251};  // The moments are as random as the machine.
};

TEST_F(KillStorm, NoNumberTwiceNoKeyLostAndTheStoreOpensEachTime) {
  Reports reports;
  int torn = 0;
  int programs_killed = 0;
  for (int i = 0; i < kKills; ++i) {
    SCOPED_TRACE(i);
    switch (i % 3) {
      case 0:
        KillDuring(&MakeAndDeleteKeys, reports);
        break;
      case 1:
        if (KillProgram(reports)) ++programs_killed;
        break;
      default:
        KillDuring(&LogIn, reports);
    }
    if (!TokenFileIsWhole()) ++torn;
    ExpectNothingLost(reports);
    if (HasFailure()) return;
  }
  EXPECT_GT(programs_killed, 0);
  EXPECT_GT(reports.deleted.size(), 0U);
  EXPECT_GT(reports.made.size(), reports.deleted.size());
  std::printf(
      "%d kills, %d of them of the program, %zu keys reported, %d times "
      "SoftHSM2's token file was left torn\n",
      kKills, programs_killed, reports.made.size(), torn);
}

TEST_F(KillStorm, AProcessThatDiesInsideCLoginLosesNothing) {
  Reports reports;
  Child maker([&](const Reporter& report) {
    return MakeKeys(home_.configuration(), 3, report);
  });
  ASSERT_EQ(maker.Wait(), 0);
  for (const std::string& line : maker.reports()) {
    const auto blank = line.find(' ');
    reports.Made(line.substr(0, blank), line.substr(blank + 1, 6));
  }
  ASSERT_EQ(reports.made.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    SCOPED_TRACE(i);
    ASSERT_TRUE(TokenFileIsWhole());
    Child child([&](const Reporter& report) {
      return DieInLogIn(home_.configuration(), report);
    });
    EXPECT_EQ(child.Wait(), 128 + SIGXFSZ);
    EXPECT_FALSE(TokenFileIsWhole());
    ExpectNothingLost(reports);
    ASSERT_EQ(programs_
                  .Sigtoken({"sign", "--key", reports.made.begin()->first,
                             "--alg", "HS256"})
                  .status,
              0);
  }
}

}  // namespace
}  // namespace sigtoken::testing
