// [audit] and [users] of the configuration file.

#include <string>

#include "pkcs11/setup/configuration.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;

Result<Configuration> Parse(const std::string& text) {
  return ParseConfiguration(text, "/f", "/home");
}

TEST(AuditAndUsersTest, AuditSettingsThatAreNotNamedStayAsTheyAre) {
  for (const std::string text :
       {"[audit]\n", "[audit]\non_failure = 'refuse'\n", "[audit]\nkeep = 8\n",
        "[audit]\nmax_bytes = 67108864\n"}) {
    const auto configuration = Parse(text);
    ASSERT_THAT(configuration, IsOk()) << text;
    EXPECT_EQ(configuration->audit.file, "/home/audit.jsonl");
    EXPECT_EQ(configuration->audit.max_bytes, 67'108'864);
    EXPECT_EQ(configuration->audit.keep, 8);
    EXPECT_EQ(configuration->audit.on_failure, AuditFailure::kRefuse);
  }
}

TEST(AuditAndUsersTest, UsersAreTakenAsDefinedUnlessTheFileIsStrict) {
  for (const char* text : {"[users]\n", "[users]\nstrict = false\n"}) {
    const auto configuration = Parse(text);
    ASSERT_THAT(configuration, IsOk()) << text;
    EXPECT_FALSE(configuration->strict_users);
  }
}

// What is wrong, where it stands and what to do.
struct Row {
  std::string text;
  const char* message;
  const char* cure;
};

TEST(AuditAndUsersTest, RefusesWhatAuditAndUsersMustNotSay) {
  const auto audit = [](const std::string& text) {
    return "[audit]\n" + text + "\n";
  };
  constexpr char kPathCure[] =
      "write a path that begins with / and ends with a name";
  constexpr char kBytesCure[] = "write a number from 65536 to 1099511627776";
  constexpr char kKeepCure[] = "write a number from 1 to 1000";
  constexpr char kFailureCure[] = "write 'refuse' or 'continue'";
  for (const Row& row : {
           Row{"audit = '/x'", "'/f':1:9: 'audit' is a string",
               "write a table: [audit]"},
           Row{"[[audit]]", "'/f':1:1: 'audit' is an array",
               "write a table: [audit]"},
           Row{audit("file = '/x'"), "'/f':2:1: unknown key 'file' in [audit]",
               "known there: path, max_bytes, keep, on_failure"},
           Row{audit("path = 'x.jsonl'"),
               "'/f':2:8: 'x.jsonl' is not the absolute path of a file",
               kPathCure},
           Row{audit("path = '/x/'"),
               "'/f':2:8: '/x/' is not the absolute path of a file", kPathCure},
           Row{audit("path = ''"),
               "'/f':2:8: '' is not the absolute path of a file", kPathCure},
           Row{audit("path = 1"), "'/f':2:8: 'path' is a number",
               "write a string"},
           Row{audit("max_bytes = 65535"), "'/f':2:13: 65535 is out of range",
               kBytesCure},
           Row{audit("max_bytes = 1099511627777"),
               "'/f':2:13: 1099511627777 is out of range", kBytesCure},
           Row{audit("max_bytes = -1"), "'/f':2:13: -1 is out of range",
               kBytesCure},
           Row{audit("max_bytes = '64M'"), "'/f':2:13: 'max_bytes' is a string",
               "write a whole number"},
           Row{audit("max_bytes = 1e6"), "'/f':2:13: 'max_bytes' is a number",
               "write a whole number"},
           Row{audit("keep = 0"), "'/f':2:8: 0 is out of range", kKeepCure},
           Row{audit("keep = 1001"), "'/f':2:8: 1001 is out of range",
               kKeepCure},
           Row{audit("keep = true"), "'/f':2:8: 'keep' is true or false",
               "write a whole number"},
           Row{audit("on_failure = ''"),
               "'/f':2:14: '' is not what can be done", kFailureCure},
           Row{audit("on_failure = 'Refuse'"),
               "'/f':2:14: 'Refuse' is not what can be done", kFailureCure},
           Row{audit("on_failure = 'ignore'"),
               "'/f':2:14: 'ignore' is not what can be done", kFailureCure},
           Row{audit("on_failure = false"),
               "'/f':2:14: 'on_failure' is true or false", "write a string"},
           Row{"users = true", "'/f':1:9: 'users' is true or false",
               "write a table: [users]"},
           Row{"[users]\nfile = '/x'",
               "'/f':2:1: unknown key 'file' in [users]",
               "known there: strict"},
           Row{"[users]\nstrict = 1", "'/f':2:10: 'strict' is a number",
               "write true or false"},
           Row{"[users]\nstrict = 'yes'", "'/f':2:10: 'strict' is a string",
               "write true or false"},
       }) {
    SCOPED_TRACE(row.text);
    const auto refused = Parse(row.text);
    EXPECT_THAT(refused, FailsWith(kParameterInvalid));
    EXPECT_EQ(MessageOf(refused), row.message);
    EXPECT_EQ(CureOf(refused), row.cure);
  }
}

}  // namespace
}  // namespace sigtoken
