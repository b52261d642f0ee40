// Programs in C, as others write them.

#include <bit>
#include <string>

#include "tests/pkcs11/temporary_folder.h"
#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

class CProgramsTest : public CommandLineTest {
 protected:
  Outcome RunC(const std::string& name, const Words& arguments = {}) const {
    return programs_.Run(SIGTOKEN_C_PROGRAMS "/" + name, arguments);
  }
};

// What the sample job prints on z/OS, but for the order of bytes.
constexpr const char* kAttributes =
    "\nAttribute struct:\n"
    " 04 00 00 00 00 00 04 00\n"
    " 04 00 00 00 00 01 00 00\n"
    " 04 00 10 00 00 00 01 00\n"
    " 00 00 01 00 01 61 01 00\n"
    " 00 04 00 20 00 00 00\n"
    "\nHandle:\n\n";

TEST_F(CProgramsTest, TheSampleJobMakesAKeyThatSigns) {
  static_assert(std::endian::native == std::endian::little);
  WithToken();
  const Outcome outcome = RunC("zweseckg_job");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out, std::string(kAttributes) + kKeyHandle + "\n");
  const auto key = Json({"key", "show", kKey})["keys"].at(0);
  EXPECT_EQ(key["handle"], kKeyHandle);
  EXPECT_EQ(key["bytes"], 32);
  EXPECT_THAT(Text({"key", "list"}), ::testing::HasSubstr(kKeyHandle));
  EXPECT_EQ(Run({"sign", "--key", kKey, "--alg", "HS256"}, "text").status, 0);
}

TEST_F(CProgramsTest, TheSampleJobPrintsItsCodes) {
  const Outcome outcome = RunC("zweseckg_job");
  EXPECT_EQ(outcome.status, 8);
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, ::testing::StartsWith("\nKey Generate failed:\n"
                                                 " Return Code = 0008\n"
                                                 " Reason Code = 3024\n"));
}

TEST_F(CProgramsTest, AMessageIsOneLineForWhoAsksForIt) {
  programs_.SetEnvironment("SIGTOKEN_CSF_MESSAGES", "1");
  const Outcome outcome = RunC("zweseckg_job");
  EXPECT_EQ(outcome.status, 8);
  EXPECT_THAT(outcome.err,
              ::testing::StartsWith("CSFPGSK: there is no token "
                                    "IDTTKN.JWT.SECRET (ICSF 8/3024, X'BD0')"));
  EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1);
  programs_.SetEnvironment("SIGTOKEN_CSF_MESSAGES", "0");
  EXPECT_EQ(RunC("zweseckg_job").err, "");
}

TEST_F(CProgramsTest, ZowesClientFindsWhatItMakes) {
  const Outcome outcome = RunC("zowe_walk");
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, ::testing::EndsWith("\ndone\n"));
  // Nothing is left: a second run is a first one.
  EXPECT_EQ(RunC("zowe_walk").status, 0);
}

TEST_F(CProgramsTest, OneProgramMayUseBothHeaders) {
  EXPECT_EQ(RunC("two_headers").status, 0);
}

TEST_F(CProgramsTest, ProgramsEndWithTheirOwnStatus) {
  for (const char* way :
       {"return", "thread", "child", "idle child", "parent"}) {
    const TemporaryFolder folder;
    const Outcome outcome = Programs(folder.path() / "home")
                                .Run(SIGTOKEN_C_PROGRAMS "/endings", {way});
    EXPECT_EQ(outcome.status, 7) << way << ": " << outcome.err;
    EXPECT_EQ(outcome.err, "") << way;
  }
}

TEST_F(CProgramsTest, TenThousandChainsThatNobodyEndsAreNoLeak) {
  const Outcome outcome = RunC("unfinished");
  EXPECT_EQ(outcome.status, 7) << outcome.err;
  EXPECT_EQ(outcome.err, "");
}

TEST_F(CProgramsTest, TheLibraryStaysWhereItIsClosed) {
  const Outcome outcome = RunC("loader", {SIGTOKEN_CSF_LIBRARY});
  EXPECT_EQ(outcome.status, 7) << outcome.err;
  EXPECT_EQ(outcome.err, "");
}

}  // namespace
}  // namespace sigtoken::testing
