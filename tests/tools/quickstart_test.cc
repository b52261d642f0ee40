// The quick start, without the build that it begins with.

#include <string>

#include "tests/tools/command_line.h"
#include "tests/tools/shell.h"

namespace sigtoken::testing {
namespace {

// A copy whose tree has programs already, and whose build does nothing. Folders
// are numbered by mktemp, so the test looks at the copy's own TMPDIR.
constexpr const char* kCopy = R"(
  mkdir -p tree/tools tree/build/release/bin tree/bin tree/temporary
  cp "$SOURCE/tools/quickstart.sh" tree/tools/
  for stub in tools/install-deps.sh bin/cmake; do
    printf '#!/bin/sh\n' >tree/$stub; chmod +x tree/$stub
  done
  ln -s "$ZWESECKG" tree/build/release/bin/zweseckg
  export TMPDIR=$PWD/tree/temporary PATH=$PWD/tree/bin:$PATH
)";

class QuickstartTest : public CommandLineTest {
 protected:
  // `program` makes tree/build/release/bin/sigtoken.
  Outcome Start(const std::string& program) const {
    return RunShell(home_, "SOURCE='" SIGTOKEN_SOURCE_DIR "'\n" +
                               std::string(kCopy) + program +
                               "\ntree/tools/quickstart.sh");
  }
};

TEST_F(QuickstartTest, EndsWithATokenThatWasCheckedAndRefused) {
  const Outcome outcome =
      Start("ln -s \"$SIGTOKEN\" tree/build/release/bin/sigtoken");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, ::testing::HasSubstr("valid 0/0/0 user USER01\n"));
}

TEST_F(QuickstartTest, AStepThatFailsEndsItAndTheHomeIsNamed) {
  const Outcome outcome = Start(R"(
    cat >tree/build/release/bin/sigtoken <<'END'
#!/bin/sh
[ "$1 $2" != 'idt generate' ] || exit 12
exec "$SIGTOKEN" "$@"
END
    chmod +x tree/build/release/bin/sigtoken)");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "quickstart: exit status 12, not 0\n");
  EXPECT_THAT(outcome.out, ::testing::HasSubstr(
                               "SIGTOKEN_HOME is " + folder_.path().string() +
                               "/tree/temporary/sigtoken-quickstart-"));
  EXPECT_THAT(outcome.out, ::testing::Not(::testing::HasSubstr("idt inspect")));
}

}  // namespace
}  // namespace sigtoken::testing
