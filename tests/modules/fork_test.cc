// Contract: children of a process that uses the module.

#include <set>
#include <string>
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
        const ModuleSpec spec{module_->module_path(), module_->init(), ""};
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

INSTANTIATE_TEST_SUITE_P(Contract, ForkTest, EachModule(), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
