// Two hosts that share a token and no state store, each in a process of its
// own: the second takes the number of a key that the first is just making.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/fault_module.h"
#include "tests/modules/p11_kit_fixture.h"
#include "tests/private_soft_hsm2.h"
#include "tests/program.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// A host: its home, and where its locks are.
class Host {
 public:
  Host(const std::filesystem::path& home, const std::filesystem::path& conf,
       const std::string& uri, const FaultModule& fault)
      : programs_(home) {
    std::filesystem::create_directory(home);
    std::filesystem::permissions(home, std::filesystem::perms::owner_all);
    std::ofstream(home / "sigtoken.toml")
        << "[[token]]\nname = \"IDT.KEYS\"\nuri = \"" << uri << "\"\n";
    programs_.SetEnvironment("SOFTHSM2_CONF", conf);
    for (const auto& [name, value] : fault.environment()) {
      programs_.SetEnvironment(name, value);
    }
  }

  void SetEnvironment(const std::string& name, const std::string& value) {
    programs_.SetEnvironment(name, value);
  }
  Outcome Run(const std::vector<std::string>& words) const {
    return programs_.Sigtoken(words);
  }
  std::future<Outcome> Generate(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"key", "generate", "--token", "IDT.KEYS",
                                      "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return std::async(std::launch::async, [this, words] { return Run(words); });
  }
  std::string Mac(const std::string& key) const {
    const Outcome made = Run({"sign", "--key", key, "--alg", "HS256"});
    EXPECT_EQ(made.status, 0) << made.err;
    return made.out;
  }

 private:
  Programs programs_;
};

// The keys of both must have a number of their own, and both must sign on
// either host.
void ExpectTwoKeys(const Host& one, const Outcome& first, const Host& other,
                   const Outcome& second) {
  ASSERT_EQ(first.status, 0) << first.err;
  ASSERT_EQ(second.status, 0) << second.err;
  EXPECT_EQ(second.json()["sequence"], "00000001");
  EXPECT_EQ(first.json()["sequence"], "00000002");
  EXPECT_NE(first.json()["kcv"], second.json()["kcv"]);
  const std::string key1 = "IDT.KEYS:1T", key2 = "IDT.KEYS:2T";
  EXPECT_EQ(one.Mac(key1), other.Mac(key1));
  EXPECT_EQ(one.Mac(key2), other.Mac(key2));
  EXPECT_NE(one.Mac(key1), one.Mac(key2));
  const json keys = other.Run({"key", "list", "--json"}).json()["keys"];
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0]["kcv"], second.json()["kcv"]);
  EXPECT_EQ(keys[1]["kcv"], first.json()["kcv"]);
}

// The trial of a login makes two keys in the session; the third is the real
// one.
constexpr const char* kHang = "C_GenerateKey 3 hang there";

class TwoHostsTest : public ::testing::Test {
 protected:
  TwoHostsTest() {
    hsm_.MakeToken("shared");
    static_cast<void>(hsm_.Configure());  // The PIN file.
  }

  std::string Uri() const {
    return "pkcs11:token=shared?module-path=" + FaultModule::path() +
           "&pin-source=file:" + hsm_.pin_file().string();
  }

  const TemporaryFolder folder_;
  const PrivateSoftHsm2 hsm_;
  FaultModule fault_;
  Host one_{folder_.path() / "one", hsm_.conf(), Uri(), fault_};
  Host other_{folder_.path() / "other", hsm_.conf_elsewhere(), Uri(), fault_};
};

TEST_F(TwoHostsTest, EachKeyGetsANumberOfItsOwn) {
  fault_.Script(kHang);
  auto first = one_.Generate();
  fault_.WaitUntilHung("there");
  fault_.Script("");
  const Outcome second = other_.Generate().get();
  fault_.Release("there");
  ExpectTwoKeys(one_, first.get(), other_, second);
}

// A module that keeps one key for each CKA_ID, as NSS: the first key is lost
// when the second is made, and whoever made it sees that.
TEST_F(TwoHostsTest, AKeyThatIsOverwrittenBeforeItIsReportedIsMadeAgain) {
  // Behind the key's making: it is found, read and tried, then overwritten.
  fault_.Script("C_Finalize 1 hang there\n* * overwrite-id");
  auto first = one_.Generate();
  fault_.WaitUntilHung("there");
  fault_.Script("");
  std::filesystem::remove_all(folder_.path() / "other" / "sigtoken.db");
  const Outcome listed = other_.Run({"key", "list", "--json"});
  ASSERT_EQ(listed.json()["keys"].size(), 1U) << listed.err;
  EXPECT_EQ(other_.Run({"key", "delete", "IDT.KEYS:1T"}).status, 0);
  fault_.Release("there");
  const Outcome made = first.get();
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(made.json()["sequence"], "00000002");
  EXPECT_EQ(one_.Mac("IDT.KEYS:2T"), other_.Mac("IDT.KEYS:2T"));
}

// Which of two that cannot sign is one's own is not to be seen.
TEST_F(TwoHostsTest, KeysThatOnlyVerifyAreNotChosenBetween) {
  fault_.Script(kHang);
  auto first = one_.Generate({"--verify-only"});
  fault_.WaitUntilHung("there");
  fault_.Script("");
  const Outcome second = other_.Generate().get();
  ASSERT_EQ(second.status, 0) << second.err;
  fault_.Release("there");
  const Outcome refused = first.get();
  EXPECT_EQ(refused.status, 12);
  EXPECT_THAT(refused.err,
              HasSubstr("2 keys are IDT.KEYS:00000001T now, and which of them "
                        "is the new one is not to be seen"));
}

// The same behind p11-kit: its server has a SoftHSM2 for each client.
TEST(TwoHostsBehindP11KitTest, EachKeyGetsANumberOfItsOwn) {
  const P11KitFixture module;
  FaultModule fault(module.module_path());
  const TemporaryFolder folder;
  const std::string uri = std::string("pkcs11:token=") + P11KitFixture::kLabel +
                          "?module-path=" + FaultModule::path() +
                          "&pin-source=file:" + module.pin_file().string();
  const std::filesystem::path conf = module.environment()["SOFTHSM2_CONF"];
  Host one(folder.path() / "one", conf, uri, fault);
  Host other(folder.path() / "other", conf.parent_path() / "elsewhere.conf",
             uri, fault);
  for (const auto& [name, value] : module.environment()) {
    if (name == "SOFTHSM2_CONF") continue;
    one.SetEnvironment(name, value);
    other.SetEnvironment(name, value);
  }
  fault.Script(kHang);
  auto first = one.Generate();
  fault.WaitUntilHung("there");
  fault.Script("");
  const Outcome second = other.Generate().get();
  fault.Release("there");
  ExpectTwoKeys(one, first.get(), other, second);
}

}  // namespace
}  // namespace sigtoken::testing
