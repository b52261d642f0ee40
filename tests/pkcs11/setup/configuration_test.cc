#include "pkcs11/setup/configuration.h"

#include <sys/stat.h>

#include <string>

#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::TemporaryFolder;

constexpr char kToken[] =
    "[[token]]\n"
    "name = 'A'\n"
    "uri = 'pkcs11:token=a?module-path=/m.so'\n";

Result<Configuration> Parse(const std::string& text) {
  return ParseConfiguration(text, "/f", "/home");
}

TEST(ConfigurationTest, AnEmptyFileMeansTheEmbeddedStore) {
  const auto configuration = Parse("");
  ASSERT_THAT(configuration, IsOk());
  EXPECT_EQ(configuration->home, "/home");
  EXPECT_EQ(configuration->file, "/f");
  EXPECT_TRUE(configuration->embedded);
  EXPECT_EQ(configuration->default_appl, "OMVSAPPL");
  EXPECT_EQ(configuration->store_path, "/home/sigtoken.db");
  EXPECT_TRUE(configuration->tokens.empty());
  EXPECT_EQ(configuration->audit.file, "/home/audit.jsonl");
  EXPECT_EQ(configuration->audit.max_bytes, 67'108'864);
  EXPECT_EQ(configuration->audit.keep, 8);
  EXPECT_EQ(configuration->audit.on_failure, AuditFailure::kRefuse);
  EXPECT_FALSE(configuration->strict_users);
}

