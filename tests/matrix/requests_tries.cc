#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "keygen/key_recipe.h"
#include "pkcs11/capabilities/capabilities.h"
#include "pkcs11/capabilities/known.h"
#include "tests/embedded_home.h"
#include "tests/matrix/requests.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

// `sigtoken hsm test`: where the token is of no use to sigtoken, that is the
// answer, with status 4.
Status TestHsm(World& world) {
  SIGTOKEN_TRY(world.TryOpen());
  SIGTOKEN_ASSIGN(const auto token,
                  world.directory().FindToken(Name(World::kName)));
  SIGTOKEN_TRY(token->LoginUntried());
  TryOptions options;
  options.measured = std::chrono::milliseconds{1};
  SIGTOKEN_ASSIGN(const Capabilities found,
                  TryModule(*token, RecipeOfKeys(), options));
  EXPECT_EQ(found.checks.size(), CheckNames().size());
  if (found.ok) return Ok();
  return Refusal(kTokenOfNoUse, CKR_FUNCTION_FAILED, found.verdict, "");
}

// What a run has left in the token, the next one removes.
void Sweep(World& world) {
  world.Open();
  EXPECT_THAT(world.token().LoginUntried(), IsOk());
  const auto held = Must(world.token().Change());
  const KeyRecipe recipe = RecipeOfKeys();
  Known known;
  Scratch scratch(world.token(), held, recipe, known);
  EXPECT_TRUE(scratch.Sweep());
}

}  // namespace

Request HsmTestRequest() {
  return {"hsm test", RequestKind::kTries, [](World& world) { world.Close(); },
          TestHsm, [](World& world, bool /*done*/) { Sweep(world); }};
}

}  // namespace sigtoken::testing
