// One check of a module, or all of them, on a token behind a module that
// misbehaves on command.

#ifndef TESTS_CAPABILITIES_H_
#define TESTS_CAPABILITIES_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "keygen/key_recipe.h"
#include "pkcs11/capabilities/capabilities.h"
#include "pkcs11/capabilities/checks.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"

namespace sigtoken::testing {

// "limited: what was found -> what follows"
inline std::string TextOf(const Finding& finding) {
  return std::string(NameOf(finding.status)) + ": " + finding.detail + " -> " +
         finding.consequence;
}

class CapabilitiesTest : public FaultyTokenTest {
 protected:
  // `work(scratch)` with the token logged in to and under the host lock; what
  // it made is destroyed.
  template <typename Work>
  auto InScratch(const Work& work) {
    Must(token().LoginUntried());
    const auto held = Must(token().Change());
    Scratch scratch(token(), held, recipe_, known_);
    auto done = work(scratch);
    clean_ = scratch.CleanUp().has_value();
    return done;
  }

  // What one check finds, by a script that holds from its first call on;
  // "error: ..." where it finds nothing.
  std::string Run(Result<Finding> (*check)(Scratch&),
                  const std::string& script = "") {
    return InScratch([&](Scratch& scratch) {
      fault_.Script(script);
      const auto found = check(scratch);
      fault_.Script("");
      return found ? TextOf(*found) : "error: " + AnswerOf(found.error());
    });
  }

  struct ScriptRow {
    std::string script;
    std::string found;
  };
  // What one check finds by each script, with `known_` as it was before the
  // first; nothing is left of what it made.
  void Expect(Result<Finding> (*check)(Scratch&),
              const std::vector<ScriptRow>& rows) {
    const Known before = known_;
    for (const ScriptRow& row : rows) {
      SCOPED_TRACE(row.script);
      known_ = before;
      EXPECT_EQ(Run(check, row.script), row.found);
      EXPECT_TRUE(clean_);
      EXPECT_EQ(Objects(), 0U);
    }
  }

  // All checks.
  Result<Capabilities> TryAll() {
    SIGTOKEN_TRY(token().LoginUntried());
    return TryModule(token(), recipe_);
  }
  static std::string TextOfCheck(const Capabilities& all,
                                 std::string_view name) {
    for (const CheckResult& check : all.checks) {
      if (check.name == name) return TextOf(check.finding);
    }
    return "no such check";
  }

  // How many objects are in the token.
  std::size_t Objects() { return CountObjects(token()); }

  const KeyRecipe recipe_ = RecipeOfKeys();
  Known known_;
  bool clean_ = false;  // Whether the last scratch was cleaned up.
};

}  // namespace sigtoken::testing

#endif  // TESTS_CAPABILITIES_H_
