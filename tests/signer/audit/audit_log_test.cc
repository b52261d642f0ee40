#include "signer/audit/audit_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <map>
#include <thread>

#include "tests/forked.h"
#include "tests/mount_namespace.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"
#include "tests/signer/audit/audit_records.h"

namespace sigtoken {
namespace {

namespace fs = std::filesystem;
using testing::FailsWith;
using testing::InChild;
using testing::IsOk;
using testing::LinesOf;
using testing::MessageOf;
using testing::NumberedRecord;
using Lines = std::vector<std::string>;

std::string Line(const std::string& number) {
  return ToJsonLine(NumberedRecord(number)) + "\n";
}

class AuditLogTest : public ::testing::Test {
 protected:
  AuditSettings Settings(std::int64_t max_bytes = 1'000'000,
                         int keep = 3) const {
    return {path_, max_bytes, keep, AuditFailure::kRefuse};
  }
  fs::path Rotated(int number) const {
    return path_.string() + "." + std::to_string(number);
  }
  void Write(AuditLog& log, const std::string& number) {
    ASSERT_THAT(log.Write(NumberedRecord(number)), IsOk());
  }
  // The names of the files in the folder and what is in them.
  std::map<std::string, Lines> Contents() const {
    std::map<std::string, Lines> contents;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      contents[entry.path().filename()] = LinesOf(entry.path());
    }
    return contents;
  }
  using Folder = std::map<std::string, Lines>;

