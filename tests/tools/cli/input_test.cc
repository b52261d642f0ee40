#include "tools/cli/input.h"

#include <string>

#include "signer/jws/compact.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/tools/command_line.h"
#include "tests/tools/shell.h"

namespace sigtoken::cli {
namespace {

using sigtoken::testing::CureOf;
using sigtoken::testing::FailsWith;
using sigtoken::testing::IsOk;
using sigtoken::testing::MessageOf;
using sigtoken::testing::Outcome;
using sigtoken::testing::RunShell;
using sigtoken::testing::TemporaryFolder;

TEST(ReadInputTest, GivesEveryByteOfAFile) {
  const TemporaryFolder folder;
  for (const std::string& text :
       {std::string(), std::string("a\n"), std::string("\0\xff\r\n\n", 5),
        std::string(70'000, 'x')}) {
    const auto read = ReadInput(folder.Write("file", text), 70'000);
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(*read, text);
  }
}

TEST(ReadInputTest, RefusesOneByteTooMany) {
  const TemporaryFolder folder;
  const auto read = ReadInput(folder.Write("file", "12345"), 4);
  EXPECT_THAT(read, FailsWith(kParameterInvalid));
  EXPECT_EQ(MessageOf(read), "the input is longer than 4 bytes");
  EXPECT_THAT(ReadInput("/dev/zero", 100'000), FailsWith(kParameterInvalid));
}

TEST(ReadCommandsTest, GivesAllOfAText) {
  const TemporaryFolder folder;
  for (const std::string& text :
       {std::string(), std::string("SETROPTS LIST\n"),
        std::string("\xc3\xa4\r"), std::string(70'000, 'x')}) {
    const auto read = ReadCommands(folder.Write("file", text), 70'000);
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(*read, text);
  }
}

TEST(ReadCommandsTest, RefusesWhatIsNoTextAtItsFirstNul) {
  const TemporaryFolder folder;
  struct Row {
    std::string file;
    std::string message;
  };
  for (const Row& row :
       std::vector<Row>{{"/dev/zero", "the input is no text: byte 1 is a NUL"},
                        {folder.Write("two", std::string("a\0b", 3)),
                         "the input is no text: byte 2 is a NUL"},
                        {folder.Write("late", std::string(70'000, 'x') +
                                                  std::string(1, '\0')),
                         "the input is no text: byte 70001 is a NUL"}}) {
    // As much as a machine has no memory for: it is not read that far.
    const auto read = ReadCommands(row.file, std::size_t{1} << 60);
    EXPECT_THAT(read, FailsWith(kParameterInvalid));
    EXPECT_EQ(MessageOf(read), row.message);
    EXPECT_EQ(CureOf(read),
              "name a file of commands, written in ASCII or UTF-8");
  }
  const auto long_one = ReadCommands(folder.Write("long", "12345"), 4);
  EXPECT_THAT(long_one, FailsWith(kParameterInvalid));
  EXPECT_EQ(MessageOf(long_one), "the input is longer than 4 bytes");
  EXPECT_EQ(CureOf(long_one), "split it into files of whole commands");
}

TEST(ReadInputTest, RefusesWhatCannotBeRead) {
  const TemporaryFolder folder;
  const std::string name = folder.path() / "none";
  const auto none = ReadInput(name, 1);
  EXPECT_THAT(none, FailsWith(kParameterInvalid));
  EXPECT_EQ(MessageOf(none).substr(0, 10), "the file '");
  EXPECT_EQ(CureOf(none),
            "name a file that is there and that you may read, or - for "
            "standard input");
  const auto directory = ReadInput("/tmp", 1);
  EXPECT_THAT(directory, FailsWith(kParameterInvalid));
  EXPECT_EQ(MessageOf(directory),
            "the file '/tmp' could not be read: Is a directory");
  const auto ugly = ReadInput("\x1b[31m", 1);
  EXPECT_EQ(MessageOf(ugly),
            "the file '\\x1B[31m' could not be read: No such file or "
            "directory");
}

TEST(ReadInputTest, RepeatsNoTokenThatCameAsTheNameOfAFile) {
  const std::string token = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJzYWYifQ.AAAA";
  for (const std::string& name :
       {token, token + std::string(5000, 'A'), token + "\n"}) {
    for (const auto& read : {ReadInput(name, 1), ReadToken(name)}) {
      EXPECT_THAT(read, FailsWith(kParameterInvalid));
      EXPECT_EQ(MessageOf(read), "the name of the file looks like a token");
      EXPECT_EQ(CureOf(read),
                "tokens come by file or standard input: everybody on this "
                "machine can read arguments");
    }
  }
  for (const char* name : {"eyJhbGci.jwt", "a.b.c", "token.eyJ.jwt"}) {
    EXPECT_EQ(MessageOf(ReadToken(name)),
              std::string("the file '") + name +
                  "' could not be read: No such file or directory");
  }
}

TEST(ReadTokenTest, TakesOneNewlineAway) {
  const TemporaryFolder folder;
  struct Row {
    std::string text;
    std::string token;
  };
  for (const Row& row : std::vector<Row>{{"a.b.c", "a.b.c"},
                                         {"a.b.c\n", "a.b.c"},
                                         {"a.b.c\n\n", "a.b.c\n"},
                                         {"a.b.c\r\n", "a.b.c\r"},
                                         {"a.b.c \n", "a.b.c "},
                                         {"\na.b.c", "\na.b.c"},
                                         {"\n", ""},
                                         {"", ""}}) {
    const auto token = ReadToken(folder.Write("token", row.text));
    ASSERT_THAT(token, IsOk());
    EXPECT_EQ(*token, row.token);
  }
}

// It is the token that is refused then, not the file.
TEST(ReadTokenTest, GivesOfALongTextOneByteTooMany) {
  const TemporaryFolder folder;
  for (const std::size_t size : {kMaxTokenBytes, kMaxTokenBytes + 1,
                                 kMaxTokenBytes + 2, std::size_t{1} << 20}) {
    const auto token = ReadToken(folder.Write("token", std::string(size, 'a')));
    ASSERT_THAT(token, IsOk());
    EXPECT_EQ(token->size() > kMaxTokenBytes, size > kMaxTokenBytes);
  }
  const auto longest =
      ReadToken(folder.Write("token", std::string(kMaxTokenBytes, 'a') + "\n"));
  ASSERT_THAT(longest, IsOk());
  EXPECT_EQ(longest->size(), kMaxTokenBytes);
}

TEST(ReadTokenTest, AnEndlessInputEnds) {
  const auto token = ReadToken("/dev/zero");
  ASSERT_THAT(token, IsOk());
  EXPECT_EQ(token->size(), kMaxTokenBytes + 2);
}

class InputTest : public sigtoken::testing::CommandLineTest {};

// The MAC of no data would look like an answer.
TEST_F(InputTest, AClosedStandardInputIsNoEmptyOne) {
  WithKey();
  for (const char* command :
       {"sign --key IDTTKN.JWT.SECRET:1T --alg HS256",
        "sign --key IDTTKN.JWT.SECRET:1T --alg HS256 -", "idt inspect",
        "verify --key IDTTKN.JWT.SECRET:1T --alg HS256 --mac AAAA"}) {
    const Outcome outcome =
        RunShell(home_, std::string("\"$SIGTOKEN\" ") + command + " <&-");
    EXPECT_EQ(outcome.status, 8);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err,
              "sigtoken: standard input could not be read: Bad file descriptor "
              "(ICSF 8/3002, X'BBA'). Name a file that is there and that you "
              "may read, or - for standard input\n");
  }
}

TEST_F(InputTest, ReadsAPipeThatComesInPieces) {
  WithKey();
  const Outcome outcome = RunShell(home_, R"(
    (printf he; sleep 0.1; printf llo) |
      "$SIGTOKEN" sign --key IDTTKN.JWT.SECRET:1T --alg HS256)");
  EXPECT_EQ(outcome.out,
            Text({"sign", "--key", "IDTTKN.JWT.SECRET:1T", "--alg", "HS256"},
                 "hello"));
}

}  // namespace
}  // namespace sigtoken::cli
