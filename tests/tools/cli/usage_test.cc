#include "tools/cli/usage.h"

#include <string>

#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

class UsageTest : public CommandLineTest {};

constexpr const char* kTokenText =
    "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJzYWYifQ.AAAA";

TEST_F(UsageTest, WordsInAnotherOrderGetTheRightOne) {
  struct Row {
    Words words;
    std::string message;
    std::string cure;
  };
  for (const Row& row : std::vector<Row>{
           {{"create", "token", "A"},
            "no noun stands before 'create'",
            "Write the noun first: sigtoken token create"},
           {{"--quiet", "create", "token"},
            "no noun stands before 'create'",
            "Write the noun first: sigtoken token create"},
           {{"generate", "key"},
            "no noun stands before 'generate'",
            "Write the noun first: sigtoken key generate"},
           {{"generate", "key", "--token", "A"},
            "no noun stands before 'generate'",
            "Write the noun first: sigtoken key generate"},
           {{"list", "key"},
            "no noun stands before 'list'",
            "Write the noun first: sigtoken key list"},
           {{"delete", "key", "A:1T"},
            "no noun stands before 'delete'",
            "Write the noun first: sigtoken key delete"},
           {{"inspect", "idt"},
            "no noun stands before 'inspect'",
            "Write the noun first: sigtoken idt inspect"},
           {{"list"},
            "no noun stands before 'list'",
            "Write the noun first: sigtoken token list or sigtoken key list"},
           {{"--token", "A", "key", "generate"},
            "'--token' stands before its verb",
            "Write it behind the verb: sigtoken key generate --token"},
           {{"--token=A", "key", "generate", "--token", "A"},
            "'--token' stands before its verb",
            "Write it behind the verb: sigtoken key generate --token"},
           {{"key", "--bytes", "64", "generate", "--token", "A"},
            "'--bytes' stands before its verb",
            "Write it behind the verb: sigtoken key generate --bytes"},
       }) {
    ExpectRefusal(row.words, kParameterInvalid, row.message);
    EXPECT_THAT(Run(row.words).err,
                ::testing::EndsWith(", X'BBA'). " + row.cure + "\n"));
  }
}

// What is missing follows from it.
TEST_F(UsageTest, AWordThatWasNotUnderstoodIsNamedFirst) {
  struct Row {
    Words words;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {{"key", "generate", "--tok", "A"},
            "'--tok' was not understood, and --token is required"},
           {{"key", "generate", "A"},
            "'A' was not understood, and --token is required"},
           {{"key", "show", "--hex"},
            "'--hex' was not understood, and HANDLE is required"},
           {{"--tok", "A", "token"},
            "'--tok' was not understood, and token needs one of: create, list, "
            "show, delete"},
           {{kTokenText},
            "what looks like a token is none of: token, key, sign, verify, "
            "idt, racf, profile, store, audit, config, hsm, explain"},
           {{"key", "list", kTokenText},
            "an argument that looks like a token was not expected"},
           {{"key", "list", "ALU U PASSWORD(X)"},
            "an argument that looks like a password was not expected"},
           {{"ALU U PASSWORD(X)"},
            "what looks like a password is none of: token, key, sign, verify, "
            "idt, racf, profile, store, audit, config, hsm, explain"},
           {{"key", "generate", kTokenText},
            "what looks like a token was not understood, and --token is "
            "required"},
       }) {
    ExpectRefusal(row.words, kParameterInvalid, row.message);
  }
}

TEST_F(UsageTest, WithoutACureItIsHelp) {
  EXPECT_EQ(cli::UsageError("x").cure, "run it with --help to see an example");
  EXPECT_EQ(cli::UsageError("x", "y").cure, "y");
  EXPECT_EQ(ToText(cli::UsageError("x", "y")), "x (ICSF 8/3002, X'BBA'). Y");
}

}  // namespace
}  // namespace sigtoken::testing
