// Contract: `hsm test` says of each module what it is known to do.

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/modules/contract.h"
#include "tests/modules/hsm_test_rows.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::MatchesRegex;

class HsmTestTest : public ContractTest {
 protected:
  Words Uri() const {
    Words words = {"--uri",
                   std::string("pkcs11:token=") + ModuleFixture::kLabel +
                       "?module-path=" + module_->module_path() +
                       "&pin-source=file:" + module_->pin_file().string()};
    if (!module_->init().empty()) {
      words.emplace_back("--init");
      words.push_back(module_->init());
    }
    return words;
  }
  static Words HsmTest(const Words& more) {
    Words words = {"hsm", "test"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  // What this module's row is, of all that SoftHSM2 has.
  static HsmTestRow Expected(HsmTestRow row) {
    for (const HsmTestRow& other : traits().hsm_test) {
      if (std::string_view(other.name) == row.name) row = other;
    }
    return row;
  }
};

TEST_P(HsmTestTest, SaysWhatTheModuleDoes) {
  std::filesystem::remove_all(module_->home());
  const json said = Json(HsmTest(Uri()));
  EXPECT_EQ(said["ok"], true);
  EXPECT_EQ(said["verdict"],
            "this token works with sigtoken: keys are generated and imported");
  EXPECT_EQ(said["module"], module_->module_path());
  const auto rows = HsmTestOfSoftHsm();
  ASSERT_EQ(said["checks"].size(), rows.size());
  std::size_t i = 0;
  for (const HsmTestRow& base : rows) {
    const HsmTestRow row = Expected(base);
    const json& check = said["checks"][i++];
    SCOPED_TRACE(row.name);
    EXPECT_EQ(check.size(), 4U);
    EXPECT_EQ(check["name"], row.name);
    EXPECT_EQ(check["status"], row.status);
    EXPECT_THAT(check["detail"].get<std::string>(), MatchesRegex(row.detail));
    EXPECT_EQ(check["consequence"], row.consequence);
  }
  EXPECT_FALSE(std::filesystem::exists(module_->home()));
}

// By the name that the configuration binds, to be read by people: .ci/run shows
// it.
TEST_P(HsmTestTest, IsPrintedForPeople) {
  const Outcome printed = Run(HsmTest({"--token", kBound}));
  EXPECT_EQ(printed.status, 0);
  EXPECT_EQ(printed.err, "");
  EXPECT_THAT(printed.out,
              ::testing::EndsWith("\nThis token works with sigtoken: keys are "
                                  "generated and imported\n"));
  EXPECT_EQ(Keys(), json::array());
  std::filesystem::create_directories(SIGTOKEN_HSM_TEST_OUTPUT);
  std::ofstream(std::filesystem::path(SIGTOKEN_HSM_TEST_OUTPUT) /
                (std::string(traits().name) + ".txt"))
      << printed.out;
}

TEST_P(HsmTestTest, KeysThatAreThereSignAsBefore) {
  Generate();
  const std::string before = Sign(1, "HS256", "data");
  const json keys = Keys();
  EXPECT_EQ(Json(HsmTest(Uri()))["checks"][4]["detail"],
            "1 secret key, 1 for HMAC");
  EXPECT_EQ(Keys(), keys);
  EXPECT_EQ(Sign(1, "HS256", "data"), before);
  // No number was spent.
  EXPECT_EQ(Generate()["sequence"], "00000002");
}

INSTANTIATE_TEST_SUITE_P(Contract, HsmTestTest, EachModule(), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
