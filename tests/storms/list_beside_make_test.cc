// One process makes keys beside three that list and one that signs.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
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
  std::atomic<bool> done = false;
  std::atomic<int> lists = 0;
  std::vector<std::thread> listers;
  for (int i = 0; i < kListers; ++i) {
    listers.emplace_back([&] {
      while (!done) {
        const auto listed = programs.Sigtoken({"--json", "key", "list"});
        EXPECT_EQ(listed.status, 0) << listed.err;
        ++lists;
      }
    });
  }
  const int made = maker.Wait();
  done = true;
  for (std::thread& lister : listers) lister.join();
  signer.Kill();
  signer.Wait();
  EXPECT_EQ(signer.reports(), std::vector<std::string>{});
  ASSERT_EQ(made, 0) << maker.reports().back();

  std::map<std::string, std::string> reported;
  int slowest = 0;
  for (const std::string& line : maker.reports()) {
    std::istringstream fields(line);
    std::string handle;
    std::string kcv;
    int milliseconds = 0;
    fields >> handle >> kcv >> milliseconds;
    reported[handle] = kcv;
    slowest = std::max(slowest, milliseconds);
  }
  EXPECT_EQ(reported.size(), std::size_t{kKeys});
  EXPECT_LT(slowest, kStarvedMilliseconds);

  const auto listed = programs.Sigtoken({"--json", "key", "list"});
  ASSERT_EQ(listed.status, 0) << listed.err;
  std::size_t whole = 0;
  const auto list = listed.json();
  for (const auto& key : list["keys"]) {
    const auto found = reported.find(std::string(kTokenName) + ":" +
                                     key["sequence"].get<std::string>() + "T");
    if (found == reported.end()) continue;
    EXPECT_EQ(key["kcv"], found->second) << key;
    ++whole;
  }
  EXPECT_EQ(whole, std::size_t{kKeys});
  std::printf("%d keys, %d lists beside them, slowest key %d ms\n", kKeys,
              lists.load(), slowest);
}

}  // namespace
}  // namespace sigtoken::testing
