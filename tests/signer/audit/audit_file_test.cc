#include "signer/audit/audit_file.h"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "tests/forked.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"
#include "tests/signer/audit/audit_records.h"

namespace sigtoken {
namespace {

using Access = AuditFile::Access;
using testing::CureOf;
using testing::FailsWith;
using testing::InChild;
using testing::IsOk;
using testing::LinesOf;
using testing::MessageOf;
using Lines = std::vector<std::string>;

constexpr std::chrono::milliseconds kNotLong{20};

class AuditFileTest : public ::testing::Test {
 protected:
  Result<std::optional<AuditFile>> Open(Access access = Access::kAppend) const {
    return AuditFile::Open(path_, access, kNotLong);
  }
  void ExpectRefused(const std::string& message, const std::string& cure,
                     Access access = Access::kAppend) const {
    const auto refused = Open(access);
    EXPECT_THAT(refused, FailsWith(kNotAvailable));
    EXPECT_EQ(MessageOf(refused), message);
    EXPECT_EQ(CureOf(refused), cure);
  }
  std::string Quoted() const { return "'" + path_.string() + "'"; }

  const testing::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "audit.jsonl";
};

TEST_F(AuditFileTest, IsMadeForItsOwnerAlone) {
  ASSERT_THAT(Open(), IsOk());
  struct stat found {};
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode, mode_t{S_IFREG | 0600});
  EXPECT_EQ(found.st_size, 0);
}

TEST_F(AuditFileTest, OnlyWhoAppendsMakesIt) {
  for (const Access access : {Access::kRotate, Access::kRead}) {
    const auto file = Open(access);
    ASSERT_THAT(file, IsOk());
    EXPECT_FALSE(file->has_value());
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(AuditFileTest, AppendsBehindWhatIsThere) {
  folder_.Write("audit.jsonl", "one\n");
  auto file = Open();
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ((*file)->size(), 4);
  ASSERT_THAT((*file)->Append("two\n"), IsOk());
  EXPECT_EQ((*file)->size(), 8);
  EXPECT_EQ(LinesOf(path_), (Lines{"one\n", "two\n"}));
}

TEST_F(AuditFileTest, ATornLineIsCutOff) {
  const std::string long_line(10'000, 'x');
  for (const auto& [before, after] :
       std::vector<std::pair<std::string, std::string>>{
           {"", ""},
           {"\n", "\n"},
           {"one\n", "one\n"},
           {"one\ntw", "one\n"},
           {"one\n" + long_line, "one\n"},
           {long_line + "\n" + long_line, long_line + "\n"},
           {std::string(4095, 'x') + "\n" + std::string(4096, 'y'),
            std::string(4095, 'x') + "\n"},
           {"tw", ""},
           {long_line, ""}}) {
    folder_.Write("audit.jsonl", before);
    auto file = Open();
    ASSERT_THAT(file, IsOk());
    ASSERT_THAT((*file)->CutTornLine(), IsOk());
    EXPECT_EQ((*file)->size(), static_cast<std::int64_t>(after.size()));
    EXPECT_EQ(std::filesystem::file_size(path_), after.size());
    std::string rest;
    for (const std::string& line : LinesOf(path_)) rest += line;
    EXPECT_EQ(rest, after);
  }
}

TEST_F(AuditFileTest, KeepsAllOthersOut) {
  const auto held = Open();
  ASSERT_THAT(held, IsOk());
  for (const Access access :
       {Access::kAppend, Access::kRotate, Access::kRead}) {
    ExpectRefused(
        "the audit file " + Quoted() + " was locked for too long",
        "see which process holds it, it may be stopped: fuser -v " + Quoted(),
        access);
  }
}

TEST_F(AuditFileTest, ReadersShareIt) {
  folder_.Write("audit.jsonl", "one\n");
  const auto held = Open(Access::kRead);
  ASSERT_THAT(held, IsOk());
  EXPECT_THAT(Open(Access::kRead), IsOk());
  EXPECT_THAT(Open(), FailsWith(kNotAvailable));
}

// Another thread forks a server while a record is written.
TEST_F(AuditFileTest, AChildThatInheritsItDoesNotKeepTheLock) {
  auto held = std::make_unique<Result<std::optional<AuditFile>>>(Open());
  ASSERT_THAT(*held, IsOk());
  const pid_t child = testing::Fork([] {
    pause();
    return 0;
  });
  held.reset();
  EXPECT_THAT(Open(), IsOk());
  kill(child, SIGKILL);
  testing::Wait(child);
}

TEST_F(AuditFileTest, WhoWaitedForAFileThatWasRotatedGetsTheNewOne) {
  auto held = std::make_unique<Result<std::optional<AuditFile>>>(Open());
  ASSERT_THAT(*held, IsOk());
  const pid_t child = testing::Fork([&] {
    auto file = AuditFile::Open(path_, Access::kAppend);
    return file && (*file)->Append("new\n") ? 0 : 1;
  });
  usleep(100'000);  // Until the child waits.
  std::filesystem::rename(path_, folder_.path() / "old");
  folder_.Write("audit.jsonl", "other\n");
  held.reset();
  EXPECT_EQ(testing::Wait(child), 0);
  EXPECT_EQ(LinesOf(path_), (Lines{"other\n", "new\n"}));
  EXPECT_EQ(LinesOf(folder_.path() / "old"), Lines{});
}

TEST_F(AuditFileTest, RefusesAFileThatOthersMayUse) {
  for (const auto& [mode, text] : std::vector<std::pair<mode_t, std::string>>{
           {0640, "0640"}, {0602, "0602"}, {0604, "0604"}, {0610, "0610"}}) {
    folder_.Write("audit.jsonl", "", mode);
    ExpectRefused(
        Quoted() + " has mode " + text + ": others than its owner may use it",
        "run: chmod 600 " + Quoted());
  }
}

TEST_F(AuditFileTest, RefusesAFolderWhereAnybodyMayReplaceIt) {
  ASSERT_EQ(chmod(folder_.path().c_str(), 0777), 0);
  ExpectRefused("anybody may replace files in '" + folder_.path().string() +
                    "', which has mode 0777",
                "name another directory, or, if nobody else needs this one: "
                "chmod o-w '" +
                    folder_.path().string() + "'");
}

TEST_F(AuditFileTest, IsNotAFileOfSomethingElse) {
  for (const char* good : {"", "{", "{\"time\":\"", "{\"time\":\"2026"}) {
    folder_.Write("audit.jsonl", good);
    EXPECT_THAT((*Open())->CheckIsAuditFile(), IsOk()) << good;
  }
  for (const char* bad : {"1234", "\n", "SQLite format 3", "{\"tim3",
                          "[[token]]\n", " {\"time\":\""}) {
    folder_.Write("audit.jsonl", bad);
    const auto refused = (*Open())->CheckIsAuditFile();
    EXPECT_EQ(MessageOf(refused), Quoted() + " is a file of something else");
    EXPECT_EQ(CureOf(refused),
              "name a file that is new, or one of audit records");
    EXPECT_EQ(LinesOf(path_).size(), 1U);
  }
}

TEST_F(AuditFileTest, RefusesALink) {
  std::filesystem::create_symlink(folder_.Write("other", ""), path_);
  ExpectRefused(Quoted() + " is a symbolic link", "name a regular file itself");
  EXPECT_EQ(std::filesystem::file_size(folder_.path() / "other"), 0U);
}

TEST_F(AuditFileTest, RefusesAFifoWithoutWaiting) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  ExpectRefused(Quoted() + " is not a regular file",
                "name a regular file itself");
}

TEST_F(AuditFileTest, RefusesADirectory) {
  std::filesystem::create_directory(path_);
  const std::string cure = "check the path, and that uid " +
                           std::to_string(geteuid()) + " may use it";
  ExpectRefused("cannot open " + Quoted() + ": Is a directory", cure);
}

TEST_F(AuditFileTest, RefusesAFolderThatIsNotThere) {
  const auto refused =
      AuditFile::Open("/nonexistent/audit.jsonl", Access::kAppend);
  EXPECT_THAT(refused, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(refused),
            "cannot look at '/nonexistent': No such file or directory");
  EXPECT_EQ(CureOf(refused), "check the path, and that uid " +
                                 std::to_string(geteuid()) + " may use it");
}

// Status 0: as expected. SIGXFSZ, which is not ignored, would end the child.
TEST_F(AuditFileTest, WhatDoesNotFitLeavesNothingBehind) {
  folder_.Write("audit.jsonl", "one\n");
  EXPECT_EQ(InChild([&] {
              rlimit limit{10, RLIM_INFINITY};
              setrlimit(RLIMIT_FSIZE, &limit);
              auto file = Open();
              if (!file) return 1;
              const auto refused = (*file)->Append("too long for it\n");
              if (refused || (*file)->size() != 4) return 2;
              if (MessageOf(refused) != "cannot write an audit record to " +
                                            Quoted() + ": File too large") {
                return 3;
              }
              if (CureOf(refused) !=
                  "make room on its disk, or raise the limit on the size of "
                  "files") {
                return 4;
              }
              sigset_t pending;
              sigemptyset(&pending);
              sigpending(&pending);
              if (sigismember(&pending, SIGXFSZ) != 0) return 5;
              return (*file)->Append("two\n") ? 0 : 6;
            }),
            0);
  EXPECT_EQ(LinesOf(path_), (Lines{"one\n", "two\n"}));
}

TEST_F(AuditFileTest, ASignalThatTheHostHoldsBackStaysItsOwn) {
  EXPECT_EQ(InChild([&] {
              sigset_t held;
              sigemptyset(&held);
              sigaddset(&held, SIGXFSZ);
              sigprocmask(SIG_BLOCK, &held, nullptr);
              raise(SIGXFSZ);
              auto file = Open();
              if (!file || !(*file)->Append("one\n")) return 1;
              sigset_t pending;
              sigemptyset(&pending);
              sigpending(&pending);
              return sigismember(&pending, SIGXFSZ) == 1 ? 0 : 2;
            }),
            0);
}

}  // namespace
}  // namespace sigtoken
