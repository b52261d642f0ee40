#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/embedded_home.h"
#include "tests/program.h"

namespace sigtoken::testing {
namespace {

TEST(ConfigCheckTest, AHomeWithoutAFileIsGood) {
  const EmbeddedHome home;
  const Outcome outcome =
      Programs(home.path()).Sigtoken({"config", "check", "--json"});
  EXPECT_EQ(outcome.status, 0);
}

}  // namespace
}  // namespace sigtoken::testing
