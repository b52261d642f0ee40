// Contract: MACs are HMAC's, and wrong ones are not verified.

#include <string>
#include <vector>

#include "signer/jws/base64url.h"
#include "tests/modules/contract.h"

namespace sigtoken::testing {
namespace {

class MacsTest : public ContractTest {
 protected:
  static std::string Name(const MacAlgorithm& algorithm) {
    return std::string(algorithm.name);
  }
  // As base64url, with its first bit the other way round.
  static std::string Wrong(std::string mac) {
    mac[0] = mac[0] == 'A' ? 'B' : 'A';
    return mac;
  }
  // MACs of other lengths, what is there being right.
  static std::vector<std::string> OfOtherLengths(const std::string& mac) {
    const std::string bytes = *DecodeBase64Url(mac);
    std::vector<std::string> others = {""};
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{31}, bytes.size() - 1}) {
      others.push_back(Encoded(bytes.substr(0, size)));
    }
    others.push_back(Encoded(bytes + '\0'));
    others.push_back(Encoded(bytes + bytes));
    return others;
  }
  static std::string Encoded(const std::string& bytes) {
    return EncodeBase64Url(
        {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  }

  // 64 bytes, which all modules take for all algorithms.
  const std::vector<std::uint8_t> value_ = [] {
    std::vector<std::uint8_t> bytes;
    for (std::uint8_t i = 0; i < 64; ++i) bytes.push_back(i);
    return bytes;
  }();
};

TEST_P(MacsTest, AreThoseOfOpenSslForAnyData) {
  ImportValue(1, value_);
  for (const std::string& data :
       {std::string(), std::string(1, '\0'), std::string("data"),
        std::string(1 << 20, 'x')}) {
    for (const MacAlgorithm& algorithm : MacAlgorithms()) {
      SCOPED_TRACE(Name(algorithm) + " " + std::to_string(data.size()));
      const std::string mac = MacByOpenSsl(algorithm, value_, data);
      EXPECT_EQ(Sign(1, Name(algorithm), data), mac);
      EXPECT_EQ(Verify(1, Name(algorithm), mac, data), 0);
      EXPECT_EQ(Verify(1, Name(algorithm), mac, data + "x"), 4);
      EXPECT_EQ(Verify(1, Name(algorithm), Wrong(mac), data), 4);
    }
  }
}

TEST_P(MacsTest, OfTheWrongLengthAreNotVerified) {
  ImportValue(1, value_);
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    for (const std::string& mac :
         OfOtherLengths(MacByOpenSsl(algorithm, value_, "data"))) {
      EXPECT_EQ(Verify(1, Name(algorithm), mac, "data"), 4) << mac;
    }
  }
}

// C_Verify decides here: whatever a module calls a wrong MAC, it is one.
TEST_P(MacsTest, AKeyThatOnlyVerifiesTellsRightFromWrong) {
  ImportValue(1, value_, Use::kVerifyOnly);
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    SCOPED_TRACE(Name(algorithm));
    const std::string mac = MacByOpenSsl(algorithm, value_, "data");
    EXPECT_EQ(Verify(1, Name(algorithm), mac, "data"), 0);
    EXPECT_EQ(Verify(1, Name(algorithm), Wrong(mac), "data"), 4);
    EXPECT_EQ(Verify(1, Name(algorithm), mac, "datA"), 4);
    EXPECT_EQ(Verify(1, Name(algorithm), mac, ""), 4);
    for (const std::string& other : OfOtherLengths(mac)) {
      EXPECT_EQ(Verify(1, Name(algorithm), other, "data"), 4) << other;
    }
  }
  // Nothing that was tried on the way stays in the token.
  EXPECT_EQ(Keys().size(), 1U);
}

TEST_P(MacsTest, AKeyThatOnlyVerifiesDoesNotSign) {
  Generate({"--verify-only"});
  ExpectRefusal({"sign", "--key", Handle(1), "--alg", "HS256"},
                kKeyFunctionNotPermitted);
  EXPECT_EQ(Verify(1, "HS256", std::string(43, 'A'), "data"), 4);
}

TEST_P(MacsTest, OfAnotherKeyAreNotVerified) {
  Generate();
  Generate();
  const std::string mac = Sign(1, "HS512", "data");
  EXPECT_EQ(Verify(1, "HS512", mac, "data"), 0);
  EXPECT_EQ(Verify(2, "HS512", mac, "data"), 4);
}

INSTANTIATE_TEST_SUITE_P(Contract, MacsTest, EachModule(), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
