// NSS's database is taken away and put back, under a process that goes on using
// it and under programs that begin then.

#include <filesystem>
#include <memory>
#include <string>

#include "tests/modules/contract.h"
#include "tests/modules/staying_process.h"

namespace sigtoken::testing {
namespace {

namespace fs = std::filesystem;

class NssDatabaseTest : public ContractTest {
 protected:
  NssDatabaseTest() {
    Json({"key", "import", "--token", kBound}, StayingProcess::kValue);
  }

  fs::path database() const { return module_->token_folder(); }
  fs::path aside() const { return database().string() + ".aside"; }
  Outcome Program() const {
    return Run({"--json", "sign", "--key", Handle(1), "--alg", "HS256"},
               StayingProcess::kText);
  }
};

// NSS has it open, and goes on signing (3.87, measured).
TEST_P(NssDatabaseTest, WhoHasItOpenGoesOnAndNothingIsMadeElsewhere) {
  Stay(*module_, [&](const StayingProcess& process) {
    fs::rename(database(), aside());
    for (int twice = 0; twice < 2; ++twice) {
      EXPECT_EQ(process.Held(), "right");
      EXPECT_EQ(process.Found(), "right");
      EXPECT_EQ(process.Listed(), "1");
      EXPECT_EQ(process.Generated(), "12/0");
      EXPECT_EQ(process.Imported(), "12/0");
      EXPECT_EQ(process.Deleted(7), "8/3025");
      EXPECT_EQ(Program().status, 12);
      EXPECT_FALSE(fs::exists(database()));
    }
    fs::rename(aside(), database());
    process.ExpectBack();
    EXPECT_EQ(process.Listed(), "1");
    EXPECT_EQ(Program().json()["mac"], StayingProcess::RightMac());
  });
}

INSTANTIATE_TEST_SUITE_P(SomeModules, NssDatabaseTest,
                         ::testing::Values(&AllModules()[1]), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
