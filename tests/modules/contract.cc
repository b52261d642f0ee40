#include "tests/modules/contract.h"

#include "signer/jws/base64url.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"

namespace sigtoken::testing {

nlohmann::json ContractTest::Json(Words words, const std::string& input) const {
  words.insert(words.begin(), "--json");
  const Outcome outcome = Run(words, input);
  EXPECT_EQ(outcome.status, 0)
      << ::testing::PrintToString(words) << outcome.err;
  return outcome.json();
}

void ContractTest::ExpectRefusal(Words words, IcsfCode code,
                                 const std::string& input) const {
  SCOPED_TRACE(::testing::PrintToString(words));
  words.insert(words.begin(), "--json");
  const Outcome outcome = Run(words, input);
  EXPECT_EQ(outcome.status, code.return_code) << outcome.out << outcome.err;
  const auto document = outcome.json();
  ASSERT_TRUE(document.contains("error")) << document;
  EXPECT_EQ(document["error"]["icsf"]["return_code"], code.return_code)
      << document;
  EXPECT_EQ(document["error"]["icsf"]["reason_code"], code.reason_code)
      << document;
}

nlohmann::json ContractTest::Generate(const Words& more) const {
  Words words = {"key", "generate", "--token", kBound};
  words.insert(words.end(), more.begin(), more.end());
  return Json(words);
}

nlohmann::json ContractTest::Keys() const {
  return Json({"key", "list"})["keys"];
}

nlohmann::json ContractTest::KeyNumber(int number) const {
  return Json({"key", "show", Handle(number)})["keys"][0];
}

std::string ContractTest::Handle(int number, char category) {
  return std::string(kBound) + ":" + std::to_string(number) + category;
}

std::string ContractTest::Sign(int number, const std::string& algorithm,
                               const std::string& data) const {
  return Json({"sign", "--key", Handle(number), "--alg", algorithm},
              data)["mac"];
}

int ContractTest::Verify(int number, const std::string& algorithm,
                         const std::string& mac,
                         const std::string& data) const {
  const Outcome outcome = Run({"--json", "verify", "--key", Handle(number),
                               "--alg", algorithm, "--mac=" + mac},
                              data);
  EXPECT_EQ(outcome.json(),
            (nlohmann::json{{"verified", outcome.status == 0}}));
  return outcome.status;
}

void ContractTest::InToken(const std::function<void(Token&)>& work) const {
  EXPECT_TRUE(RunForked([&] {
    const auto directory = Must(Directory::Open(module_->configuration()));
    work(*Must(directory->FindToken(Name(kBound))));
  }));
}

void ContractTest::ImportValue(std::uint32_t number,
                               std::span<const std::uint8_t> value,
                               Use use) const {
  InToken([&](Token& token) {
    Attributes key = KeyToImport(
        sigtoken::Handle(token.name(), {number, 'T'}).FormatShort(), value);
    key.Remove(CKA_SIGN);
    key.Flag(CKA_SIGN, use == Use::kSignAndVerify);
    Import(token, key);
  });
}

std::string MacByOpenSsl(const MacAlgorithm& algorithm,
                         std::span<const std::uint8_t> key,
                         const std::string& data) {
  return EncodeBase64Url(OpenSslMac(algorithm, key, Bytes(data)));
}

}  // namespace sigtoken::testing
