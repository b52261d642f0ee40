// Tokens and keys of others, as the programs use them by the configuration.

#include "tests/tools/bound_token.h"

#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>

#include "pkcs11/base/codes.h"
#include "pkcs11/base/error.h"
#include "signer/jws/base64url.h"

namespace sigtoken::testing {
namespace {

namespace fs = std::filesystem;

::mode_t ModeOf(const fs::path& path) {
  struct stat found {};
  EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
  return found.st_mode & 07777U;
}

class CredentialTest : public BoundTokenTest {
 protected:
  CredentialTest() {
    MakePrivate(folder_.path() / "credentials");
    programs_.SetEnvironment("CREDENTIALS_DIRECTORY",
                             folder_.path() / "credentials");
    Configure("credential:hsm-pin");
    WritePin(PrivateSoftHsm2::kPin);
  }

  void WritePin(const std::string& pin) const {
    // systemd gives it to the unit's user alone, for reading.
    fs::remove(Pin());
    folder_.Write("credentials/hsm-pin", pin, 0400);
  }
  fs::path Pin() const { return folder_.path() / "credentials" / "hsm-pin"; }
};

TEST_F(CredentialTest, ThePinIsTakenFromTheServiceManager) {
  EXPECT_EQ(Generate().status, 0);
  EXPECT_EQ(Run(Signing("HSM.KEYS:1T"), "data").status, 0);
}

TEST_F(CredentialTest, AWrongPinIsTriedOnce) {
  ASSERT_EQ(Generate().status, 0);
  const auto before = fault_.Calls("C_Login");
  WritePin("9999");
  const Outcome first = Run(Signing("HSM.KEYS:1T") + Words{"--json"}, "data");
  EXPECT_EQ(first.status, 8);
  EXPECT_EQ(first.json()["error"]["cryptoki"]["rv"], "CKR_PIN_INCORRECT");
  EXPECT_EQ(fault_.Calls("C_Login"), before + 1);
  for (int again = 0; again < 2; ++again) {
    const Outcome refused = Run(Signing("HSM.KEYS:1T"), "data");
    EXPECT_EQ(refused.status, 8);
    EXPECT_EQ(refused.err,
              "sigtoken: the token HSM.KEYS has refused the PIN in '" +
                  Pin().string() +
                  "', and it is not tried again: C_Login answered "
                  "CKR_PIN_INCORRECT (ICSF 8/16000, X'3E80'). Write the right "
                  "PIN into '" +
                  Pin().string() + "': this one is not tried again\n");
  }
  EXPECT_EQ(fault_.Calls("C_Login"), before + 1);
  WritePin(PrivateSoftHsm2::kPin);
  EXPECT_EQ(Run(Signing("HSM.KEYS:1T"), "data").status, 0);
}

TEST_F(CredentialTest, WithoutTheServiceManagerThereIsNone) {
  programs_.SetEnvironment("CREDENTIALS_DIRECTORY", "");
  const Outcome outcome = Generate();
  EXPECT_EQ(outcome.status, 8);
  EXPECT_THAT(outcome.err,
              ::testing::StartsWith("sigtoken: there is no credential "
                                    "'hsm-pin': CREDENTIALS_DIRECTORY is not "
                                    "set"));
}

class TheirKeyTest : public BoundTokenTest {
 protected:
  // As pkcs11-tool makes it of "data".
  std::string TheirMac(const std::string& id,
                       const std::string& mechanism) const {
    const std::string in = folder_.Write("in", "data");
    const std::string out = folder_.path() / "out";
    const Outcome made =
        Pkcs11Tool({"--sign", "--mechanism", mechanism, "--id", id,
                    "--input-file", in, "--output-file", out});
    EXPECT_EQ(made.status, 0) << made.err;
    std::ifstream stream(out, std::ios::binary);
    const std::string mac{std::istreambuf_iterator<char>(stream), {}};
    return EncodeBase64Url(AsBytes(mac));
  }
  void ExpectTheirMacs(const std::string& key, const std::string& id) const {
    struct Row {
      std::string algorithm, mechanism;
    };
    for (const Row& row :
         {Row{"HS256", "SHA256-HMAC"}, Row{"HS384", "SHA384-HMAC"},
          Row{"HS512", "SHA512-HMAC"}}) {
      const std::string theirs = TheirMac(id, row.mechanism);
      EXPECT_EQ(Json(Signing(key, row.algorithm), "data")["mac"], theirs);
      EXPECT_EQ(Text({"verify", "--key", key, "--alg", row.algorithm, "--mac",
                      theirs},
                     "data"),
                "verified\n");
    }
  }
};

TEST_F(TheirKeyTest, AnAdoptedKeyMakesTheMacsOfPkcs11Tool) {
  MakeTheirKey("theirs", "0a0b");
  MakeTheirKey("another", "0c0d");
  Text({"key", "adopt", "pkcs11:object=theirs", "--token", kBound});
  ExpectTheirMacs("HSM.KEYS:1T", "0a0b");
  EXPECT_NE(TheirMac("0c0d", "SHA256-HMAC"), TheirMac("0a0b", "SHA256-HMAC"));
}

TEST_F(TheirKeyTest, AKeyThatTheConfigurationBindsSigns) {
  MakeTheirKey("theirs", "0a0b");
  MakeTheirKey("another", "0c0d");
  Configure("file:" + (folder_.path() / "pin").string(), "",
            "[[token.key]]\nhandle = \"00000007T\"\n"
            "uri = \"pkcs11:object=another\"\n");
  ExpectTheirMacs("HSM.KEYS:7T", "0c0d");
  EXPECT_EQ(Run(Signing("HSM.KEYS:6T"), "data").status, 8);
}

class StorePathTest : public BoundTokenTest {
 protected:
  StorePathTest() {
    Configure("file:" + (folder_.path() / "pin").string(),
              "[store]\npath = \"" + Store().string() + "\"\n");
  }
  fs::path Store() const { return folder_.path() / "state" / "keys.db"; }
};

TEST_F(StorePathTest, TheStoreIsMadeThereAndIsPrivate) {
  ASSERT_EQ(Generate().status, 0);
  EXPECT_EQ(ModeOf(Store()), 0600U);
  EXPECT_EQ(ModeOf(Store().parent_path()), 0700U);
  EXPECT_FALSE(fs::exists(home_ / "sigtoken.db"));
  // It is the one that is read: a key that it knows as disabled does not sign.
  Text({"key", "disable", "HSM.KEYS:1T"});
  EXPECT_EQ(Run(Signing("HSM.KEYS:1T"), "data").status, 8);
}

TEST_F(StorePathTest, AStoreOrFolderThatOthersMayUseIsRefused) {
  ASSERT_EQ(Generate().status, 0);
  struct Row {
    fs::path path;
    ::mode_t bad, good;
  };
  for (const Row& row :
       {Row{Store(), 0640, 0600}, Row{Store().parent_path(), 0750, 0700}}) {
    ASSERT_EQ(chmod(row.path.c_str(), row.bad), 0);
    const Outcome outcome = Run(Signing("HSM.KEYS:1T"), "data");
    EXPECT_EQ(outcome.status, 12);
    EXPECT_THAT(outcome.err,
                ::testing::StartsWith("sigtoken: '" + row.path.string() +
                                      "' has mode 0"));
    ASSERT_EQ(chmod(row.path.c_str(), row.good), 0);
  }
  EXPECT_EQ(Run(Signing("HSM.KEYS:1T"), "data").status, 0);
}

class LeftOutTest : public BoundTokenTest {};

TEST_F(LeftOutTest, KeysThatCannotBeUsedAreToldOf) {
  ASSERT_EQ(Generate().status, 0);
  ASSERT_EQ(Generate().status, 0);
  // The first is that of the login.
  fault_.Script("C_Sign 2 return CKR_GENERAL_ERROR");
  const Outcome outcome = Run({"key", "list", "--json"});
  EXPECT_EQ(outcome.status, 0);
  const auto keys = outcome.json()["keys"];
  ASSERT_EQ(keys.size(), 1U);
  const std::string other =
      keys[0]["sequence"] == "00000001" ? "00000002" : "00000001";
  EXPECT_EQ(outcome.err,
            "sigtoken: warning: HSM.KEYS: left out: HSM.KEYS:" + other +
                "T: could not sign with HS256: C_Sign answered "
                "CKR_GENERAL_ERROR (ICSF 12/0, X'0'). The module failed and "
                "does not say why. " +
                Sentence(std::string(CureOf(CKR_GENERAL_ERROR))) + "\n");
}

}  // namespace
}  // namespace sigtoken::testing
