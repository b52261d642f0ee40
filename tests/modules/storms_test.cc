// Contract: processes that collide, are killed, or list while others make.

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/modules/contract.h"
#include "tests/storms/work.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

class StormsTest : public ContractTest {
 protected:
  // kcv by the short form of the handle; each must have one, which only a key
  // that signs has.
  std::map<std::string, std::string> CheckValues() const {
    std::map<std::string, std::string> values;
    for (const json& key : Keys()) {
      EXPECT_TRUE(key["kcv"].is_string()) << key;
      values[std::string(kBound) + ":" + key["sequence"].get<std::string>() +
             "T"] = key.value("kcv", "");
    }
    return values;
  }
  // "HANDLE KCV ..."
  static std::pair<std::string, std::string> Parts(const std::string& line) {
    const auto blank = line.find(' ');
    return {line.substr(0, blank), line.substr(blank + 1, 6)};
  }

  // Processes that make keys at the same moment, each by its own configuration.
  void MakeInProcesses(
      const std::function<Configuration(int process)>& configure) {
    constexpr int kProcesses = 4;
    constexpr int kKeysEach = 10;
    std::vector<std::unique_ptr<Child>> children;
    for (int i = 0; i < kProcesses; ++i) {
      children.push_back(
          std::make_unique<Child>([&, i](const Reporter& report) {
            return MakeKeys(configure(i), kKeysEach, report);
          }));
    }
    std::map<std::string, std::string> reported;
    for (const auto& child : children) {
      ASSERT_EQ(child->Wait(), 0) << child->reports().back();
      for (const std::string& line : child->reports()) {
        EXPECT_TRUE(reported.insert(Parts(line)).second) << line;
      }
    }
    EXPECT_EQ(reported.size(), std::size_t{kProcesses} * kKeysEach);
    EXPECT_EQ(CheckValues(), reported);
  }
};

TEST_P(StormsTest, ProcessesNeverGetTheSameNumber) {
  MakeInProcesses([&](int) { return module_->configuration(); });
}

// As people on one machine have it, each with a home of his own.
TEST_P(StormsTest, ProcessesWithSeparateStoresNeverGetTheSameNumber) {
  MakeInProcesses([&](int process) {
    Configuration configuration = module_->configuration();
    configuration.home += std::to_string(process);
    configuration.store_path = configuration.home / "sigtoken.db";
    return configuration;
  });
}

TEST_P(StormsTest, NoKeyOfAKilledProcessIsLostOrHalfMade) {
  constexpr int kKills = 30;
  std::mt19937 random{20251};
  std::uniform_int_distribution<int> microseconds(0, 40'000);
  std::map<std::string, std::string> reported;
  std::set<std::string> deleted;
  for (int i = 0; i < kKills; ++i) {
    SCOPED_TRACE(i);
    Child child([&](const Reporter& report) {
      return MakeAndDeleteKeys(module_->configuration(), report);
    });
    // Killed only after a first key: SoftHSM2 loses its whole token when a
    // process dies inside C_Login, and only sigtoken's own store can put that
    // right.
    child.AwaitReport();
    std::this_thread::sleep_for(
        std::chrono::microseconds(microseconds(random)));
    child.Kill();
    child.Wait();
    for (const std::string& line : child.reports()) {
      ASSERT_NE(line.substr(0, 5), "error") << line;
      const auto [handle, kcv] = Parts(line.substr(1));
      if (line[0] == '-') {
        deleted.insert(handle);
      } else {
        ASSERT_TRUE(reported.emplace(handle, kcv).second)
            << handle << " was given out twice";
      }
    }
  }
  const auto listed = CheckValues();
  for (const auto& [handle, kcv] : reported) {
    if (deleted.count(handle) != 0) continue;
    const auto found = listed.find(handle);
    ASSERT_NE(found, listed.end()) << handle << " was reported and is lost";
    EXPECT_EQ(found->second, kcv);
  }
  EXPECT_GE(listed.size(), std::size_t{kKills});
}

TEST_P(StormsTest, ListsBesideAMakerShowWholeKeys) {
  constexpr int kKeys = 40;
  constexpr int kListers = 2;
  Child maker([&](const Reporter& report) {
    return MakeKeys(module_->configuration(), kKeys, report);
  });
  std::atomic<bool> done = false;
  std::vector<std::thread> listers;
  for (int i = 0; i < kListers; ++i) {
    listers.emplace_back([&] {
      while (!done) CheckValues();
    });
  }
  const int made = maker.Wait();
  done = true;
  for (std::thread& lister : listers) lister.join();
  ASSERT_EQ(made, 0) << maker.reports().back();
  std::map<std::string, std::string> reported;
  for (const std::string& line : maker.reports()) reported.insert(Parts(line));
  EXPECT_EQ(reported.size(), std::size_t{kKeys});
  EXPECT_EQ(CheckValues(), reported);
}

INSTANTIATE_TEST_SUITE_P(Contract, StormsTest, EachModule(), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
