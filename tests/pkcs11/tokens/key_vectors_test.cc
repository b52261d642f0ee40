// Keys of published test vectors, in a real token.

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/tokens/key.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/signer/vectors.h"

namespace sigtoken {
namespace {

using testing::FromHex;
using testing::ImportKey;
using testing::Must;
using testing::OpenSslMac;
using testing::ReadVectors;

std::vector<std::uint8_t> AsVector(const Mac& mac) {
  return {mac.bytes().begin(), mac.bytes().end()};
}

class KeyVectorsTest : public testing::TokenTest {
 protected:
  // A key under the next number.
  Key ImportNext(std::span<const std::uint8_t> value) {
    const ObjectId id{++imported_, 'T'};
    ImportKey(*token_, id, value);
    return FindKey(id.sequence);
  }

 private:
  std::uint32_t imported_ = 0;
};

TEST_F(KeyVectorsTest, SignsAsRfc4231Says) {
  std::size_t compared = 0;
  const auto vectors = ReadVectors("rfc4231.json");
  for (const auto& vector : vectors["tests"]) {
    SCOPED_TRACE(vector["test_case"].get<int>());
    const Key key =
        ImportNext(FromHex(vector["key_hex"].get<std::string_view>()));
    const auto data = FromHex(vector["data_hex"].get<std::string_view>());
    for (const MacAlgorithm& algorithm : MacAlgorithms()) {
      const auto mac =
          FromHex(vector[std::string(algorithm.name)].get<std::string_view>());
      // Test case 5 shows the first 128 bits only.
      auto made = AsVector(Must(key.Sign(algorithm, data)));
      ASSERT_GE(made.size(), mac.size());
      made.resize(mac.size());
      EXPECT_EQ(made, mac) << algorithm.name;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 21U);
}

struct WycheproofFile {
  std::string_view algorithm;
  std::string_view file;
  std::size_t whole;  // How many of its tags are of full length.
};

class WycheproofTest : public KeyVectorsTest,
                       public ::testing::WithParamInterface<WycheproofFile> {};

TEST_P(WycheproofTest, SignsAndVerifiesWithEveryVectorOfFullLength) {
  const MacAlgorithm& algorithm = *FindMacAlgorithm(GetParam().algorithm);
  const auto vectors = ReadVectors(GetParam().file);
  std::size_t whole = 0;
  for (const auto& group : vectors["testGroups"]) {
    const bool full =
        group["tagSize"].get<std::size_t>() / 8 == algorithm.mac_bytes;
    for (const auto& vector : group["tests"]) {
      SCOPED_TRACE(vector["tcId"].get<int>());
      const auto value = FromHex(vector["key"].get<std::string_view>());
      const auto data = FromHex(vector["msg"].get<std::string_view>());
      const auto tag = FromHex(vector["tag"].get<std::string_view>());
      const bool valid = vector["result"] == "valid";
      const Key key = ImportNext(value);
      // A tag that was cut is none, be it right as far as it goes.
      EXPECT_EQ(Must(key.Verify(algorithm, data, tag)), full && valid);
      const auto made = AsVector(Must(key.Sign(algorithm, data)));
      EXPECT_EQ(made, OpenSslMac(algorithm, value, data));
      if (!full) continue;
      EXPECT_EQ(made == tag, valid);
      ++whole;
    }
  }
  EXPECT_EQ(whole, GetParam().whole);
}

INSTANTIATE_TEST_SUITE_P(
    Hmac, WycheproofTest,
    ::testing::Values(
        WycheproofFile{"HS256", "wycheproof/hmac_sha256_test.json", 87},
        WycheproofFile{"HS384", "wycheproof/hmac_sha384_test.json", 87},
        WycheproofFile{"HS512", "wycheproof/hmac_sha512_test.json", 87}),
    [](const auto& test) { return std::string(test.param.algorithm); });

}  // namespace
}  // namespace sigtoken
