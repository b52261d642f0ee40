// Contract: children of a process that uses the module.

#include <algorithm>
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "pkcs11/cryptoki/module.h"
#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/modules/contract.h"
#include "tests/storms/work.h"

namespace sigtoken::testing {
namespace {

class ForkTest : public ContractTest {};

// NSS makes the same random numbers in a child as in its parent, unless it is
// initialised anew.
TEST_P(ForkTest, TheyMakeKeysOfTheirOwn) {
  Generate();
  EXPECT_TRUE(RunForked([&] {
    const auto directory = Must(Directory::Open(module_->configuration()));
    const auto token = Must(directory->FindToken(Name(kBound)));
    ASSERT_TRUE(token->Login());
    std::set<std::string> values;
    for (int i = 0; i < 2; ++i) {
      Child child([&](const Reporter& report) {
        const ModuleSpec spec{module_->module_path(), module_->init(), "",
                              module_->isolated()};
        const auto module = Module::Load(spec);
        if (!module || (*module)->initialized_by_others()) return 2;
        return MakeKeys(module_->configuration(), 1, report);
      });
      EXPECT_EQ(child.Wait(), 0);
      ASSERT_EQ(child.reports().size(), 1U);
      const std::string& line = child.reports().front();
      values.insert(line.substr(line.find(' ') + 1, 6));
    }
    EXPECT_EQ(values.size(), 2U);
    // Of the parent nothing is gone.
    EXPECT_TRUE(Must(Key::Find(token, {1, 'T'})).Sign(Hs256(), {}));
  }));
  EXPECT_EQ(Keys().size(), 3U);
}

// As servers do that have a process for each of their users.
TEST_P(ForkTest, TheySignWhileTheirParentSigns) {
  Generate();
  EXPECT_TRUE(RunForked([&] {
    const auto directory = Must(Directory::Open(module_->configuration()));
    const Key key = Must(directory->FindKey(Handle(1)));
    const Mac right = Must(key.Sign(Hs256(), {}));
    const auto is_right = [&](const Result<Mac>& mac) {
      return mac && std::ranges::equal(mac->bytes(), right.bytes());
    };
    for (int i = 0; i < 3; ++i) {
      Child child([&](const Reporter&) {
        const auto mine = Directory::Open(module_->configuration());
        if (!mine) return 2;
        const auto found = (*mine)->FindKey(Handle(1));
        if (!found) return 3;
        for (int n = 0; n < 200; ++n) {
          if (!is_right(found->Sign(Hs256(), {}))) return 4;
        }
        return 0;
      });
      std::atomic<bool> ended = false;
      std::jthread waiter([&] {
        EXPECT_EQ(child.Wait(), 0);
        ended = true;
      });
      int signs = 0;
      for (; !ended; ++signs) {
        ASSERT_TRUE(is_right(key.Sign(Hs256(), {})));
      }
      EXPECT_GT(signs, 1);
    }
  }));
}

INSTANTIATE_TEST_SUITE_P(Contract, ForkTest, EachModule(), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
