// Two hosts that share a token and no state store, each in a process of its
// own: the second takes the number of a key that the first is just making.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
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

// Behind p11-kit, whose server has a SoftHSM2 for each client: what one makes,
// the others see late.
class TwoHostsTest : public ::testing::Test {
 protected:
  TwoHostsTest() {
    for (const auto& [name, value] : module_.environment()) {
      if (name == "SOFTHSM2_CONF") continue;
      one_.SetEnvironment(name, value);
      other_.SetEnvironment(name, value);
    }
  }

  std::string Uri() const {
    return std::string("pkcs11:token=") + P11KitFixture::kLabel +
           "?module-path=" + FaultModule::path() +
           "&pin-source=file:" + module_.pin_file().string();
  }
  std::filesystem::path Conf() const {
    return module_.environment()["SOFTHSM2_CONF"];
  }

  const TemporaryFolder folder_;
  const P11KitFixture module_;
  FaultModule fault_{module_.module_path()};
  Host one_{folder_.path() / "one", Conf(), Uri(), fault_};
  Host other_{folder_.path() / "other", Conf().parent_path() / "elsewhere.conf",
              Uri(), fault_};
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
  // It has its number, and is made when the other host's key is there.
  fault_.Script("C_GenerateKey 3 hang late\n* * overwrite-id");
  auto second = other_.Generate();
  fault_.WaitUntilHung("late");
  // Behind the key's making: it is found, read and tried, then overwritten.
  fault_.Script("C_Finalize 1 hang there");
  auto first = one_.Generate();
  fault_.WaitUntilHung("there");
  fault_.Script("* * overwrite-id");
  fault_.Release("late");
  const Outcome overwriting = second.get();
  fault_.Script("");
  fault_.Release("there");
  ExpectTwoKeys(one_, first.get(), other_, overwriting);
}

TEST_F(TwoHostsTest, AKeyThatIsDeletedBeforeItIsReportedIsMissed) {
  fault_.Script("C_Finalize 1 hang there");
  auto first = one_.Generate();
  fault_.WaitUntilHung("there");
  fault_.Script("");
  EXPECT_EQ(other_.Run({"key", "delete", "IDT.KEYS:1T"}).status, 0);
  fault_.Release("there");
  const Outcome refused = first.get();
  EXPECT_EQ(refused.status, 12);
  EXPECT_THAT(refused.err,
              HasSubstr("the module said that it made the key "
                        "IDT.KEYS:00000001T and does not show it"));
  EXPECT_EQ(one_.Generate().get().json()["sequence"], "00000002");
}

// The key is there, and nobody who could be asked says which it is.
TEST_F(TwoHostsTest, AKeyThatIsNotFoundAgainIsToldOf) {
  fault_.Script("C_Login 2 return CKR_DEVICE_ERROR");
  const Outcome refused = one_.Generate().get();
  fault_.Script("");
  EXPECT_EQ(refused.status, 12);
  EXPECT_THAT(refused.err, HasSubstr("the key IDT.KEYS:00000001T may be in the "
                                     "token: delete it"));
  EXPECT_EQ(one_.Generate().get().json()["sequence"], "00000002");
  EXPECT_EQ(one_.Run({"key", "delete", "IDT.KEYS:1T", "--force"}).status, 0);
  EXPECT_EQ(other_.Run({"key", "list", "--json"}).json()["keys"].size(), 1U);
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

// SoftHSM2's tokens are files: whoever uses them is on this machine, and waits.
TEST(OneHostTest, AnotherHomeWaitsUntilTheKeyIsMade) {
  const PrivateSoftHsm2 hsm;
  hsm.MakeToken("shared");
  static_cast<void>(hsm.Configure());  // The PIN file.
  FaultModule fault;
  const TemporaryFolder folder;
  const std::string uri =
      "pkcs11:token=shared?module-path=" + FaultModule::path() +
      "&pin-source=file:" + hsm.pin_file().string();
  Host one(folder.path() / "one", hsm.conf(), uri, fault);
  Host other(folder.path() / "other", hsm.conf(), uri, fault);
  fault.Script(kHang);
  auto first = one.Generate();
  fault.WaitUntilHung("there");
  fault.Script("");
  auto second = other.Generate();
  EXPECT_EQ(second.wait_for(std::chrono::milliseconds(300)),
            std::future_status::timeout);
  EXPECT_EQ(fault.Calls("C_Login"), 1U);
  fault.Release("there");
  EXPECT_EQ(first.get().json()["sequence"], "00000001");
  EXPECT_EQ(second.get().json()["sequence"], "00000002");
  // One for each: who dies in C_Login takes the token with him.
  EXPECT_EQ(fault.Calls("C_Login"), 2U);
  EXPECT_NE(one.Mac("IDT.KEYS:1T"), one.Mac("IDT.KEYS:2T"));
}

}  // namespace
}  // namespace sigtoken::testing
