#include "signer/audit/audit_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <tuple>

#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"
#include "tests/signer/audit/audit_records.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::NumberedRecord;

using Line = std::tuple<std::string, std::int64_t, bool>;

std::vector<Line> Read(AuditReader& reader) {
  std::vector<Line> lines;
  for (;;) {
    const auto line = reader.Next();
    EXPECT_THAT(line, IsOk());
    if (!line || !*line) return lines;
    lines.emplace_back((*line)->text, (*line)->number, (*line)->whole);
  }
}

class AuditReaderTest : public ::testing::Test {
 protected:
  std::vector<Line> LinesOfText(const std::string& text) {
    auto reader = AuditReader::Open(folder_.Write("a", text));
    EXPECT_THAT(reader, IsOk());
    return Read(*reader);
  }
  const testing::TemporaryFolder folder_;
};

TEST_F(AuditReaderTest, GivesEachLineWithItsNumber) {
  using Lines = std::vector<Line>;
  EXPECT_EQ(LinesOfText(""), Lines{});
  EXPECT_EQ(LinesOfText("\n"), (Lines{{"", 1, true}}));
  EXPECT_EQ(LinesOfText("a\n\nb\n"),
            (Lines{{"a", 1, true}, {"", 2, true}, {"b", 3, true}}));
  EXPECT_EQ(LinesOfText("a\nb"), (Lines{{"a", 1, true}, {"b", 2, false}}));
}

TEST_F(AuditReaderTest, ReadsLinesThatLieAcrossItsPieces) {
  std::string text;
  std::vector<Line> lines;
  for (int i = 1; i <= 100; ++i) {
    lines.emplace_back(std::string(static_cast<std::size_t>(8'000 + i), 'x'), i,
                       true);
    text += std::get<0>(lines.back()) + "\n";
  }
  EXPECT_EQ(LinesOfText(text), lines);
}

TEST_F(AuditReaderTest, OfALineWithoutEndItGivesEnoughToRefuseIt) {
  const auto lines = LinesOfText(std::string(1'000'000, 'x'));
  ASSERT_FALSE(lines.empty());
  EXPECT_GT(std::get<0>(lines.front()).size(), kMaxAuditLineBytes);
  EXPECT_LT(std::get<0>(lines.front()).size(), 100'000U);
}

TEST_F(AuditReaderTest, BeginsAgain) {
  auto reader = AuditReader::Open(folder_.Write("a", "a\nb\n"));
  ASSERT_THAT(reader, IsOk());
  const auto first = Read(*reader);
  reader->Rewind();
  EXPECT_EQ(Read(*reader), first);
}

TEST_F(AuditReaderTest, StaysAtTheFileAsItWasOpened) {
  const auto path = folder_.Write("a", "a\nb\n");
  auto reader = AuditReader::Open(path);
  ASSERT_THAT(reader, IsOk());
  std::ofstream(path, std::ios::app) << "c\n";
  std::filesystem::rename(path, folder_.path() / "b");
  folder_.Write("a", "other\n");
  EXPECT_EQ(Read(*reader), (std::vector<Line>{{"a", 1, true}, {"b", 2, true}}));
}

TEST_F(AuditReaderTest, AFileThatIsShortenedEndsEarlier) {
  const auto path = folder_.Write("a", "a\nb\n");
  auto reader = AuditReader::Open(path);
  ASSERT_THAT(reader, IsOk());
  std::filesystem::resize_file(path, 2);
  EXPECT_EQ(Read(*reader), (std::vector<Line>{{"a", 1, true}}));
}

TEST_F(AuditReaderTest, RefusesWhatIsNoFile) {
  const std::string folder = folder_.path();
  EXPECT_EQ(MessageOf(AuditReader::Open(folder)),
            "'" + folder + "' is not a regular file");
  ASSERT_EQ(mkfifo((folder + "/fifo").c_str(), 0600), 0);
  EXPECT_EQ(MessageOf(AuditReader::Open(folder + "/fifo")),
            "'" + folder + "/fifo' is not a regular file");
  const auto missing = AuditReader::Open(folder + "/none");
  EXPECT_THAT(missing, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(missing),
            "cannot open '" + folder + "/none': No such file or directory");
}

TEST_F(AuditReaderTest, OpensAllFilesTheOldestFirst) {
  AuditLog log({folder_.path() / "a", 1, 5, AuditFailure::kRefuse});
  const auto none = OpenAll(log);
  ASSERT_THAT(none, IsOk());
  EXPECT_TRUE(none->empty());
  for (const char* number : {"1", "2", "3"}) {
    ASSERT_THAT(log.Write(NumberedRecord(number)), IsOk());
  }
  auto readers = OpenAll(log);
  ASSERT_THAT(readers, IsOk());
  // They stay the same when they are rotated now.
  ASSERT_THAT(log.Rotate(), IsOk());
  std::vector<Line> lines;
  for (AuditReader& reader : *readers) {
    for (Line& line : Read(reader)) lines.push_back(std::move(line));
  }
  EXPECT_EQ(lines,
            (std::vector<Line>{{ToJsonLine(NumberedRecord("1")), 1, true},
                               {ToJsonLine(NumberedRecord("2")), 1, true},
                               {ToJsonLine(NumberedRecord("3")), 1, true}}));
}

}  // namespace
}  // namespace sigtoken
