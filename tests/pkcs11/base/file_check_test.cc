#include "pkcs11/base/file_check.h"

#include <string>
#include <vector>

#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;

struct stat Found(::mode_t mode, ::uid_t owner) {
  struct stat found {};
  found.st_mode = mode;
  found.st_uid = owner;
  return found;
}

const ::uid_t kSelf = ::geteuid();
constexpr ::uid_t kStranger = 4'242;

TEST(FileCheckTest, QuotesALongPathWhole) {
  const std::string path = "/" + std::string(300, 'x') + "/\n";
  EXPECT_EQ(QuotedPath(path), "'/" + std::string(300, 'x') + "/\\x0A'");
}

TEST(FileCheckTest, TakesTheSlashOffADirectoryButNotOffTheRoot) {
  EXPECT_EQ(WithoutTrailingSlash("/a/b/"), "/a/b");
  EXPECT_EQ(WithoutTrailingSlash("/a/b"), "/a/b");
  EXPECT_EQ(WithoutTrailingSlash("/"), "/");
}

TEST(FileCheckTest, KnowsTheDirectoryOfAPath) {
  EXPECT_EQ(DirectoryOf("/a/b/"), "/a");
  EXPECT_EQ(DirectoryOf("name"), ".");
}

TEST(FileCheckTest, GivesTheSystemsTextForAnErrno) {
  const Error error = SystemError("open", "/x", ENOENT);
  EXPECT_EQ(error.message, "cannot open '/x': No such file or directory");
  EXPECT_EQ(ToIcsf(error), kNotAvailable);
}

TEST(FileCheckTest, TakesPrivateFilesAndDirectories) {
  EXPECT_THAT(CheckPrivateStat("/x", Found(S_IFREG | 0600, kSelf),
                               FileKind::kRegularFile),
              IsOk());
  EXPECT_THAT(CheckPrivateStat("/x", Found(S_IFREG | 0400, kSelf),
                               FileKind::kRegularFile),
              IsOk());
  EXPECT_THAT(CheckPrivateStat("/x", Found(S_IFDIR | 0700, kSelf),
                               FileKind::kDirectory),
              IsOk());
}

TEST(FileCheckTest, RefusesEachPermissionOfGroupAndOthers) {
  for (const ::mode_t bit : {0040U, 0020U, 0010U, 0004U, 0002U, 0001U}) {
    SCOPED_TRACE(bit);
    EXPECT_THAT(CheckPrivateStat("/x", Found(S_IFREG | 0600 | bit, kSelf),
                                 FileKind::kRegularFile),
                FailsWith(kNotAvailable));
  }
}

TEST(FileCheckTest, SaysTheModeInOctalAndTheCommandThatMendsIt) {
  const auto file = CheckPrivateStat("/a b", Found(S_IFREG | 0644, kSelf),
                                     FileKind::kRegularFile);
  EXPECT_EQ(MessageOf(file),
            "'/a b' has mode 0644: others than its owner may use it");
  EXPECT_EQ(CureOf(file), "run: chmod 600 '/a b'");
  EXPECT_EQ(CureOf(CheckPrivateStat("/d", Found(S_IFDIR | 0755, kSelf),
                                    FileKind::kDirectory)),
            "name a directory that is only for this, or, if this one is: "
            "chmod 700 '/d'");
}

TEST(FileCheckTest, RefusesAStrangersFileAndSaysWhose) {
  const auto refused = CheckPrivateStat("/x", Found(S_IFREG | 0600, kStranger),
                                        FileKind::kRegularFile);
  EXPECT_EQ(MessageOf(refused), "'/x' belongs to uid 4242, not to uid " +
                                    std::to_string(kSelf) + " that runs this");
  EXPECT_EQ(CureOf(refused),
            "run this as uid 4242, or name another place, of your own");
}

TEST(FileCheckTest, RefusesWhatIsOfAnotherKind) {
  for (const ::mode_t kind :
       std::vector<::mode_t>{S_IFLNK, S_IFIFO, S_IFCHR, S_IFSOCK}) {
    SCOPED_TRACE(kind);
    const auto found = Found(kind | 0600, kSelf);
    EXPECT_THAT(CheckKind("/x", found, FileKind::kRegularFile),
                FailsWith(kNotAvailable));
    EXPECT_THAT(CheckKind("/x", found, FileKind::kDirectory),
                FailsWith(kNotAvailable));
    EXPECT_THAT(CheckTrustedStat("/x", found), FailsWith(kNotAvailable));
    EXPECT_THAT(CheckCredentialStat("/x", found), FailsWith(kNotAvailable));
  }
  EXPECT_EQ(
      MessageOf(CheckKind("/x", Found(S_IFDIR, kSelf), FileKind::kRegularFile)),
      "'/x' is not a regular file");
  EXPECT_EQ(
      MessageOf(CheckKind("/x", Found(S_IFLNK, kSelf), FileKind::kDirectory)),
      "'/x' is a symbolic link");
}

TEST(FileCheckTest, TakesACredentialOfRootThatItsGroupMayRead) {
  EXPECT_THAT(CheckCredentialStat("/x", Found(S_IFREG | 0440, 0)), IsOk());
  EXPECT_THAT(CheckCredentialStat("/x", Found(S_IFREG | 0400, kSelf)), IsOk());
}

TEST(FileCheckTest, RefusesOtherCredentials) {
  for (const ::mode_t mode : {0444U, 0460U, 0450U, 0404U, 0402U}) {
    SCOPED_TRACE(mode);
    EXPECT_THAT(CheckCredentialStat("/x", Found(S_IFREG | mode, 0)),
                FailsWith(kNotAvailable));
  }
  EXPECT_THAT(CheckCredentialStat("/x", Found(S_IFREG | 0440, kStranger)),
              FailsWith(kNotAvailable));
}

TEST(FileCheckTest, RefusesATrustedFileThatOthersMayWrite) {
  for (const ::mode_t mode : {0664U, 0646U, 0666U}) {
    SCOPED_TRACE(mode);
    EXPECT_THAT(CheckTrustedStat("/x", Found(S_IFREG | mode, kSelf)),
                FailsWith(kNotAvailable));
  }
  const auto refused = CheckTrustedStat("/x", Found(S_IFREG | 0664, kSelf));
  EXPECT_EQ(MessageOf(refused),
            "'/x' has mode 0664: others than its owner may write to it");
  EXPECT_EQ(CureOf(refused), "run: chmod go-w '/x'");
}

TEST(FileCheckTest, RefusesATrustedFileOfAStranger) {
  EXPECT_EQ(CureOf(CheckTrustedStat("/x", Found(S_IFREG | 0600, kStranger))),
            "run this as uid 4242, or name another place, of your own");
}

}  // namespace
}  // namespace sigtoken
