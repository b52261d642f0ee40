#include "pkcs11/base/private_file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <vector>

#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::FileOfSomebodyElse;
using testing::IsOk;
using testing::MessageOf;
using testing::TemporaryFolder;

::mode_t ModeOf(const std::filesystem::path& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

std::span<const std::uint8_t> Bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string Text(const Secret& secret) {
  return {reinterpret_cast<const char*>(secret.data()), secret.size()};
}

std::size_t EntriesOf(const std::filesystem::path& folder) {
  const std::filesystem::directory_iterator all(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class PrivateFileTest : public ::testing::Test {
 protected:
  std::filesystem::path path(const std::string& name) const {
    return folder_.path() / name;
  }

  TemporaryFolder folder_;
};

TEST_F(PrivateFileTest, MakesADirectoryAndItsParentsForTheOwnerAlone) {
  ASSERT_THAT(MakePrivateDirectory(path("a/b/c")), IsOk());
  for (const char* made : {"a", "a/b", "a/b/c"}) {
    EXPECT_EQ(ModeOf(path(made)), ::mode_t{0700}) << made;
  }
}

TEST_F(PrivateFileTest, MakesADirectoryThatIsWrittenWithASlash) {
  ASSERT_THAT(MakePrivateDirectory(path("a/")), IsOk());
  EXPECT_THAT(MakePrivateDirectory(path("a/")), IsOk());
}

TEST_F(PrivateFileTest, LeavesTheModeOfParentsThatAreThere) {
  ASSERT_EQ(::mkdir(path("a").c_str(), 0700), 0);
  ASSERT_EQ(::chmod(path("a").c_str(), 0755), 0);
  ASSERT_THAT(MakePrivateDirectory(path("a/b")), IsOk());
  EXPECT_EQ(ModeOf(path("a")), ::mode_t{0755});
}

TEST_F(PrivateFileTest, RefusesADirectoryThatOthersMayUse) {
  ASSERT_EQ(::mkdir(path("a").c_str(), 0700), 0);
  ASSERT_EQ(::chmod(path("a").c_str(), 0755), 0);
  const auto refused = MakePrivateDirectory(path("a"));
  EXPECT_THAT(refused, FailsWith(kNotAvailable));
  EXPECT_EQ(CureOf(refused),
            "name a directory that is only for this, or, if this one is: "
            "chmod 700 '" +
                path("a").string() + "'");
}

TEST_F(PrivateFileTest, RefusesAFileInThePlaceOfADirectory) {
  const auto file = folder_.Write("a", "");
  EXPECT_EQ(MessageOf(MakePrivateDirectory(file)),
            "'" + file.string() + "' is not a directory");
  EXPECT_EQ(
      MessageOf(MakePrivateDirectory(file / "b")),
      "cannot make directory '" + (file / "b").string() + "': Not a directory");
}

// What it says before anything is made is what making it says.
TEST_F(PrivateFileTest, KnowsWithoutMakingItWhetherADirectoryCanBeMade) {
  folder_.Write("file", "");
  ASSERT_THAT(MakePrivateDirectory(path("wide")), IsOk());
  ASSERT_EQ(::chmod(path("wide").c_str(), 0750), 0);
  ASSERT_THAT(MakePrivateDirectory(path("real")), IsOk());
  std::filesystem::create_directory_symlink(path("real"), path("link"));
  std::filesystem::create_directory_symlink(path("none"), path("nowhere"));
  for (const char* name :
       {"file", "file/a", "file/a/b", "wide", "link", "nowhere", "nowhere/a"}) {
    const auto checked = CheckPrivateDirectory(path(name));
    EXPECT_THAT(checked, FailsWith(kNotAvailable)) << name;
    EXPECT_EQ(MessageOf(checked), MessageOf(MakePrivateDirectory(path(name))));
  }
  for (const char* name :
       {"real", "real/", "real/a", "link/a", "wide/a/b", "a", "a/b/c", "a/"}) {
    EXPECT_THAT(CheckPrivateDirectory(path(name)), IsOk()) << name;
  }
  EXPECT_FALSE(std::filesystem::exists(path("a")));
  EXPECT_TRUE(std::filesystem::is_empty(path("real")));
  for (const char* name :
       {"real", "real/", "real/a", "link/a", "wide/a/b", "a", "a/b/c", "a/"}) {
    EXPECT_THAT(MakePrivateDirectory(path(name)), IsOk()) << name;
  }
}

TEST_F(PrivateFileTest, RefusesALinkInThePlaceOfADirectory) {
  ASSERT_THAT(MakePrivateDirectory(path("a")), IsOk());
  std::filesystem::create_directory_symlink(path("a"), path("link"));
  for (const char* name : {"link", "link/"}) {
    EXPECT_EQ(MessageOf(CheckPrivate(path(name), FileKind::kDirectory)),
              "'" + path("link").string() + "' is a symbolic link");
  }
}

TEST_F(PrivateFileTest, SaysThatAFileIsNotThere) {
  EXPECT_EQ(
      MessageOf(CheckPrivate(path("a"), FileKind::kRegularFile)),
      "cannot look at '" + path("a").string() + "': No such file or directory");
}

TEST_F(PrivateFileTest, TakesOneNewlineOffASecret) {
  const std::array<std::array<const char*, 2>, 7> rows{{
      {"1234", "1234"},
      {"1234\n", "1234"},
      {"1234\r\n", "1234"},
      {"1234\n\n", "1234\n"},
      {"1234\r", "1234\r"},
      {" 12 34 ", " 12 34 "},
      {"\n", ""},
  }};
  for (const auto& [written, wanted] : rows) {
    SCOPED_TRACE(written);
    const auto secret = ReadSecretFile(folder_.Write("pin", written), 8);
    ASSERT_THAT(secret, IsOk());
    EXPECT_EQ(Text(*secret), wanted);
  }
}

TEST_F(PrivateFileTest, TakesASecretOfTheGreatestSizeWithItsNewline) {
  EXPECT_THAT(ReadSecretFile(folder_.Write("pin", "12345678\r\n"), 8), IsOk());
}

TEST_F(PrivateFileTest, RefusesALongerSecretWithoutShowingIt) {
  for (const char* text : {"123456789", "123456789\r\n", "12345678901234567"}) {
    SCOPED_TRACE(text);
    const auto file = folder_.Write("pin", text);
    EXPECT_EQ(MessageOf(ReadSecretFile(file, 8)),
              "the secret in '" + file.string() + "' has more than 8 bytes");
  }
}

TEST_F(PrivateFileTest, RefusesASecretThatOthersMayRead) {
  const auto file = folder_.Write("pin", "1234", 0640);
  const auto refused = ReadSecretFile(file, 8);
  EXPECT_THAT(refused, FailsWith(kNotAvailable));
  EXPECT_EQ(CureOf(refused), "run: chmod 600 '" + file.string() + "'");
}

TEST_F(PrivateFileTest, RefusesASecretOfSomebodyElse) {
  EXPECT_THAT(ReadSecretFile(FileOfSomebodyElse(folder_), 1'000'000),
              FailsWith(kNotAvailable));
}

TEST_F(PrivateFileTest, RefusesALinkToASecret) {
  std::filesystem::create_symlink(folder_.Write("pin", "1234"), path("link"));
  EXPECT_EQ(MessageOf(ReadSecretFile(path("link"), 8)),
            "'" + path("link").string() + "' is a symbolic link");
}

TEST_F(PrivateFileTest, DoesNotWaitForTheWriterOfAPipe) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  for (const auto& text : {MessageOf(ReadSecretFile(path("pipe"), 8)),
                           MessageOf(ReadTrustedFile(path("pipe"), 8))}) {
    EXPECT_EQ(text, "'" + path("pipe").string() + "' is not a regular file");
  }
}

TEST_F(PrivateFileTest, RefusesASecretInAFolderWhereAnybodyMayReplaceIt) {
  const auto file = folder_.Write("pin", "1234");
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
  const auto refused = ReadSecretFile(file, 8);
  EXPECT_EQ(MessageOf(refused), "anybody may replace files in '" +
                                    folder_.path().string() +
                                    "', which has mode 0777");
  EXPECT_EQ(CureOf(refused),
            "name another directory, or, if nobody else needs this one: "
            "chmod o-w '" +
                folder_.path().string() + "'");
}

TEST_F(PrivateFileTest, TakesASecretInAStickyFolder) {
  const auto file = folder_.Write("pin", "1234");
  ASSERT_EQ(::chmod(folder_.path().c_str(), 01777), 0);
  EXPECT_THAT(ReadSecretFile(file, 8), IsOk());
}

TEST_F(PrivateFileTest, ReadsACredential) {
  const auto secret =
      ReadCredentialFile(folder_.Write("pin", "1234\n", 0400), 8);
  ASSERT_THAT(secret, IsOk());
  EXPECT_EQ(Text(*secret), "1234");
}

TEST_F(PrivateFileTest, RefusesACredentialThatAllMayRead) {
  EXPECT_THAT(ReadCredentialFile(folder_.Write("pin", "1234", 0444), 8),
              FailsWith(kNotAvailable));
}

TEST_F(PrivateFileTest, ReadsAPipeOnceAndAFileAgainAndAgain) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  ASSERT_EQ(::write(pipe[1], "1234\n", 5), 5);
  ::close(pipe[1]);
  EXPECT_EQ(Text(*ReadSecretDescriptor(pipe[0], 8)), "1234");
  EXPECT_EQ(Text(*ReadSecretDescriptor(pipe[0], 8)), "");
  ::close(pipe[0]);

  const int file = ::open(folder_.Write("pin", "1234").c_str(), O_RDONLY);
  EXPECT_EQ(Text(*ReadSecretDescriptor(file, 8)), "1234");
  EXPECT_EQ(Text(*ReadSecretDescriptor(file, 8)), "1234");
  ::close(file);
}

TEST_F(PrivateFileTest, SaysThatADescriptorIsNotOpen) {
  EXPECT_EQ(MessageOf(ReadSecretDescriptor(987'654, 8)),
            "cannot read 'fd:987654': Bad file descriptor");
}

TEST_F(PrivateFileTest, ReplacesAFileByOneForTheOwnerAlone) {
  const auto file = folder_.Write("a", "old and longer", 0644);
  for (const auto durability : {Durability::kSynced, Durability::kUnsynced}) {
    ASSERT_THAT(WriteFileAtomically(file, Bytes("new"), durability), IsOk());
    EXPECT_EQ(*ReadWholeFile(file, 100), "new");
    EXPECT_EQ(ModeOf(file), ::mode_t{0600});
    EXPECT_EQ(EntriesOf(folder_.path()), 1U);
  }
}

TEST_F(PrivateFileTest, LeavesNothingBehindWhereItCannotReplace) {
  ASSERT_THAT(MakePrivateDirectory(path("a/b")), IsOk());
  const auto failed =
      WriteFileAtomically(path("a"), Bytes("new"), Durability::kSynced);
  EXPECT_EQ(MessageOf(failed),
            "cannot replace '" + path("a").string() + "': Is a directory");
  EXPECT_EQ(EntriesOf(folder_.path()), 1U);
}

TEST_F(PrivateFileTest, SaysThatTheFolderIsNotThere) {
  EXPECT_EQ(MessageOf(WriteFileAtomically(path("a/b"), Bytes("new"),
                                          Durability::kSynced)),
            "cannot make a file beside '" + path("a/b").string() +
                "': No such file or directory");
}

// In a child, for a limit on the size of files holds for the whole process.
TEST_F(PrivateFileTest, KeepsTheOldFileWhenTheNewOneDoesNotFit) {
  const auto file = folder_.Write("a", "old");
  const auto write_too_much = [&] {
    static_cast<void>(::signal(SIGXFSZ, SIG_IGN));
    const ::rlimit limit{1, 1};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto failed =
        WriteFileAtomically(file, Bytes("new one"), Durability::kSynced);
    ::_exit(MessageOf(failed) ==
                    "cannot write '" + file.string() + "': File too large"
                ? 0
                : 1);
  };
  EXPECT_EXIT(write_too_much(), ::testing::ExitedWithCode(0), "");
  EXPECT_EQ(*ReadWholeFile(file, 100), "old");
  EXPECT_EQ(EntriesOf(folder_.path()), 1U);
}

TEST_F(PrivateFileTest, ReadsAWholeFileOfAnySize) {
  for (const std::size_t size : {0U, 1U, 65'535U, 65'536U, 65'537U, 200'000U}) {
    const std::string text(size, 'x');
    const auto read = ReadWholeFile(folder_.Write("a", text), 200'000);
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(*read, text);
  }
}

TEST_F(PrivateFileTest, RefusesALargerFile) {
  for (const std::size_t most : {0U, 9U, 65'535U, 65'536U}) {
    const auto file = folder_.Write("a", std::string(most + 1, 'x'));
    const auto refused = ReadWholeFile(file, most);
    EXPECT_THAT(refused, FailsWith(kParameterInvalid));
    EXPECT_EQ(MessageOf(refused), "'" + file.string() + "' has more than " +
                                      std::to_string(most) + " bytes");
  }
}

TEST_F(PrivateFileTest, SaysWhyAFileCannotBeRead) {
  EXPECT_EQ(
      MessageOf(ReadWholeFile(path("a"), 10)),
      "cannot open '" + path("a").string() + "': No such file or directory");
  EXPECT_EQ(MessageOf(ReadWholeFile(folder_.path(), 10)),
            "cannot read '" + folder_.path().string() + "': Is a directory");
}

TEST_F(PrivateFileTest, TrustsAFileThatOthersMayOnlyRead) {
  const auto file = folder_.Write("a", "text", 0644);
  EXPECT_THAT(CheckNotWritableByOthers(file), IsOk());
  EXPECT_EQ(*ReadTrustedFile(file, 10), "text");
}

TEST_F(PrivateFileTest, TrustsALinkToSuchAFile) {
  std::filesystem::create_symlink(folder_.Write("a", "text"), path("link"));
  EXPECT_THAT(CheckNotWritableByOthers(path("link")), IsOk());
}

TEST_F(PrivateFileTest, DoesNotTrustAFileThatOthersMayWrite) {
  for (const ::mode_t mode : {0620U, 0602U, 0777U}) {
    const auto file = folder_.Write("a", "text", mode);
    EXPECT_THAT(CheckNotWritableByOthers(file), FailsWith(kNotAvailable));
    EXPECT_THAT(ReadTrustedFile(file, 10), FailsWith(kNotAvailable));
  }
}

TEST_F(PrivateFileTest, DoesNotTrustTheFolderOfALinksTarget) {
  ASSERT_EQ(::mkdir(path("open").c_str(), 0700), 0);
  const auto file = folder_.Write("open/a", "text");
  std::filesystem::create_symlink(file, path("link"));
  ASSERT_EQ(::chmod(path("open").c_str(), 0777), 0);
  EXPECT_EQ(CureOf(CheckNotWritableByOthers(path("link"))),
            "name another directory, or, if nobody else needs this one: "
            "chmod o-w '" +
                path("open").string() + "'");
}

TEST_F(PrivateFileTest, DoesNotTrustWhatIsNotThere) {
  EXPECT_THAT(CheckNotWritableByOthers(path("a")), FailsWith(kNotAvailable));
  EXPECT_THAT(CheckNotWritableByOthers(folder_.path()),
              FailsWith(kNotAvailable));
}

}  // namespace
}  // namespace sigtoken
