// One process makes keys beside three that list and one that signs.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/program.h"
#include "tests/storms/work.h"

namespace sigtoken::testing {
namespace {

constexpr int kKeys = 500;
constexpr int kListers = 3;
// With one plain flock the maker got nothing in this time, beside two listers.
constexpr int kStarvedMilliseconds = 10'000;

using CheckValues = std::map<std::string, std::string>;  // By short handle.

// What the maker has said, for threads that hold a list against it.
class Reported {
 public:
  void Add(const std::string& handle, const std::string& kcv) {
    const std::lock_guard lock(mutex_);
    keys_[handle] = kcv;
  }
  CheckValues keys() const {
    const std::lock_guard lock(mutex_);
    return keys_;
  }

 private:
  mutable std::mutex mutex_;
  CheckValues keys_;
};

// A list has all keys that were reported before it began, each of them whole,
// and complains of none.
void ExpectWholeList(const Programs& programs, const Reported& reported) {
  const CheckValues before = reported.keys();
  const auto listed = programs.Sigtoken({"--json", "key", "list"});
  EXPECT_EQ(listed.status, 0);
  EXPECT_EQ(listed.err, "");
  CheckValues keys;
  const auto list = listed.json();
  for (const auto& key : list["keys"]) {
    ASSERT_TRUE(key["kcv"].is_string()) << key;
    keys[std::string(kTokenName) + ":" + key["sequence"].get<std::string>() +
         "T"] = key["kcv"];
  }
  for (const auto& [handle, kcv] : before) {
    EXPECT_EQ(keys[handle], kcv) << handle;
  }
}

TEST(ListBesideMake, FiveHundredKeysAreWholeAndTheMakerIsNotStarved) {
  const EmbeddedHome home;
  const auto& configuration = home.configuration();
  Child first([&](const Reporter& report) {
    const int made = MakeToken(configuration, report);
    return made != 0 ? made : MakeKeys(configuration, 1, report);
  });
  ASSERT_EQ(first.Wait(), 0);

  Child signer([&](const Reporter& report) {
    return SignForever(configuration, report);
  });
  Child maker([&](const Reporter& report) {
    return MakeKeys(configuration, kKeys, report);
  });
  const Programs programs(home.path().string());
  Reported reported;
  std::atomic<bool> done = false;
  std::atomic<int> lists = 0;
  std::vector<std::thread> listers;
  for (int i = 0; i < kListers; ++i) {
    listers.emplace_back([&] {
      while (!done) {
        ExpectWholeList(programs, reported);
        ++lists;
      }
    });
  }
  std::size_t read = 0;
  int slowest = 0;
  for (bool more = true; more;) {
    more = maker.AwaitMore();
    for (; read < maker.reports().size(); ++read) {
      std::istringstream fields(maker.reports()[read]);
      std::string handle;
      std::string kcv;
      int milliseconds = 0;
      fields >> handle >> kcv >> milliseconds;
      reported.Add(handle, kcv);
      slowest = std::max(slowest, milliseconds);
    }
  }
  const int made = maker.Wait();
  done = true;
  for (std::thread& lister : listers) lister.join();
  signer.Kill();
  signer.Wait();
  EXPECT_EQ(signer.reports(), std::vector<std::string>{});
  ASSERT_EQ(made, 0) << maker.reports().back();

  EXPECT_EQ(reported.keys().size(), std::size_t{kKeys});
  EXPECT_LT(slowest, kStarvedMilliseconds);
  ExpectWholeList(programs, reported);
  std::printf("%d keys, %d lists beside them, slowest key %d ms\n", kKeys,
              lists.load(), slowest);
}

}  // namespace
}  // namespace sigtoken::testing