TEST(ConfigurationTest, ReadsAllThatAFileCanSay) {
  const auto configuration = Parse(R"(
default_appl = "ZOSMF@#$"
deadline_seconds = 30
embedded = true
[store]
path = "/var/lib/sigtoken/state.db"
[audit]
path = "/var/log/sigtoken/audit.jsonl"
max_bytes = 65536
keep = 1000
on_failure = "continue"
[users]
strict = true

[[token]]
name = "IDTTKN.JWT.SECRET"
uri  = "pkcs11:token=prod-hsm;serial=0011?module-path=/usr/lib/p11.so&pin-source=file:/run/idt.pin"
init = "configdir='sql:/var/lib/x'"
so-pin-source = "credential:so.pin"
  [[token.key]]
  handle = "00000001T"
  uri = "pkcs11:object=idt-signing;type=secret-key"
  [[token.key]]
  handle = "1FY"
  uri = "pkcs11:id=%01"

[[token]]
name = "OTHER"
uri  = "pkcs11:slot-id=3?module-path=/usr/lib/other.so"
isolated = true
)");
  ASSERT_THAT(configuration, IsOk());
  EXPECT_EQ(configuration->default_appl, "ZOSMF@#$");
  EXPECT_EQ(configuration->deadline, std::chrono::seconds{30});
  EXPECT_TRUE(configuration->embedded);
  EXPECT_EQ(configuration->store_path, "/var/lib/sigtoken/state.db");
  EXPECT_EQ(configuration->audit.file, "/var/log/sigtoken/audit.jsonl");
  EXPECT_EQ(configuration->audit.max_bytes, 65'536);
  EXPECT_EQ(configuration->audit.keep, 1000);
  EXPECT_EQ(configuration->audit.on_failure, AuditFailure::kContinue);
  EXPECT_TRUE(configuration->strict_users);
  ASSERT_EQ(configuration->tokens.size(), 2U);

  const BoundToken& token = configuration->tokens[0];
  EXPECT_EQ(token.name.text(), "IDTTKN.JWT.SECRET");
  EXPECT_EQ(token.uri.token_label(), "prod-hsm");
  EXPECT_EQ(token.uri.module_path(), "/usr/lib/p11.so");
  EXPECT_EQ(token.init, "configdir='sql:/var/lib/x'");
  EXPECT_FALSE(token.isolated);
  ASSERT_TRUE(token.pin_source && token.so_pin_source);
  EXPECT_EQ(token.pin_source->Format(), "/run/idt.pin");
  EXPECT_EQ(token.so_pin_source->Format(), "credential:so.pin");
  ASSERT_EQ(token.keys.size(), 2U);
  EXPECT_EQ(token.keys[0].object, (ObjectId{1, 'T'}));
  EXPECT_EQ(token.keys[0].uri.object_label(), "idt-signing");
  EXPECT_EQ(token.keys[1].object, (ObjectId{0x1F, 'Y'}));

  const BoundToken& other = configuration->tokens[1];
  EXPECT_EQ(other.uri.slot_id(), CK_SLOT_ID{3});
  EXPECT_EQ(other.init, "");
  EXPECT_TRUE(other.isolated);
  EXPECT_FALSE(other.pin_source);
  EXPECT_FALSE(other.so_pin_source);
  EXPECT_TRUE(other.keys.empty());
}

TEST(ConfigurationTest, ABoundTokenTurnsTheEmbeddedStoreOffUnlessItIsAskedFor) {
  EXPECT_FALSE(Parse(kToken)->embedded);
  EXPECT_TRUE(Parse(std::string("embedded = true\n") + kToken)->embedded);
  EXPECT_FALSE(Parse("embedded = false")->embedded);
}

// What is wrong, where it stands and what to do.
struct Row {
  std::string text;
  const char* message;
  const char* cure;
};

void ExpectRefused(const Row& row) {
  SCOPED_TRACE(row.text);
  const auto refused = Parse(row.text);
  EXPECT_THAT(refused, FailsWith(kParameterInvalid));
  EXPECT_EQ(MessageOf(refused), row.message);
  EXPECT_EQ(CureOf(refused), row.cure);
}

TEST(ConfigurationTest, RefusesWhatTheFileItselfMustNotSay) {
  for (const Row& row : {
           Row{"tokens = []", "'/f':1:1: unknown key 'tokens' in the file",
               "known there: audit, deadline_seconds, default_appl, embedded, "
               "store, token, users"},
           Row{"\nembedded = 'no'", "'/f':2:12: 'embedded' is a string",
               "write true or false"},
           Row{"embedded = 1", "'/f':1:12: 'embedded' is a number",
               "write true or false"},
           Row{"default_appl = 1", "'/f':1:16: 'default_appl' is a number",
               "write a string"},
           Row{"deadline_seconds = 0", "'/f':1:20: 0 is out of range",
               "write a number from 1 to 3600"},
           Row{"deadline_seconds = 3601", "'/f':1:20: 3601 is out of range",
               "write a number from 1 to 3600"},
           Row{"deadline_seconds = 1.5",
               "'/f':1:20: 'deadline_seconds' is a number",
               "write a whole number"},
           Row{"default_appl = ''", "'/f':1:16: '' is not an application name",
               "write 1 to 8 of A-Z 0-9 @ # $"},
           Row{"default_appl = 'omvsappl'",
               "'/f':1:16: 'omvsappl' is not an application name",
               "write 1 to 8 of A-Z 0-9 @ # $"},
           Row{"default_appl = 'OMVSAPPL1'",
               "'/f':1:16: 'OMVSAPPL1' is not an application name",
               "write 1 to 8 of A-Z 0-9 @ # $"},
           Row{"store = '/x'", "'/f':1:9: 'store' is a string",
               "write a table: [store]"},
           Row{"[store]\nfile = '/x'",
               "'/f':2:1: unknown key 'file' in [store]", "known there: path"},
           Row{"[store]\npath = 'x.db'",
               "'/f':2:8: 'x.db' is not the absolute path of a file",
               "write a path that begins with / and ends with a name"},
           Row{"[store]\npath = '/x/'",
               "'/f':2:8: '/x/' is not the absolute path of a file",
               "write a path that begins with / and ends with a name"},
           Row{"[store]\npath = ''",
               "'/f':2:8: '' is not the absolute path of a file",
               "write a path that begins with / and ends with a name"},
           Row{"[token]\nname = 'A'", "'/f':1:1: 'token' is a table",
               "write an array of tables: [[token]]"},
       }) {
    ExpectRefused(row);
  }
}

// Another token of the same module.
std::string Other() {
  std::string other = kToken;
  other.replace(other.find("'A'"), 3, "'B'");
  return other;
}

TEST(ConfigurationTest, RefusesWhatATokenMustNotSay) {
  const std::string name = "[[token]]\nname = 'A'\n";
  const auto uri = [&](const std::string& text) {
    return name + "uri = 'pkcs11:" + text + "'\n";
  };
  for (const Row& row : {
           Row{"[[token]]\nuri = 'x'", "'/f':1:1: [token] has no 'name'",
               "add 'name'"},
           Row{name, "'/f':1:1: [token] has no 'uri'", "add 'uri'"},
           Row{"[[token]]\nname = 'a'", "'/f':2:8: 'a' is not a token name",
               "names are upper case: write A"},
           Row{name + "url = 'x'", "'/f':3:1: unknown key 'url' in [token]",
               "known there: name, uri, init, isolated, so-pin-source, key"},
           Row{uri("token=a"), "'/f':3:7: 'uri' has no module-path",
               "add ?module-path=/PATH/OF/MODULE.so to it"},
           Row{uri("token=a?module-path=m.so"),
               "'/f':3:7: the module-path of 'uri' is not absolute",
               "add ?module-path=/PATH/OF/MODULE.so to it"},
           Row{uri("token=a?module-path=/m.so&module-name=m"),
               "'/f':3:7: 'uri' has a module-name, which is not used",
               "leave it out: module-path says which module"},
           Row{uri("?module-path=/m.so"),
               "'/f':3:7: 'uri' does not say which token it names",
               "add token=LABEL or serial=NUMBER to it"},
           Row{uri("token=a;object=k?module-path=/m.so"),
               "'/f':3:7: 'uri' names an object, not a token",
               "write object, id and type into a [[token.key]]"},
           Row{uri("token=a?module-path=/m.so&pin-value=8642"),
               "'/f':3:7: the text is not a usable PKCS#11 URI: it has a "
               "pin-value, and a PIN must not be written there",
               "put the PIN into a file of mode 0600 and name that: "
               "pin-source=file:/PATH. Change the PIN if others could read "
               "it"},
           Row{uri("token=a?module-path=/m.so&pin-source=8642"),
               "'/f':3:7: the PIN source is none that sigtoken knows",
               "put the PIN into a file of mode 0600 and write file:/PATH, or "
               "credential:NAME for a systemd credential, fd:NUMBER, or "
               "prompt:"},
           Row{std::string(kToken) + "so-pin-source = '8642'",
               "'/f':4:17: the PIN source is none that sigtoken knows",
               "put the PIN into a file of mode 0600 and write file:/PATH, or "
               "credential:NAME for a systemd credential, fd:NUMBER, or "
               "prompt:"},
           Row{std::string(kToken) + "init = 1", "'/f':4:8: 'init' is a number",
               "write a string"},
           Row{std::string(kToken) + "init = \"a\\u0000b\"",
               "'/f':4:8: 'init' has a control character", "leave it out"},
           Row{std::string(kToken) + "isolated = 1",
               "'/f':4:12: 'isolated' is a number", "write true or false"},
           Row{std::string(kToken) + "isolated = true\ninit = 'x'",
               "'/f':4:12: a module that has an 'init' cannot be 'isolated': "
               "p11-kit does not hand it over to the helper process",
               "leave one of the two out"},
           Row{kToken + Other() + "isolated = true",
               "'/f':6:7: the module is 'isolated' in one [[token]] and not in "
               "another",
               "write it the same in all that name the module"},
           Row{std::string(kToken) + "isolated = true\n" + Other(),
               "'/f':7:7: the module is 'isolated' in one [[token]] and not in "
               "another",
               "write it the same in all that name the module"},
           Row{std::string(kToken) + kToken,
               "'/f':5:8: there is a [[token]] of the name A already",
               "give each token a name of its own"},
       }) {
    ExpectRefused(row);
  }
}

TEST(ConfigurationTest, RefusesWhatAKeyMustNotSay) {
  const std::string key = std::string(kToken) + "[[token.key]]\n";
  const std::string good = "uri = 'pkcs11:object=k'\n";
  const auto handle = [&](const std::string& text) {
    return key + "handle = '" + text + "'\n" + good;
  };
  const auto uri = [&](const std::string& text) {
    return key + "handle = '00000001T'\nuri = 'pkcs11:" + text + "'\n";
  };
  constexpr char kHandleCure[] =
      "write 8 hexadecimal digits in upper case and T or Y: '00000001T'";
  for (const Row& row : {
           Row{key + good, "'/f':4:1: [token.key] has no 'handle'",
               "add 'handle'"},
           Row{key + "handle = '1T'", "'/f':4:1: [token.key] has no 'uri'",
               "add 'uri'"},
           Row{key + "label = 'x'",
               "'/f':5:1: unknown key 'label' in [token.key]",
               "known there: handle, uri"},
           Row{key + "handle = 1\n" + good, "'/f':5:10: 'handle' is a number",
               "write a string"},
           Row{handle("0T"),
               "'/f':5:10: '0T' is not the sequence number and category of a "
               "key",
               kHandleCure},
           Row{handle("00000001S"),
               "'/f':5:10: '00000001S' is not the sequence number and category "
               "of a key",
               kHandleCure},
           Row{handle("A:00000001T"),
               "'/f':5:10: 'A:00000001T' is not the sequence number and "
               "category of a key",
               kHandleCure},
           Row{handle("T"),
               "'/f':5:10: 'T' is not the sequence number and category of a "
               "key",
               kHandleCure},
           Row{handle(""),
               "'/f':5:10: '' is not the sequence number and category of a key",
               kHandleCure},
           Row{uri("type=secret-key"),
               "'/f':6:7: 'uri' does not say which key it names",
               "add object=LABEL or id=%01%02 to it"},
           Row{uri("object=k;type=private"),
               "'/f':6:7: 'uri' names an object that is no secret key",
               "write type=secret-key"},
           Row{uri("object=k?module-path=/m.so"),
               "'/f':6:7: the 'uri' of a key has a query part",
               "write it into the 'uri' of the [[token]]"},
           Row{uri("object=k?pin-source=file:/x"),
               "'/f':6:7: the 'uri' of a key has a query part",
               "write it into the 'uri' of the [[token]]"},
           Row{handle("1T") + "[[token.key]]\nhandle = '00000001T'\n" + good,
               "'/f':8:10: this token has a key of that handle already",
               "give each key a handle of its own"},
       }) {
    ExpectRefused(row);
  }
}

TEST(ConfigurationTest, TwoTokensMayHaveKeysOfTheSameHandle) {
  const std::string key =
      "[[token.key]]\nhandle = '1T'\nuri = 'pkcs11:object=k'\n";
  EXPECT_THAT(Parse(kToken + key + Other() + key), IsOk());
}

TEST(ConfigurationTest, AModuleMayBeIsolatedInAllThatNameIt) {
  const std::string isolated = "isolated = true\n";
  const auto configuration =
      Parse(kToken + isolated + Other() + isolated +
            "[[token]]\nname = 'C'\nuri = 'pkcs11:token=c?module-path=/c.so'\n"
            "init = 'x'\nisolated = false");
  ASSERT_THAT(configuration, IsOk());
  EXPECT_TRUE(configuration->tokens[0].isolated);
  EXPECT_TRUE(configuration->tokens[1].isolated);
  EXPECT_FALSE(configuration->tokens[2].isolated);
}

class LoadConfigurationTest : public ::testing::Test {
 protected:
  LoadConfigurationTest() { environment_.sigtoken_home = folder_.path(); }

  TemporaryFolder folder_;
  Environment environment_;
};

TEST_F(LoadConfigurationTest, NeedsNoFile) {
  const auto configuration = LoadConfiguration(environment_, {});
  ASSERT_THAT(configuration, IsOk());
  EXPECT_EQ(configuration->home, folder_.path());
  EXPECT_EQ(configuration->file, std::nullopt);
  EXPECT_TRUE(configuration->embedded);
  EXPECT_EQ(configuration->store_path, folder_.path() / "sigtoken.db");
  EXPECT_EQ(configuration->audit.file, folder_.path() / "audit.jsonl");
}

TEST_F(LoadConfigurationTest, ReadsTheFileOfTheHome) {
  const auto file = folder_.Write("sigtoken.toml", kToken, 0644);
  const auto configuration = LoadConfiguration(environment_, {});
  ASSERT_THAT(configuration, IsOk());
  EXPECT_EQ(configuration->file, file);
  EXPECT_EQ(configuration->tokens.size(), 1U);
}

TEST_F(LoadConfigurationTest, RefusesAFileThatOthersMayWrite) {
  for (const ::mode_t mode : {0620U, 0602U}) {
    const auto file = folder_.Write("sigtoken.toml", kToken, mode);
    const auto refused = LoadConfiguration(environment_, {});
    EXPECT_THAT(refused, FailsWith(kParameterInvalid));
    EXPECT_EQ(CureOf(refused), "run: chmod go-w '" + file.native() + "'");
  }
}

TEST_F(LoadConfigurationTest, RefusesAFolderWhereAnybodyMayReplaceTheFile) {
  folder_.Write("sigtoken.toml", kToken);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
  EXPECT_EQ(CureOf(LoadConfiguration(environment_, {})),
            "name another directory, or, if nobody else needs this one: "
            "chmod o-w '" +
                folder_.path().native() + "'");
}

TEST_F(LoadConfigurationTest, RefusesAFileOfMoreThanAMebibyte) {
  folder_.Write("sigtoken.toml", std::string(kMaxConfigurationBytes, '\n'));
  EXPECT_THAT(LoadConfiguration(environment_, {}), IsOk());
  const auto file = folder_.Write(
      "sigtoken.toml", std::string(kMaxConfigurationBytes + 1, '\n'));
  EXPECT_EQ(
      MessageOf(LoadConfiguration(environment_, {})),
      "configuration: '" + file.native() + "' has more than 1048576 bytes");
}

TEST_F(LoadConfigurationTest, NamesTheFileInItsMessages) {
  const auto file = folder_.Write("my.toml", "x = 1");
  EXPECT_EQ(MessageOf(LoadConfiguration(environment_, {{}, file})),
            "'" + file.native() + "':1:1: unknown key 'x' in the file");
}

TEST_F(LoadConfigurationTest, SaysThatThereIsNoHome) {
  EXPECT_EQ(MessageOf(LoadConfiguration({}, {})),
            "there is no home directory: HOME is not set");
}

}  // namespace
}  // namespace sigtoken
