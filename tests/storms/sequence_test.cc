// Many processes make keys in one token at the same moment.

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/program.h"
#include "tests/storms/work.h"

namespace sigtoken::testing {
namespace {

constexpr int kProcesses = 16;
constexpr int kKeysEach = 50;

TEST(SequenceStorm, SixteenProcessesNeverGetTheSameNumber) {
  const EmbeddedHome home;
  const auto& configuration = home.configuration();
  Child maker(
      [&](const Reporter& report) { return MakeToken(configuration, report); });
  ASSERT_EQ(maker.Wait(), 0);

  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(std::make_unique<Child>([&](const Reporter& report) {
      return MakeKeys(configuration, kKeysEach, report);
    }));
  }
  std::set<std::string> handles;
  for (const auto& child : children) {
    ASSERT_EQ(child->Wait(), 0) << child->reports().back();
    for (const std::string& line : child->reports()) {
      EXPECT_TRUE(handles.insert(line.substr(0, line.find(' '))).second)
          << line;
    }
  }
  EXPECT_EQ(handles.size(), std::size_t{kProcesses} * kKeysEach);

  // 800 numbers, and no gap in them either.
  const Programs programs(home.path().string());
  const auto shown = programs.Sigtoken({"--json", "token", "show", kTokenName});
  ASSERT_EQ(shown.status, 0) << shown.err;
  const auto token = shown.json()["tokens"][0];
  EXPECT_EQ(token["last_sequence"], "00000320");
  EXPECT_EQ(token["keys"], kProcesses * kKeysEach);
  for (const auto& key : token["objects"]) {
    EXPECT_EQ(handles.count(std::string(kTokenName) + ":" +
                            key["sequence"].get<std::string>() + "T"),
              1U);
  }
}

TEST(SequenceStorm, ProcessesThatMeetAnEmptyHomeMakeOneTokenOfAName) {
  const EmbeddedHome home;
  const auto& configuration = home.configuration();
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(std::make_unique<Child>([&](const Reporter& report) {
      return MakeToken(configuration, report);
    }));
  }
  int made = 0;
  for (const auto& child : children) {
    if (child->Wait() == 0) {
      ++made;
      continue;
    }
    EXPECT_EQ(child->reports(),
              std::vector<std::string>{
                  "error: the token IDTTKN.JWT.SECRET exists already (ICSF "
                  "8/3026, X'BD2'). Choose another name, or use the token that "
                  "is there"});
  }
  EXPECT_EQ(made, 1);
}

}  // namespace
}  // namespace sigtoken::testing