  const testing::TemporaryFolder folder_;
  const fs::path path_ = folder_.path() / "a";
};

TEST_F(AuditLogTest, WritesALineForEachRecord) {
  AuditLog log(Settings());
  Write(log, "1");
  Write(log, "2");
  EXPECT_EQ(Contents(), (Folder{{"a", {Line("1"), Line("2")}}}));
}

TEST_F(AuditLogTest, TakesAwayWhatAWriterLeftThatDied) {
  folder_.Write("a", Line("1") + Line("2").substr(0, 100));
  AuditLog log(Settings());
  Write(log, "3");
  EXPECT_EQ(Contents(), (Folder{{"a", {Line("1"), Line("3")}}}));
}

TEST_F(AuditLogTest, AnotherFileStaysAsItIs) {
  folder_.Write("a", "1234");
  AuditLog log(Settings());
  EXPECT_THAT(log.Write(NumberedRecord("1")), FailsWith(kNotAvailable));
  EXPECT_THAT(log.Rotate(), FailsWith(kNotAvailable));
  EXPECT_EQ(Contents(), (Folder{{"a", {"1234"}}}));
}

TEST_F(AuditLogTest, WhatIsNoFileIsNotRotated) {
  AuditLog log(Settings());
  Write(log, "1");
  fs::create_directory(Rotated(1));
  const auto refused = log.Rotate();
  EXPECT_EQ(MessageOf(refused),
            "'" + Rotated(1).string() + "' is not a regular file");
  EXPECT_EQ(LinesOf(path_), (Lines{Line("1")}));
  EXPECT_FALSE(fs::exists(Rotated(2)));
}

TEST_F(AuditLogTest, AFileThatWouldOutgrowItsSizeRotates) {
  const auto two_lines = static_cast<std::int64_t>(2 * Line("1").size());
  AuditLog log(Settings(two_lines));
  for (const char* number : {"1", "2", "3"}) Write(log, number);
  EXPECT_EQ(Contents(),
            (Folder{{"a", {Line("3")}}, {"a.1", {Line("1"), Line("2")}}}));
}

TEST_F(AuditLogTest, ARecordLargerThanAFileMayBeIsWrittenAllTheSame) {
  AuditLog log(Settings(1));
  Write(log, "1");
  Write(log, "2");
  EXPECT_EQ(Contents(), (Folder{{"a", {Line("2")}}, {"a.1", {Line("1")}}}));
}

TEST_F(AuditLogTest, KeepsAsManyFilesAsItIsTold) {
  AuditLog log(Settings(1, 2));
  for (const char* number : {"1", "2", "3", "4", "5"}) Write(log, number);
  EXPECT_EQ(
      Contents(),
      (Folder{{"a", {Line("5")}}, {"a.1", {Line("4")}}, {"a.2", {Line("3")}}}));
}

// Each is what a process leaves that is killed between two renames.
TEST_F(AuditLogTest, AnInterruptedRotationLosesNothing) {
  for (const auto& there :
       std::vector<std::vector<int>>{{1, 2}, {1, 3}, {2, 3}, {2}, {3}, {}}) {
    for (const int number : {1, 2, 3}) fs::remove(Rotated(number));
    Lines lines;
    for (auto number = there.rbegin(); number != there.rend(); ++number) {
      lines.push_back("rotated " + std::to_string(*number) + "\n");
      folder_.Write(Rotated(*number).filename(), lines.back());
    }
    folder_.Write("a", Line("1"));
    AuditLog log(Settings(1, 3));
    Write(log, "2");
    lines.insert(lines.end(), {Line("1"), Line("2")});
    Lines found;
    for (const fs::path& file : log.Files()) {
      for (const std::string& line : LinesOf(file)) found.push_back(line);
    }
    EXPECT_EQ(found, lines);
  }
}

TEST_F(AuditLogTest, ListsItsFilesTheOldestFirst) {
  AuditLog log(Settings());
  EXPECT_EQ(log.Files(), std::vector<fs::path>{});
  for (const char* name : {"a.1", "a.10", "a.2", "a", "a.x", "a.0", "b"}) {
    folder_.Write(name, "");
  }
  EXPECT_EQ(log.Files(), (std::vector<fs::path>{Rotated(10), Rotated(2),
                                                Rotated(1), path_}));
}

TEST_F(AuditLogTest, RotatesAtOnce) {
  AuditLog log(Settings());
  Write(log, "1");
  ASSERT_THAT(log.Rotate(), IsOk());
  EXPECT_EQ(Contents(), (Folder{{"a.1", {Line("1")}}}));
}

TEST_F(AuditLogTest, RotatesNothingWhereNothingIsRecorded) {
  AuditLog log(Settings());
  EXPECT_THAT(log.Rotate(), IsOk());
  folder_.Write("a", "");
  EXPECT_THAT(log.Rotate(), IsOk());
  folder_.Write("a", "{\"time\":\"20");
  EXPECT_THAT(log.Rotate(), IsOk());
  EXPECT_EQ(Contents(), (Folder{{"a", {}}}));
}

AuditLog* log_of_handler = nullptr;

TEST_F(AuditLogTest, ASignalHandlerMayAskForRotation) {
  AuditLog log(Settings());
  Write(log, "1");
  log_of_handler = &log;
  const auto before = std::signal(SIGHUP, [](int /*signal*/) {
    log_of_handler->RotateAtNextRecord(std::time(nullptr));
  });
  raise(SIGHUP);
  std::signal(SIGHUP, before);
  EXPECT_EQ(Contents(), (Folder{{"a", {Line("1")}}}));
  Write(log, "2");
  Write(log, "3");
  EXPECT_EQ(Contents(),
            (Folder{{"a", {Line("2"), Line("3")}}, {"a.1", {Line("1")}}}));
}

// A process that gets the signal of `wished` and has `number` to record then.
void WriteAfterSignal(AuditLog& log, std::time_t wished, AuditRecord record) {
  log.RotateAtNextRecord(wished);
  ASSERT_THAT(log.Write(record), IsOk());
}

TEST_F(AuditLogTest, WhatAnotherHasRotatedIsNotRotatedForTheSameSignal) {
  AuditRecord record = NumberedRecord("2");
  const auto wished = static_cast<std::time_t>(record.time.seconds());
  constexpr auto kSame = AuditLog::kSameSignal.count();
  struct Row {
    std::time_t wished;
    bool rotates;
  };
  for (const Row& row :
       {Row{wished - 3600, false}, Row{wished, false},
        Row{wished + kSame, false}, Row{wished + kSame + 1, true}}) {
    for (const char* name : {"a", "a.1", "a.2", "a.3"}) {
      fs::remove(folder_.path() / name);
    }
    AuditLog first(Settings());
    AuditLog second(Settings());
    Write(first, "1");
    WriteAfterSignal(first, wished, record);
    WriteAfterSignal(second, row.wished, NumberedRecord("3"));
    Write(second, "4");
    EXPECT_EQ(Contents(),
              row.rotates ? (Folder{{"a", {Line("3"), Line("4")}},
                                    {"a.1", {Line("2")}},
                                    {"a.2", {Line("1")}}})
                          : (Folder{{"a", {Line("2"), Line("3"), Line("4")}},
                                    {"a.1", {Line("1")}}}));
  }
}

TEST_F(AuditLogTest, ASignalOfNowRotatesAFileThatNoRotationHasBegun) {
  AuditRecord record = NumberedRecord("1");
  record.time = Now();
  AuditLog log(Settings());
  ASSERT_THAT(log.Write(record), IsOk());
  WriteAfterSignal(log, std::time(nullptr), NumberedRecord("2"));
  EXPECT_EQ(Contents(),
            (Folder{{"a", {Line("2")}}, {"a.1", {ToJsonLine(record) + "\n"}}}));
}

TEST_F(AuditLogTest, AnEmptyFileIsNotRotatedForASignal) {
  folder_.Write("a", "");
  AuditLog log(Settings());
  WriteAfterSignal(log, std::time(nullptr), NumberedRecord("1"));
  Write(log, "2");
  EXPECT_EQ(Contents(), (Folder{{"a", {Line("1"), Line("2")}}}));
}

TEST_F(AuditLogTest, RotateRotatesWhatASignalHasJustBegun) {
  AuditLog log(Settings());
  Write(log, "1");
  AuditRecord record = NumberedRecord("2");
  record.time = Now();
  WriteAfterSignal(log, std::time(nullptr), record);
  ASSERT_THAT(log.Rotate(), IsOk());
  EXPECT_EQ(Contents(), (Folder{{"a.1", {ToJsonLine(record) + "\n"}},
                                {"a.2", {Line("1")}}}));
}

TEST_F(AuditLogTest, AFileThatOthersRenamedIsMadeAnew) {
  AuditLog log(Settings());
  Write(log, "1");
  fs::rename(path_, folder_.path() / "logrotate");
  Write(log, "2");
  EXPECT_EQ(Contents(),
            (Folder{{"a", {Line("2")}}, {"logrotate", {Line("1")}}}));
}

TEST_F(AuditLogTest, AFileThatOthersRemovedIsMadeAnew) {
  AuditLog log(Settings());
  Write(log, "1");
  fs::remove(path_);
  Write(log, "2");
  EXPECT_EQ(Contents(), (Folder{{"a", {Line("2")}}}));
}

TEST_F(AuditLogTest, WhatCannotBeRotatedIsTriedAgain) {
  AuditLog log(Settings(1'000'000, 1));
  Write(log, "1");
  fs::create_directory(Rotated(1));
  log.RotateAtNextRecord(std::time(nullptr));
  const auto refused = log.Write(NumberedRecord("2"));
  EXPECT_THAT(refused, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(refused),
            "'" + Rotated(1).string() + "' is not a regular file");
  EXPECT_EQ(LinesOf(path_), Lines{Line("1")});
  fs::remove(Rotated(1));
  Write(log, "2");
  EXPECT_EQ(Contents(), (Folder{{"a", {Line("2")}}, {"a.1", {Line("1")}}}));
}

// Everything that is in the files, and how often.
std::map<std::string, int> Counted(const AuditLog& log) {
  std::map<std::string, int> counted;
  for (const fs::path& file : log.Files()) {
    for (const std::string& line : LinesOf(file)) ++counted[line];
  }
  return counted;
}

constexpr int kWriters = 8;

// Of `each` records of all writers, each once.
std::map<std::string, int> AllOnce(int each) {
  std::map<std::string, int> all;
  for (int writer = 0; writer < kWriters; ++writer) {
    for (int i = 0; i < each; ++i) {
      ++all[Line(std::to_string(writer) + "-" + std::to_string(i))];
    }
  }
  return all;
}

bool WriteAll(AuditLog& log, int writer, int each) {
  bool good = true;
  for (int i = 0; i < each; ++i) {
    good = good && log.Write(NumberedRecord(std::to_string(writer) + "-" +
                                            std::to_string(i)))
                       .has_value();
  }
  return good;
}

TEST_F(AuditLogTest, ProcessesWriteAndRotateBesideEachOther) {
  constexpr int kEach = 200;
  std::vector<pid_t> children;
  for (int writer = 0; writer < kWriters; ++writer) {
    children.push_back(testing::Fork([&, writer] {
      AuditLog log(Settings(20'000, 1000));
      return WriteAll(log, writer, kEach) ? 0 : 1;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(testing::Wait(child), 0);
  EXPECT_EQ(Counted(AuditLog(Settings(20'000, 1000))), AllOnce(kEach));
}

// As `killall -HUP` does it.
TEST_F(AuditLogTest, OneSignalToManyProcessesRotatesOnce) {
  constexpr int kProcesses = 12;
  constexpr int kEach = 40;
  AuditLog log(Settings());
  Write(log, "old");
  std::vector<pid_t> children;
  for (int child = 0; child < kProcesses; ++child) {
    children.push_back(testing::Fork([&, child] {
      for (int i = 0; i < kEach; ++i) {
        if (i == kEach / 2) log.RotateAtNextRecord(std::time(nullptr));
        AuditRecord record =
            NumberedRecord(std::to_string(child) + "-" + std::to_string(i));
        record.time = Now();
        if (!log.Write(record)) return 1;
      }
      return 0;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(testing::Wait(child), 0);
  const auto contents = Contents();
  ASSERT_EQ(contents.size(), 2U);
  EXPECT_EQ(contents.at("a").size() + contents.at("a.1").size(),
            std::size_t{1 + kProcesses * kEach});
  EXPECT_EQ(contents.at("a.1").front(), Line("old"));
}

TEST_F(AuditLogTest, ThreadsWriteAndRotateBesideEachOther) {
  constexpr int kEach = 50;
  AuditLog log(Settings(20'000, 1000));
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] {
      if (!WriteAll(log, writer, kEach)) ++failed;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(Counted(log), AllOnce(kEach));
}

TEST_F(AuditLogTest, WritingGoesOnWhenAFullDiskHasRoomAgain) {
  const int status = InChild([&] {
    testing::MountNamespace().MountDisk(folder_.path(), 64 * 1024);
    AuditLog log(Settings());
    if (!log.Write(NumberedRecord("1"))) return 1;
    const fs::path filler = folder_.path() / "filler";
    std::ofstream(filler) << std::string(100'000, 'x');
    // What is left of the last page of the file itself.
    Status full = Ok();
    for (int i = 0; i < 4 && full; ++i) full = log.Write(NumberedRecord("2"));
    if (MessageOf(full) != "cannot write an audit record to '" +
                               path_.string() + "': No space left on device") {
      return 2;
    }
    const Lines before = LinesOf(path_);
    if (before.front() != Line("1") || before.back().back() != '\n') return 3;
    fs::remove(filler);
    if (!log.Write(NumberedRecord("3"))) return 4;
    Lines expected = before;
    expected.push_back(Line("3"));
    return LinesOf(path_) == expected ? 0 : 5;
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace sigtoken
