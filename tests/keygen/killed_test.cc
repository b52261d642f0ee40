// Processes that are killed at a chosen call: tests/storms/kill_test.cc kills
// them at random ones.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "keygen/generate.h"
#include "keygen/remove.h"
#include "pkcs11/tokens/handle_reuse.h"
#include "tests/faulty_token.h"
#include "tests/forked.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CountObjects;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::Must;
using testing::Name;

using Numbers = std::vector<std::uint32_t>;

struct Row {
  std::string rule;
  Numbers keys;        // What is there afterwards,
  std::uint32_t next;  // and the number of the next key.
};

class KilledTest : public testing::FaultyTokenTest,
                   public ::testing::WithParamInterface<Row> {
 protected:
  // As in the programs, which look at a login whether handles are reused.
  KilledTest() { SetModulesMayBeShared(false); }
  ~KilledTest() override { SetModulesMayBeShared(true); }

  // Makes two keys and deletes the first, in a process that does not live to
  // see it. The test itself has not opened the module yet: a child would
  // inherit it.
  void DieMakingAndDeleting() {
    fault_.Script(GetParam().rule);
    EXPECT_EQ(testing::InChild([&] {
                const auto directory = Directory::Open(configuration_);
                if (!directory) return 1;
                const auto found = (*directory)->FindToken(Name(kName));
                if (!found) return 2;
                for (int i = 0; i < 2; ++i) {
                  if (!GenerateKey(**found, {})) return 3;
                }
                return DeleteKey(**found, {1, 'T'}, false) ? 0 : 4;
              }),
              128 + SIGKILL);
    fault_.Script("");
  }

  // They are all that is there, each can sign, and nothing is half made.
  void ExpectKeys(const Numbers& numbers) {
    const KeyList list = Must(ListKeys(token()));
    Numbers listed;
    for (const FoundKey& key : list.keys) {
      EXPECT_TRUE(key.check_mac);
      listed.push_back(key.handle ? key.handle->object()->sequence : 0);
    }
    EXPECT_EQ(listed, numbers);
    EXPECT_THAT(list.left_out, IsEmpty());
    EXPECT_THAT(list.half_made, IsEmpty());
    EXPECT_EQ(CountObjects(token()), numbers.size());
    for (const std::uint32_t number : numbers) {
      EXPECT_THAT(FindKey(number).Sign(Hs256(), {}), IsOk());
    }
  }
};

TEST_P(KilledTest, LeavesWholeKeysAndNoNumberTwice) {
  Numbers keys = GetParam().keys;
  DieMakingAndDeleting();
  ExpectKeys(keys);
  const MadeKey made = Must(GenerateKey(token(), {}));
  EXPECT_EQ(made.key.handle->object()->sequence, GetParam().next);
  keys.push_back(GetParam().next);
  ExpectKeys(keys);
}

// A login makes and destroys two keys of its session, to see whether handles
// are dealt again.
INSTANTIATE_TEST_SUITE_P(
    Process, KilledTest,
    ::testing::Values(Row{"C_Login 1 kill", {}, 1},
                      Row{"C_Login 1 kill after", {}, 1},
                      Row{"C_GenerateKey 1 kill", {}, 1},
                      Row{"C_GenerateKey 2 kill after", {}, 1},
                      // A number is spent before its key is made.
                      Row{"C_GenerateKey 3 kill", {}, 2},
                      Row{"C_GenerateKey 3 kill after", {1}, 2},
                      Row{"C_GenerateKey 4 kill", {1}, 3},
                      Row{"C_GenerateKey 4 kill after", {1, 2}, 3},
                      Row{"C_DestroyObject 4 kill", {1, 2}, 3},
                      Row{"C_DestroyObject 4 kill after", {2}, 3}),
    [](const auto& row) {
      std::string name = row.param.rule;
      std::replace_if(
          name.begin(), name.end(), [](char c) { return c == '_' || c == ' '; },
          'x');
      return name;
    });

}  // namespace
}  // namespace sigtoken
