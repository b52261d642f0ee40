#include "pkcs11/tokens/key_size.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/import_key.h"

namespace sigtoken {
namespace {

using testing::Must;

class KeySizeTest : public testing::TokenTest {
 protected:
  Error Explain(std::string_view algorithm, std::size_t bytes) {
    Must(token_->Login());
    const auto held = Must(token_->Change());
    return KeyTooShort(*token_, held,
                       Error{CKR_KEY_SIZE_RANGE, "C_SignInit", "", "", {}},
                       *FindMacAlgorithm(algorithm), bytes);
  }
};

TEST_F(KeySizeTest, NamesTheSizeThatTheModuleNeeds) {
  struct Row {
    std::string algorithm;
    std::size_t bytes;
    std::string size;
    std::string least;
  };
  for (const Row& row :
       {Row{"HS256", 16, "16 bytes", "32"}, Row{"HS384", 47, "47 bytes", "48"},
        Row{"HS512", 32, "32 bytes", "64"},
        Row{"HS512", 0, "this size", "64"}}) {
    const Error error = Explain(row.algorithm, row.bytes);
    EXPECT_EQ(error.rv, CKR_KEY_SIZE_RANGE);
    EXPECT_EQ(error.call, "C_SignInit");
    EXPECT_EQ(ToIcsf(error), kKeyFunctionNotPermitted);
    EXPECT_EQ(error.message, "the module does not use a key of " + row.size +
                                 " for " + row.algorithm);
    EXPECT_EQ(error.cure, "this module needs " + row.least +
                              " bytes or more for " + row.algorithm +
                              ", ICSF has no such limit: generate a key with "
                              "--alg " +
                              row.algorithm);
  }
}

TEST_F(KeySizeTest, LeavesNothingInTheToken) {
  Explain("HS512", 32);
  EXPECT_EQ(testing::CountObjects(*token_), 0U);
}

// Nobody is logged in, so nothing can be tried.
TEST_F(KeySizeTest, WhereNothingCanBeTriedNoSizeIsNamed) {
  const auto held = Must(token_->Change());
  const Error error = KeyTooShort(
      *token_, held, Error{CKR_KEY_SIZE_RANGE, "C_SignInit", "", "", {}},
      Hs256(), 16);
  EXPECT_EQ(error.cure,
            "this module takes none of the usual sizes up to 64 bytes for "
            "HS256, ICSF has no such limit: generate a key with --alg HS256");
}

TEST_F(KeySizeTest, TheLeastSizeIsFoundByTrying) {
  Must(token_->Login());
  const auto held = Must(token_->Change());
  std::vector<std::optional<std::size_t>> least;
  for (const MacAlgorithm& algorithm : HmacAlgorithms()) {
    least.push_back(LeastKeyBytes(*token_, held, algorithm));
  }
  EXPECT_EQ(least, (std::vector<std::optional<std::size_t>>{
                       16, 20, 28, 32, 48, 64, std::nullopt, std::nullopt}));
}

}  // namespace
}  // namespace sigtoken
