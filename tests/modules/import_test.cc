// Contract: keys are imported, of whatever length, and given back.

#include <string>
#include <utility>
#include <vector>

#include "pkcs11/cryptoki/mac_algorithm.h"
#include "tests/import_key.h"
#include "tests/modules/contract.h"
#include "tests/signer/vectors.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

class ImportTest : public ContractTest {
 protected:
  json Import(const std::string& text, const Words& more = {}) const {
    Words words = {"key", "import", "--token", kBound};
    words.insert(words.end(), more.begin(), more.end());
    return Json(words, text);
  }

  // The compact tokens of a file of vectors, by their algorithm.
  static std::vector<std::pair<std::string, std::string>> TokensOf(
      const json& vectors) {
    if (!vectors.contains("tokens")) {
      return {{vectors["alg"], vectors["token"]}};
    }
    std::vector<std::pair<std::string, std::string>> tokens;
    for (const json& row : vectors["tokens"]) {
      if (row["alg"] != "none") tokens.emplace_back(row["alg"], row["token"]);
    }
    return tokens;
  }
};

TEST_P(ImportTest, AKeyOfAnyLengthSignsAsOpenSslDoes) {
  int number = 0;
  for (const std::size_t bytes : {9U, 32U, 48U, 63U, 64U, 65U, 128U, 131U}) {
    SCOPED_TRACE(bytes);
    std::string value;
    while (value.size() < bytes) {
      value += static_cast<char>(value.size() * 151 + bytes);
    }
    const json made = Import(value, {"--label", "imported"});
    ++number;
    EXPECT_EQ(made["bytes"], bytes);
    const json shown = KeyNumber(number);
    EXPECT_EQ(shown["bytes"], bytes);
    EXPECT_EQ(shown["kcv"], made["kcv"]);
    // What the module does not take has zeros behind it.
    EXPECT_EQ(shown["attributes"]["CKA_VALUE_LEN"],
              bytes < traits().least_bytes[2] ? 64 : bytes);
    for (const MacAlgorithm& algorithm : MacAlgorithms()) {
      const std::string name(algorithm.name);
      const std::string mac = MacByOpenSsl(algorithm, Bytes(value), "data");
      EXPECT_EQ(Sign(number, name, "data"), mac);
      EXPECT_EQ(Verify(number, name, mac, "data"), 0);
      EXPECT_EQ(Verify(number, name, mac, "Data"), 4);
    }
  }
}

TEST_P(ImportTest, AttributesAreThoseOfAKeyThatWasGenerated) {
  Generate();
  Import(std::string(64, 'k'));
  json generated = KeyNumber(1)["attributes"];
  json imported = KeyNumber(2)["attributes"];
  // It was outside once (PKCS #11 v2.40, 4.7 and 4.10): these say so.
  for (const char* name :
       {"CKA_LOCAL", "CKA_ALWAYS_SENSITIVE", "CKA_NEVER_EXTRACTABLE"}) {
    EXPECT_EQ(imported[name], false) << name;
  }
  for (const char* name : {"CKA_LOCAL", "CKA_ALWAYS_SENSITIVE",
                           "CKA_NEVER_EXTRACTABLE", "CKA_ID"}) {
    generated.erase(name);
    imported.erase(name);
  }
  EXPECT_EQ(imported, generated);
}

TEST_P(ImportTest, AValidatorThatCannotSignVerifies) {
  const std::string value = "Secret123";
  EXPECT_EQ(Import(value, {"--verify-only"})["bytes"], 9);
  ExpectRefusal({"sign", "--key", Handle(1), "--alg", "HS256"},
                kKeyFunctionNotPermitted, "data");
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    const std::string name(algorithm.name);
    const std::string mac = MacByOpenSsl(algorithm, Bytes(value), "data");
    EXPECT_EQ(Verify(1, name, mac, "data"), 0);
    EXPECT_EQ(Verify(1, name, mac, "Data"), 4);
  }
}

TEST_P(ImportTest, AnExportableKeyComesBackByteForByte) {
  const Words words = {"key",      "import", "--token",     kBound,
                       "--format", "hex",    "--exportable"};
  const std::string hex = "536563726574313233\n";
  if (!traits().lets_keys_out) {
    EXPECT_EQ(Run(words, hex).status, 8);
    EXPECT_EQ(Keys(), json::array());
    return;
  }
  Json(words, hex);
  const Outcome outcome =
      Run({"key", "export", Handle(1), "--to", "-", "--format", "hex"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, hex);
}

TEST_P(ImportTest, AWorthlessKeyIsRefusedAndNoNumberSpent) {
  for (const std::string& value :
       {std::string(), std::string(1, '\0'), std::string(64, '\0')}) {
    ExpectRefusal({"key", "import", "--token", kBound}, kAttributeValueInvalid,
                  value);
  }
  EXPECT_EQ(Import("k")["sequence"], "00000001");
}

TEST_P(ImportTest, TokensOfTheVectorsAreMadeAgain) {
  int number = 0;
  for (const char* file : {"idt-racf-body.json", "short-key-jwt.json",
                           "rfc7515-a1.json", "rfc7520-4.4.json"}) {
    SCOPED_TRACE(file);
    const json vectors = ReadVectors(file);
    Import(vectors["key_hex"], {"--format", "hex"});
    ++number;
    for (const auto& [algorithm, token] : TokensOf(vectors)) {
      const std::size_t dot = token.rfind('.');
      EXPECT_EQ(Sign(number, algorithm, token.substr(0, dot)),
                token.substr(dot + 1));
    }
  }
}

TEST_P(ImportTest, IdentityTokensOfRacfAreValid) {
  const json vectors = ReadVectors("idt-racf-body.json");
  Import(vectors["key_hex"], {"--format", "hex"});
  for (const auto& [algorithm, token] : TokensOf(vectors)) {
    const Words words = {"idt",   "validate", "--key", Handle(1),
                         "--alg", algorithm,  "--at",  "1736963700"};
    EXPECT_EQ(Json(words, token)["user"], "RACFU01");
    std::string changed = token;
    changed[token.rfind('.') + 1] ^= '\x01';
    EXPECT_EQ(Run(words, changed).status, 4);
  }
}

INSTANTIATE_TEST_SUITE_P(Contract, ImportTest, EachModule(), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
