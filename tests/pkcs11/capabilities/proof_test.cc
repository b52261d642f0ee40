#include "pkcs11/capabilities/proof.h"

#include "tests/capabilities.h"

namespace sigtoken {
namespace {

using testing::Must;
using testing::OpenSslMac;

TEST(ProofTest, MacsAreComputedAsByOpenSsl) {
  for (const std::size_t bytes : {1U, 32U, 64U, 65U, 128U, 129U, 200U}) {
    const std::vector<std::uint8_t> key(bytes, 0xA7);
    for (const MacAlgorithm& algorithm : MacAlgorithms()) {
      for (const std::string_view data : {"", "data"}) {
        const auto mac = MacComputedHere(algorithm, key, BytesOf(data));
        if (algorithm.name == "HS384") {
          EXPECT_EQ(mac, std::nullopt);
        } else {
          EXPECT_EQ(mac, OpenSslMac(algorithm, key, BytesOf(data)));
        }
      }
    }
  }
}

class KeyProofTest : public testing::CapabilitiesTest {
 protected:
  std::optional<std::string> Why(const std::string& script) {
    return InScratch([&](Scratch& scratch) {
      const ScratchKey key = Must(scratch.MakeKey());
      fault_.Script(script);
      auto why = WhyUnfit(scratch, key.object, Hs256());
      fault_.Script("");
      return why;
    });
  }
};

TEST_F(KeyProofTest, AKeyIsFitOrNot) {
  EXPECT_EQ(Why(""), std::nullopt);
  EXPECT_EQ(Why("C_Verify 2 return CKR_DEVICE_ERROR"), std::nullopt);
  struct Row {
    std::string script;
    std::string why;
  };
  for (const Row& row : std::vector<Row>{
           {"C_Sign 1 return CKR_KEY_SIZE_RANGE",
            "C_Sign answered CKR_KEY_SIZE_RANGE"},
           {"C_Sign 2 return CKR_DEVICE_REMOVED",
            "C_Sign answered CKR_DEVICE_REMOVED"},
           {"C_Sign 2 corrupt", "it signs one text differently each time"},
           {"C_Verify 1 return CKR_DEVICE_ERROR",
            "C_Verify answered CKR_DEVICE_ERROR"},
           {"C_Verify 1 return CKR_SIGNATURE_INVALID",
            "C_Verify refuses its own MAC"},
           {"C_Verify 2 return CKR_OK", "C_Verify takes a MAC that is wrong"},
           {"C_Verify 2 return CKR_GENERAL_ERROR",
            "C_Verify answered CKR_GENERAL_ERROR"}}) {
    EXPECT_EQ(Why(row.script), row.why) << row.script;
  }
}

}  // namespace
}  // namespace sigtoken
