#include "keygen/key_recipe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "keygen/generate.h"
#include "pkcs11/cryptoki/objects.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"

namespace sigtoken {
namespace {

using testing::Must;

class KeyRecipeTest : public testing::TokenTest {};

// By what the token says of a key that was made.
TEST_F(KeyRecipeTest, IsHowAKeyIsMade) {
  const FoundKey made = Generate();
  const KeyRecipe recipe = RecipeOfKeys();
  const auto asked = recipe.attributes.ForCall();
  EXPECT_EQ(asked.size(), 15U);
  testing::Change(*token_, [&](Session& session) {
    for (const CK_ATTRIBUTE& each : asked) {
      EXPECT_NE(each.type, CKA_ID);
      EXPECT_NE(each.type, CKA_LABEL);
      EXPECT_NE(each.type, CKA_VALUE_LEN);
      const auto* const bytes = static_cast<const std::uint8_t*>(each.pValue);
      auto wanted = std::vector(bytes, bytes + each.ulValueLen);
      auto kept = Must(ReadBytes(session, made.object, each.type));
      if (each.type == CKA_ALLOWED_MECHANISMS) {
        // A set: SoftHSM2 gives it in another order.
        std::sort(wanted.begin(), wanted.end());
        std::sort(kept.begin(), kept.end());
      }
      EXPECT_EQ(kept, wanted) << each.type;
    }
    return 0;
  });
}

TEST_F(KeyRecipeTest, ProtectionsAreGivenUpInTheOrderOfKeyGenerate) {
  const KeyRecipe recipe = RecipeOfKeys();
  ASSERT_EQ(recipe.optional.size(), 2U);
  EXPECT_EQ(recipe.optional[0].type, CKA_ALLOWED_MECHANISMS);
  EXPECT_EQ(recipe.optional[0].name, "CKA_ALLOWED_MECHANISMS");
  EXPECT_EQ(recipe.optional[1].type, CKA_MODIFIABLE);
  EXPECT_EQ(recipe.optional[1].name, "CKA_MODIFIABLE");
  Attributes attributes = recipe.attributes;
  EXPECT_TRUE(attributes.Remove(CKA_ALLOWED_MECHANISMS));
  EXPECT_TRUE(attributes.Remove(CKA_MODIFIABLE));
}

}  // namespace
}  // namespace sigtoken
