// Contract: the MACs of published vectors, with imported keys.

#include "tests/signer/vectors.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/cryptoki/mac.h"
#include "signer/jws/base64url.h"
#include "tests/import_key.h"
#include "tests/modules/contract.h"

namespace sigtoken::testing {
namespace {

class VectorsTest : public ContractTest {
 protected:
  static std::vector<std::uint8_t> AsVector(const Mac& mac) {
    return {mac.bytes().begin(), mac.bytes().end()};
  }

  // A key that lives as long as `session`, padded with zeros as ImportKey()
  // does it: a token would fill with hundreds of keys.
  static CK_OBJECT_HANDLE SessionKey(Session& session,
                                     std::vector<std::uint8_t> value) {
    constexpr std::size_t kLeastBytes = 64;
    if (value.size() < kLeastBytes) value.resize(kLeastBytes);
    Attributes key = KeyToImport("", value);
    key.Remove(CKA_TOKEN);
    key.Flag(CKA_TOKEN, false);
    auto list = key.ForCall();
    CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
    EXPECT_EQ(session.functions().C_CreateObject(session.handle(), list.data(),
                                                 list.size(), &made),
              CKR_OK);
    return made;
  }
};

TEST_P(VectorsTest, Rfc4231) {
  int number = 0;
  const auto vectors = ReadVectors("rfc4231.json");
  for (const auto& vector : vectors["tests"]) {
    SCOPED_TRACE(vector["test_case"].get<int>());
    Json({"key", "import", "--token", kBound, "--format", "hex"},
         vector["key_hex"]);
    ++number;
    const auto data = FromHex(vector["data_hex"].get<std::string_view>());
    for (const MacAlgorithm& algorithm : MacAlgorithms()) {
      const std::string name(algorithm.name);
      const auto mac = FromHex(vector[name].get<std::string_view>());
      auto made = DecodeBase64Url(
          Sign(number, name, std::string(data.begin(), data.end())));
      ASSERT_TRUE(made.has_value());
      // Test case 5 shows the first 128 bits only.
      ASSERT_GE(made->size(), mac.size());
      made->resize(mac.size());
      EXPECT_EQ(*made, std::string(mac.begin(), mac.end())) << name;
    }
  }
  EXPECT_EQ(number, 7);
}

TEST_P(VectorsTest, Wycheproof) {
  struct File {
    const char* algorithm;
    const char* name;
  };
  for (const File& file : {File{"HS256", "wycheproof/hmac_sha256_test.json"},
                           File{"HS384", "wycheproof/hmac_sha384_test.json"},
                           File{"HS512", "wycheproof/hmac_sha512_test.json"}}) {
    SCOPED_TRACE(file.name);
    const MacAlgorithm& algorithm = *FindMacAlgorithm(file.algorithm);
    const auto vectors = ReadVectors(file.name);
    InToken([&](Token& token) {
      Must(token.Login());
      const auto held = Must(token.Change());
      Session owner = Must(token.OpenSession(held, Access::kReadWrite));
      for (const auto& group : vectors["testGroups"]) {
        const bool full =
            group["tagSize"].get<std::size_t>() / 8 == algorithm.mac_bytes;
        for (const auto& vector : group["tests"]) {
          SCOPED_TRACE(vector["tcId"].get<int>());
          const auto value = FromHex(vector["key"].get<std::string_view>());
          const auto data = FromHex(vector["msg"].get<std::string_view>());
          const auto tag = FromHex(vector["tag"].get<std::string_view>());
          const bool right = full && vector["result"] == "valid";
          const CK_OBJECT_HANDLE key = SessionKey(owner, value);
          Session session = Must(token.OpenSession(held, Access::kReadOnly));
          EXPECT_EQ(AsVector(Must(SignMac(session, key, algorithm, data))),
                    OpenSslMac(algorithm, value, data));
          const auto verified = VerifyMac(session, key, algorithm, data, tag);
          if (verified) {
            EXPECT_EQ(*verified, right);
          } else {
            EXPECT_EQ(verified.error().rv, traits().wrong_mac);
            EXPECT_FALSE(right);
          }
        }
      }
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Contract, VectorsTest, EachModule(), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
