// Contract: keys are made, listed, disabled and deleted.

#include <string>

#include "pkcs11/cryptoki/mac_algorithm.h"
#include "signer/jws/base64url.h"
#include "tests/import_key.h"
#include "tests/modules/contract.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

class KeysTest : public ContractTest {
 protected:
  // The first three bytes of a MAC, as a key's check value is written.
  static std::string CheckValue(const std::string& mac) {
    const auto bytes = DecodeBase64Url(mac);
    if (!bytes) return "";
    std::string text;
    for (std::size_t i = 0; i < 3; ++i) {
      constexpr const char* kDigits = "0123456789ABCDEF";
      const auto byte = static_cast<std::uint8_t>((*bytes)[i]);
      text += kDigits[byte >> 4U];
      text += kDigits[byte & 15U];
    }
    return text;
  }
};

TEST_P(KeysTest, AKeyHasTheSizeOfItsAlgorithm) {
  struct Row {
    const char* algorithm;
    int bytes;
  };
  int number = 0;
  for (const Row& row : {Row{"HS256", 32}, {"HS384", 48}, {"HS512", 64}}) {
    const json made = Generate({"--alg", row.algorithm, "--label", "l"});
    EXPECT_EQ(made["bytes"], row.bytes);
    EXPECT_EQ(made["label"], "l");
    const json shown = KeyNumber(++number);
    EXPECT_EQ(shown["bytes"], row.bytes);
    EXPECT_EQ(shown["attributes"]["CKA_VALUE_LEN"], row.bytes);
  }
  EXPECT_EQ(Generate()["bytes"], 64);
  EXPECT_EQ(Keys().size(), 4U);
}

TEST_P(KeysTest, AttributesAreThoseOfTheTemplate) {
  for (const char category : {'T', 'Y'}) {
    Generate({"--category", std::string(1, category)});
  }
  for (const json& key : Keys()) {
    json attributes = key["attributes"];
    EXPECT_EQ(attributes["CKA_LOCAL"], traits().says_local);
    attributes.erase("CKA_LOCAL");
    attributes.erase("CKA_ID");
    EXPECT_EQ(attributes, (json{{"CKA_KEY_TYPE", "CKK_GENERIC_SECRET"},
                                {"CKA_VALUE_LEN", 64},
                                {"CKA_TOKEN", true},
                                {"CKA_PRIVATE", true},
                                {"CKA_MODIFIABLE", false},
                                {"CKA_SENSITIVE", true},
                                {"CKA_EXTRACTABLE", false},
                                {"CKA_ALWAYS_SENSITIVE", true},
                                {"CKA_NEVER_EXTRACTABLE", true},
                                {"CKA_SIGN", true},
                                {"CKA_VERIFY", true},
                                {"CKA_ENCRYPT", false},
                                {"CKA_DECRYPT", false},
                                {"CKA_WRAP", false},
                                {"CKA_UNWRAP", false},
                                {"CKA_DERIVE", false}}));
  }
}

TEST_P(KeysTest, TheIdIsTheShortFormOfTheHandle) {
  Generate();
  std::string hex;
  for (const char c : std::string(kBound) + ":00000001T") {
    constexpr const char* kDigits = "0123456789ABCDEF";
    hex += kDigits[static_cast<std::uint8_t>(c) >> 4U];
    hex += kDigits[static_cast<std::uint8_t>(c) & 15U];
  }
  EXPECT_EQ(KeyNumber(1)["attributes"]["CKA_ID"], hex);
}

TEST_P(KeysTest, TheCheckValueIsTheMacOfNoData) {
  const json made = Generate();
  EXPECT_EQ(made["kcv"], CheckValue(Sign(1, "HS256", "")));
  const std::vector<std::uint8_t> value(64, 0x5C);
  ImportValue(2, value);
  EXPECT_EQ(KeyNumber(2)["kcv"], CheckValue(MacByOpenSsl(Hs256(), value, "")));
  EXPECT_EQ(Generate({"--verify-only"})["kcv"], nullptr);
}

TEST_P(KeysTest, NumbersIncreaseAndNeverComeBack) {
  EXPECT_EQ(Generate()["sequence"], "00000001");
  EXPECT_EQ(Generate({"--category", "Y"})["sequence"], "00000002");
  EXPECT_EQ(Generate()["sequence"], "00000003");
  Json({"key", "delete", Handle(3)});
  Json({"key", "delete", Handle(2, 'Y')});
  EXPECT_EQ(Generate()["sequence"], "00000004");
  Json({"key", "delete", Handle(4)});
  EXPECT_EQ(Generate()["sequence"], "00000005");
  EXPECT_EQ(Keys().size(), 2U);
}

TEST_P(KeysTest, ALostStoreIsRebuiltFromTheToken) {
  Generate();
  const json kept = Generate();
  std::filesystem::remove_all(module_->home());
  module_->Configure();
  EXPECT_EQ(KeyNumber(2)["kcv"], kept["kcv"]);
  EXPECT_EQ(Generate()["sequence"], "00000003");
}

TEST_P(KeysTest, AKeyIsDeletedOnce) {
  Generate();
  Generate();
  Json({"key", "delete", Handle(1)});
  ExpectRefusal({"key", "delete", Handle(1)}, kObjectNotFound);
  ExpectRefusal({"sign", "--key", Handle(1), "--alg", "HS256"},
                kObjectNotFound);
  const json keys = Keys();
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0]["sequence"], "00000002");
}

TEST_P(KeysTest, ADisabledKeyNeitherSignsNorVerifies) {
  Generate();
  const std::string mac = Sign(1, "HS256", "data");
  Json({"key", "disable", Handle(1)});
  EXPECT_EQ(KeyNumber(1)["disabled"], true);
  ExpectRefusal({"sign", "--key", Handle(1), "--alg", "HS256"},
                kObjectDisabled);
  ExpectRefusal(
      {"verify", "--key", Handle(1), "--alg", "HS256", "--mac=" + mac},
      kObjectDisabled, "data");
  Json({"key", "enable", Handle(1)});
  EXPECT_EQ(Sign(1, "HS256", "data"), mac);
  EXPECT_EQ(Verify(1, "HS256", mac, "data"), 0);
}

TEST_P(KeysTest, IfAbsentMakesOneKey) {
  const json first = Generate({"--label", "one", "--if-absent"});
  const json second = Generate({"--label", "one", "--if-absent"});
  EXPECT_EQ(first["handle"], second["handle"]);
  EXPECT_EQ(first["kcv"], second["kcv"]);
  EXPECT_EQ(Keys().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Contract, KeysTest, EachModule(), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
