// Contract: programs of others see and use our keys, and we see theirs.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "pkcs11/cryptoki/objects.h"
#include "signer/jws/base64url.h"
#include "tests/import_key.h"
#include "tests/modules/contract.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class InteroperabilityTest : public ContractTest {
 protected:
  Outcome Pkcs11Tool(const Words& more) const {
    Words words = {"--module",         module_->module_for_tools(),
                   "--token-label",    ModuleFixture::kLabel,
                   "--login",          "--pin",
                   ModuleFixture::kPin};
    words.insert(words.end(), more.begin(), more.end());
    return programs_.Run(SIGTOKEN_PKCS11_TOOL, words);
  }

  // CKA_ID as pkcs11-tool writes it.
  static std::string IdOf(const json& key) {
    std::string hex = key["attributes"]["CKA_ID"];
    for (char& c : hex) c = static_cast<char>(std::tolower(c));
    return hex;
  }

  // All that the token gives of its one object that has this label.
  static std::map<CK_ATTRIBUTE_TYPE, std::vector<std::uint8_t>> Dump(
      Token& token, const std::string& label) {
    return Change(token, [&](Session& session) {
      Attributes wanted;
      wanted.Text(CKA_LABEL, label);
      const auto found = Must(FindObjects(session, wanted));
      EXPECT_EQ(found.size(), 1U);
      std::map<CK_ATTRIBUTE_TYPE, std::vector<std::uint8_t>> values;
      // CKA_CLASS to CKA_ALWAYS_AUTHENTICATE: all that a key may have.
      for (CK_ATTRIBUTE_TYPE type = 0; type <= 0x210; ++type) {
        const auto value = ReadBytes(session, found.front(), type);
        if (value) values[type] = *value;
      }
      return values;
    });
  }

  const TemporaryFolder folder_;
};

