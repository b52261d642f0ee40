// Processes that are killed at random moments.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
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

class KillStorm : public ::testing::Test {
 protected:
  void SetUp() override {
    Child maker([&](const Reporter& report) {
      return MakeToken(home_.configuration(), report);
    });
    ASSERT_EQ(maker.Wait(), 0);
  }

  // Lets `work` run for a while and kills it.
  template <typename Work>
  std::vector<std::string> KillDuring(const Work& work) {
    Child child([&](const Reporter& report) {
      return work(home_.configuration(), report);
    });
    std::uniform_int_distribution<int> microseconds(0, 60'000);
    std::this_thread::sleep_for(
        std::chrono::microseconds(microseconds(random_)));
    child.Kill();
    child.Wait();
    return child.reports();
  }

  // What a killed process left in SoftHSM2's own file.
  bool TokenFileIsWhole() const {
    for (const auto& folder :
         std::filesystem::directory_iterator(home_.path() / "tokens")) {
      std::ifstream stream(folder.path() / "token.object", std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(stream), {}};
      if (text.size() != 320) return false;
    }
    return true;
  }

  EmbeddedHome home_;
  Programs programs_{home_.path().string()};
  std::mt19937 random_{20251};  // The moments are as random as the machine.
};

TEST_F(KillStorm, NoNumberTwiceNoKeyLostAndTheStoreOpensEachTime) {
  std::map<std::string, std::string> reported;  // Handle to kcv.
  std::set<std::string> deleted;
  int torn = 0;
  for (int i = 0; i < kKills; ++i) {
    SCOPED_TRACE(i);
    // Two of three die while they make and delete keys, the third in C_Login.
    const auto lines =
        i % 3 == 2 ? KillDuring(&LogIn) : KillDuring(&MakeAndDeleteKeys);
    for (const std::string& line : lines) {
      ASSERT_NE(line.substr(0, 5), "error") << line;
      const std::string handle = line.substr(1, line.find(' ') - 1);
      if (line[0] == '-') {
        deleted.insert(handle);
      } else {
        ASSERT_TRUE(
            reported.emplace(handle, line.substr(line.find(' ') + 1)).second)
            << handle << " was given out twice";
      }
    }
    if (!TokenFileIsWhole()) ++torn;

    const auto listed = programs_.Sigtoken({"--json", "key", "list"});
    ASSERT_EQ(listed.status, 0) << listed.err;
    std::map<std::string, std::string> keys;
    const auto list = listed.json();
    for (const auto& key : list["keys"]) {
      // The check value is made by signing: without one it cannot sign.
      ASSERT_TRUE(key["kcv"].is_string()) << key;
      const std::string handle = std::string(kTokenName) + ":" +
                                 key["sequence"].get<std::string>() + "T";
      ASSERT_TRUE(keys.emplace(handle, key["kcv"].get<std::string>()).second);
    }
    for (const auto& [handle, kcv] : reported) {
      if (deleted.count(handle) != 0) continue;
      ASSERT_EQ(keys[handle], kcv) << handle << " was reported and is lost";
    }
  }
  std::printf(
      "%d kills, %zu keys reported, %d times SoftHSM2's token file was "
      "left torn\n",
      kKills, reported.size(), torn);
}

}  // namespace
}  // namespace sigtoken::testing