TEST_P(InteroperabilityTest, Pkcs11ToolListsOurKeyAndMakesItsMac) {
  Generate({"--label", "ours"});
  const json key = KeyNumber(1);
  const Outcome listed = Pkcs11Tool({"--list-objects"});
  EXPECT_EQ(listed.status, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("Generic secret length 64\n"));
  EXPECT_THAT(listed.out, HasSubstr("label:      ours\n"));
  EXPECT_THAT(listed.out, HasSubstr("ID:         " + IdOf(key) + "\n"));
  EXPECT_THAT(listed.out,
              HasSubstr("sensitive, always sensitive, never extractable"));

  const std::string in = folder_.Write("in", "data");
  const std::string out = folder_.path() / "out";
  const Outcome made =
      Pkcs11Tool({"--sign", "--mechanism", "SHA256-HMAC", "--id", IdOf(key),
                  "--input-file", in, "--output-file", out});
  ASSERT_EQ(made.status, 0) << made.err;
  std::ifstream stream(out, std::ios::binary);
  const std::string mac{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(EncodeBase64Url(AsBytes(mac)), Sign(1, "HS256", "data"));
}

TEST_P(InteroperabilityTest, P11ToolListsOurKeyUnderAUriThatWeTake) {
  Generate({"--label", "ours"});
  const Outcome listed = programs_.Run(
      SIGTOKEN_P11TOOL,
      {"--provider", module_->module_for_tools(), "--login", "--set-pin",
       ModuleFixture::kPin, "--list-all", "--only-urls",
       std::string("pkcs11:token=") + ModuleFixture::kLabel});
  ASSERT_EQ(listed.status, 0) << listed.err;
  std::string uri = listed.out.substr(0, listed.out.find('\n'));
  EXPECT_THAT(uri, HasSubstr("object=ours;type=secret-key"));
  EXPECT_EQ(Json({"key", "show", uri})["keys"][0]["handle"],
            KeyNumber(1)["handle"]);
}

TEST_P(InteroperabilityTest, JoseVerifiesOurIdentityToken) {
  const std::string jwk = folder_.path() / "key.jwk";
  const Outcome made = programs_.Run(
      SIGTOKEN_JOSE,
      {"jwk", "gen", "-i", R"({"kty":"oct","bytes":64})", "-o", jwk});
  ASSERT_EQ(made.status, 0) << made.err;
  std::filesystem::permissions(jwk, std::filesystem::perms::owner_read);
  EXPECT_EQ(Json({"key", "import", "--token", kBound, "--format", "jwk",
                  "--from", jwk})["bytes"],
            64);
  for (const char* algorithm : {"HS256", "HS384", "HS512"}) {
    SCOPED_TRACE(algorithm);
    const std::string token =
        Json({"idt", "generate", "--appl", "APPL01", "--user", "USER01",
              "--key", Handle(1), "--alg", algorithm})["token"];
    const std::string file = folder_.Write("token", token);
    const Words verify = {"jws", "ver", "-i", file, "-k", jwk, "-O", "-"};
    const Outcome verified = programs_.Run(SIGTOKEN_JOSE, verify);
    ASSERT_EQ(verified.status, 0) << verified.err;
    EXPECT_EQ(json::parse(verified.out)["sub"], "USER01");
    folder_.Write("token", token + "AAAA");
    EXPECT_NE(programs_.Run(SIGTOKEN_JOSE, verify).status, 0);
  }
}

TEST_P(InteroperabilityTest, AKeyOfPkcs11ToolIsListedAndLeftAsItIs) {
  Generate();
  const Outcome made = Pkcs11Tool({"--keygen", "--key-type", "GENERIC:64",
                                   "--label", "foreign", "--id", "0A0B"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_TRUE(RunForked([&] {
    const auto dump = [&] {
      const auto directory = Must(Directory::Open(module_->configuration()));
      return Dump(*Must(directory->FindToken(Name(kBound))), "foreign");
    };
    const auto before = dump();
    EXPECT_GT(before.size(), 10U);

    const json keys = Keys();
    ASSERT_EQ(keys.size(), 2U);
    EXPECT_EQ(keys[1]["handle"], nullptr);
    EXPECT_EQ(keys[1]["sequence"], nullptr);
    EXPECT_EQ(keys[1]["label"], "foreign");
    EXPECT_EQ(keys[1]["bytes"], 64);
    EXPECT_EQ(keys[1]["attributes"]["CKA_ID"], "0A0B");
    const std::string uri = keys[1]["uri"];
    EXPECT_EQ(Json({"key", "show", uri})["keys"][0]["label"], "foreign");
    Generate();
    Json({"key", "delete", Handle(1)});
    Json({"token", "delete", kBound, "--force"});

    EXPECT_EQ(dump(), before);
  }));
}

TEST_P(InteroperabilityTest, AnAdoptedKeyOfPkcs11ToolSignsAndIsLeftAsItIs) {
  Generate();
  const Outcome made =
      Pkcs11Tool({"--keygen", "--key-type", "GENERIC:64", "--label", "foreign",
                  "--id", "0A0B", "--private", "--sensitive", "--usage-sign"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_TRUE(RunForked([&] {
    const auto dump = [&] {
      const auto directory = Must(Directory::Open(module_->configuration()));
      return Dump(*Must(directory->FindToken(Name(kBound))), "foreign");
    };
    const auto before = dump();
    EXPECT_GT(before.size(), 10U);

    const json found =
        Json({"key", "show", "pkcs11:object=foreign"})["keys"][0];
    EXPECT_EQ(found["handle"], nullptr);
    const json adopted =
        Json({"key", "adopt", found["uri"], "--token", kBound});
    EXPECT_EQ(adopted["sequence"], "00000002");
    EXPECT_EQ(adopted["kcv"], found["kcv"]);
    EXPECT_EQ(adopted["bytes"], 64);
    for (const char* algorithm : {"HS256", "HS384", "HS512"}) {
      const std::string mac = Sign(2, algorithm, "data");
      EXPECT_EQ(Verify(2, algorithm, mac, "data"), 0);
      EXPECT_EQ(Verify(2, algorithm, mac, "Data"), 4);
    }
    ExpectRefusal({"key", "adopt", found["uri"], "--token", kBound},
                  kHandleInvalid);
    EXPECT_EQ(Keys().size(), 2U);
    Json({"key", "disable", Handle(2)});
    Json({"key", "enable", Handle(2)});
    Json({"key", "delete", Handle(2)});
    ExpectRefusal({"sign", "--key", Handle(2), "--alg", "HS256"},
                  kObjectNotFound);
    EXPECT_EQ(Keys()[1]["handle"], nullptr);
    EXPECT_EQ(dump(), before);

    // The number of the handle that was taken back is spent.
    Json({"key", "adopt", found["uri"], "--token", kBound});
    Json({"key", "delete", Handle(3), "--force"});
    EXPECT_EQ(Keys().size(), 1U);
  }));
}

INSTANTIATE_TEST_SUITE_P(Contract, InteroperabilityTest, EachModule(),
                         ModuleName);

}  // namespace
}  // namespace sigtoken::testing
