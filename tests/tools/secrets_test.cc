// No PIN and no byte of a key leaves the store: known ones are looked for in
// all that the programs write and show.

#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/setup/configuration.h"
#include "pkcs11/tokens/directory.h"
#include "pkcs11/tokens/object_index.h"
#include "signer/jws/base64url.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/tools/command_line.h"
#include "tests/tools/shell.h"

namespace sigtoken::testing {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string Base64(const std::string& bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), AsBytes(bytes).data(),
                    bytes.size(), kVariant);
  text.pop_back();
  return text;
}

std::string LowerHex(const std::string& bytes) {
  std::string text(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), AsBytes(bytes).data(), bytes.size());
  text.pop_back();
  return text;
}

// The spellings in which a secret might slip out. The beginning is enough.
std::vector<std::string> Spellings(const std::string& secret) {
  const std::string start = secret.substr(0, 12);
  return {start, LowerHex(start), Hex(AsBytes(start)), Base64(start),
          EncodeBase64Url(AsBytes(start))};
}

void ExpectAbsent(const std::vector<std::string>& spellings,
                  const std::string& text, const std::string& where) {
  for (const std::string& spelling : spellings) {
    EXPECT_EQ(text.find(spelling), std::string::npos) << where;
  }
}

class SecretsTest : public CommandLineTest {
 protected:
  SecretsTest() {
    WithKey();
    pin_ = ReadFile(PinFile());
    std::string bytes(pin_.size() / 2, '\0');
    sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                   pin_.data(), pin_.size(), nullptr, nullptr, nullptr);
    secrets_ = Spellings(pin_);
    for (const auto& spelling : Spellings(bytes)) secrets_.push_back(spelling);
  }

  fs::path PinFile() const {
    return home_ / "embedded" / "IDTTKN.JWT.SECRET" / "pin";
  }

  std::vector<fs::path> Files() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(home_)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }

  // The value of the key `kKey`, or why it cannot be read.
  Result<std::vector<std::uint8_t>> ReadValue() const {
    Configuration configuration;
    configuration.home = home_;
    configuration.store_path = home_ / "sigtoken.db";
    const auto directory = Must(Directory::Open(configuration));
    const auto token = Must(directory->FindToken(Name(kTokenName)));
    Must(token->Login());
    const auto held = Must(token->Look());
    Session session = Must(token->OpenSession(held, Access::kReadOnly));
    const auto objects =
        Must(FindObjects(session, AddressOf(token->name(), ObjectId{1, 'T'})));
    return ReadBytes(session, objects.at(0), CKA_VALUE);
  }

  // Each command, good and bad, as talkative as it can be.
  std::string EverythingSaid() const {
    std::string said;
    const std::string none = (folder_.path() / "none").string();
    const std::string uri =
        Json({"key", "show", kKey})["keys"].at(0).value("uri", "");
    for (const Words& words : std::vector<Words>{
             {},
             {"--help"},
             {"config", "check"},
             {"token", "create", "OTHER"},
             {"token", "create", "IDTTKN.JWT.SECRET"},
             {"token", "list"},
             {"token", "show", "IDTTKN.JWT.SECRET"},
             {"token", "delete", "IDTTKN.JWT.SECRET"},
             {"token", "delete", "OTHER"},
             {"key", "generate", "--token", "IDTTKN.JWT.SECRET"},
             {"key", "generate", "--token", "IDTTKN.JWT.SECRET", "--bytes",
              "8"},
             {"key", "list"},
             {"key", "show", uri},
             {"key", "show", uri + "?pin-value=" + "0000"},
             {"key", "delete", "IDTTKN.JWT.SECRET:2T"},
             {"key", "disable", kKey},
             {"sign", "--key", kKey, "--alg", "HS256"},
             {"key", "enable", kKey},
             {"sign", "--key", kKey, "--alg", "HS256"},
             {"sign", "--key", kKey, "--alg", "HS512"},
             {"sign", "--key", uri, "--alg", "HS256", none},
             {"verify", "--key", kKey, "--alg", "HS256", "--mac", "AAAA"},
             {"idt", "generate", "--appl", "A", "--user", "U", "--key", kKey,
              "--alg", "HS256"},
             {"idt", "validate", "--key", kKey, "--alg", "HS256"},
             {"idt", "inspect"},
             {"hsm", "test", "--token", "IDTTKN.JWT.SECRET"},
             {"explain", "CKR_PIN_INCORRECT"},
         }) {
      for (const Words& more :
           std::vector<Words>{{"--verbose"}, {"--verbose", "--json"}}) {
        const Outcome outcome = Run(words + more, "text");
        said += outcome.out + outcome.err;
      }
    }
    const Outcome job = programs_.Zweseckg({});
    return said + job.out + job.err;
  }

  std::string pin_;
  std::vector<std::string> secrets_;
};

TEST_F(SecretsTest, ThePinIsA128BitNumber) {
  EXPECT_THAT(pin_, ::testing::MatchesRegex("[0-9a-f]{32}"));
  Text({"token", "create", "OTHER"});
  EXPECT_NE(ReadFile(home_ / "embedded" / "OTHER" / "pin"), pin_);
}

TEST_F(SecretsTest, ThePinIsInNothingThatIsSaidOrWritten) {
  const std::string said = EverythingSaid();
  EXPECT_GT(said.size(), 10'000U);
  ExpectAbsent(secrets_, said, "in the output");
  std::size_t seen = 0;
  for (const fs::path& file : Files()) {
    if (file == PinFile()) continue;
    ExpectAbsent(secrets_, ReadFile(file), file.string());
    ++seen;
  }
  EXPECT_GT(seen, 5U);
  EXPECT_EQ(ReadFile(PinFile()), pin_);
}

TEST_F(SecretsTest, AWrongPinIsNotRepeated) {
  const std::string wrong = "77aa77bb77cc77dd77ee77ff77007711";
  folder_.Write("home/embedded/IDTTKN.JWT.SECRET/pin", wrong);
  std::vector<std::string> spellings = Spellings(wrong);
  for (const Words& words :
       std::vector<Words>{{"key", "list"},
                          {"key", "generate", "--token", "IDTTKN.JWT.SECRET"},
                          {"sign", "--key", kKey, "--alg", "HS256"},
                          {"idt", "generate", "--appl", "A", "--user", "U",
                           "--key", kKey, "--alg", "HS256"}}) {
    const Outcome outcome = Run(words + Words{"--verbose", "--json"});
    EXPECT_EQ(outcome.status, 8);
    EXPECT_EQ(outcome.json()["error"]["icsf"]["reason_code"],
              kNotAuthorized.reason_code);
    ExpectAbsent(spellings, outcome.out + outcome.err, "in the output");
    ExpectAbsent(secrets_, outcome.out + outcome.err, "in the output");
  }
}

TEST_F(SecretsTest, TheValueOfAKeyStaysInTheToken) {
  const auto value = ReadValue();
  ASSERT_FALSE(value.has_value());
  EXPECT_EQ(value.error().rv, CK_RV{CKR_ATTRIBUTE_SENSITIVE});
}

TEST_F(SecretsTest, TheValueOfAnExportableKeyIsNotShownEither) {
  Text({"key", "delete", kKey});
  Text({"token", "delete", "IDTTKN.JWT.SECRET"});
  WithToken();
  Text({"key", "generate", "--token", "IDTTKN.JWT.SECRET", "--alg", "HS256",
        "--exportable"});
  const auto value = Must(ReadValue());
  ASSERT_EQ(value.size(), 32U);
  const auto spellings = Spellings({value.begin(), value.end()});
  ExpectAbsent(spellings, EverythingSaid(), "in the output");
  for (const fs::path& file : Files()) {
    ExpectAbsent(spellings, ReadFile(file), file.string());
  }
}

// Each form is also read as each other one: it is refused, or is another key.
TEST_F(SecretsTest, AnImportedKeyIsOnlyInTheExportThatWasAskedFor) {
  Text({"token", "delete", "IDTTKN.JWT.SECRET", "--force"});
  WithToken();
  const std::string value = "\xFB\xFF\xBFknown bytes of an imported key, 42";
  const auto spellings = Spellings(value);
  std::string said;
  for (const Words& form : std::vector<Words>{
           {"raw", value},
           {"hex", LowerHex(value)},
           {"base64", Base64(value)},
           {"jwk", R"({"kty":"oct","k":")" + EncodeBase64Url(AsBytes(value)) +
                       "\"}"}}) {
    const std::string file = folder_.Write("key", form[1]);
    for (const char* format : {"hex", "base64", "jwk", "raw"}) {
      const Words words = {
          "key",      "import", "--token",  "IDTTKN.JWT.SECRET",
          "--format", format,   "--verbose"};
      const bool fits = form[0] == format;
      if (!fits && format == std::string("raw")) continue;
      for (const Words& more :
           std::vector<Words>{{"--from", file, "--exportable"}, {"--json"}}) {
        const Outcome outcome = Run(words + more, form[1]);
        // Hexadecimal digits are base64 too.
        if (fits) {
          EXPECT_EQ(outcome.status, 0) << outcome.err;
        }
        said += outcome.out + outcome.err;
      }
    }
  }
  said += EverythingSaid();
  const std::string backup = folder_.path() / "backup.db";
  const std::string file = folder_.path() / "exported";
  said += Text({"store", "backup", backup, "--verbose"});
  said += Text({"key", "export", kKey, "--to", file, "--verbose"});
  EXPECT_EQ(ReadFile(file), value);
  const Outcome asked = Run({"key", "export", kKey, "--to", "-"});
  EXPECT_EQ(asked.out, value);
  ExpectAbsent(spellings, said + asked.err, "in the output");
  ExpectAbsent(spellings, ReadFile(backup), "in the backup");
  for (const fs::path& each : Files()) {
    ExpectAbsent(spellings, ReadFile(each), each.string());
  }
}

// What is in the middle of reading a key has some of it in its memory.
TEST_F(SecretsTest, OtherProcessesSeeNoKeyThatIsBeingImported) {
  const std::string value(32, 'K');
  const Outcome outcome = RunShell(home_, R"(
    mkfifo data
    "$SIGTOKEN" key import --token IDTTKN.JWT.SECRET --exportable <data \
      >answer 2>&1 & importer=$!
    exec 3>data  # Opened by the shell's child, which becomes the program.
    until grep -q sigtoken /proc/$importer/comm; do sleep 0.01; done
    printf KKKKKKKKKKKKKKKKKKKK >&3
    for file in cmdline environ comm status maps; do
      cat /proc/$importer/$file 2>/dev/null
    done
    printf KKKKKKKKKKKK >&3; exec 3>&-; wait $importer; echo "status $?"
    cat answer)");
  EXPECT_THAT(outcome.out, ::testing::HasSubstr("import"));
  EXPECT_THAT(outcome.out, ::testing::HasSubstr("status 0\n"));
  ExpectAbsent(Spellings(value), outcome.out + outcome.err, "in /proc");
}

// A signer that waits for its input has used the PIN already.
constexpr const char* kWaitingSigner = R"(
    mkfifo data; ulimit -c unlimited
    "$SIGTOKEN" sign --key IDTTKN.JWT.SECRET:1T --alg HS256 data >mac & signer=$!
    exec 3>data  # Waits until it is opened to be read.
)";

TEST_F(SecretsTest, OtherProcessesSeeNoPinOfARunningOne) {
  const Outcome outcome = RunShell(home_, std::string(kWaitingSigner) + R"(
    for file in cmdline environ comm status maps; do
      cat /proc/$signer/$file 2>/dev/null
    done
    exec 3>&-; wait $signer)");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, ::testing::HasSubstr("HS256"));
  ExpectAbsent(secrets_, outcome.out, "in /proc");
}

TEST_F(SecretsTest, AProgramThatDiesLeavesNoCore) {
  const Outcome outcome = RunShell(home_, std::string(kWaitingSigner) + R"(
    grep '^Max core file size' /proc/$signer/limits
    stat -c %u /proc/$signer/environ
    kill -ABRT $signer; wait $signer; echo "status $?"
    ls core* 2>/dev/null)");
  EXPECT_THAT(outcome.out,
              ::testing::MatchesRegex(
                  "Max core file size +0 +0 +bytes +\n0\nstatus 134\n"));
  EXPECT_EQ(outcome.err.find("core dumped"), std::string::npos) << outcome.err;
}

TEST_F(SecretsTest, TheProgramsTakeNoPinByArgumentOrEnvironment) {
  const std::string uri =
      Json({"key", "show", kKey})["keys"].at(0).value("uri", "");
  const Outcome outcome =
      Run({"key", "show", uri + "?pin-value=" + pin_, "--json", "--verbose"});
  EXPECT_EQ(outcome.status, 8);
  ExpectAbsent(secrets_, outcome.out + outcome.err, "in the output");
}

TEST_F(SecretsTest, TheStoreIsPrivate) {
  EverythingSaid();
  for (const auto& entry : fs::recursive_directory_iterator(home_)) {
    struct stat found {};
    ASSERT_EQ(stat(entry.path().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777U, entry.is_directory() ? 0700U : 0600U)
        << entry.path();
  }
}

TEST_F(SecretsTest, AStoreThatOthersMayUseIsRefused) {
  const fs::path embedded = home_ / "embedded" / "IDTTKN.JWT.SECRET";
  struct Row {
    fs::path path;
    ::mode_t mode;
    ::mode_t good;
  };
  for (const Row& row : std::vector<Row>{{home_, 0750, 0700},
                                         {home_, 0701, 0700},
                                         {home_ / "sigtoken.db", 0640, 0600},
                                         {home_ / "sigtoken.db", 0602, 0600},
                                         {home_ / "softhsm2.conf", 0644, 0600},
                                         {home_ / "tokens", 0755, 0700},
                                         {home_ / "locks", 0770, 0700},
                                         {home_ / "embedded", 0711, 0700},
                                         {embedded, 0750, 0700},
                                         {embedded / "pin", 0640, 0600},
                                         {embedded / "pin", 0604, 0600}}) {
    SCOPED_TRACE(row.path.string());
    ASSERT_EQ(chmod(row.path.c_str(), row.mode), 0);
    const Outcome outcome =
        Run({"sign", "--key", kKey, "--alg", "HS256", "--json"});
    EXPECT_EQ(outcome.status, 12);
    EXPECT_THAT(outcome.err,
                ::testing::StartsWith("sigtoken: '" + row.path.string() +
                                      "' has mode 0"));
    EXPECT_EQ(outcome.json()["error"]["icsf"]["return_code"], 12);
    ASSERT_EQ(chmod(row.path.c_str(), row.good), 0);
  }
  EXPECT_EQ(Run({"sign", "--key", kKey, "--alg", "HS256"}).status, 0);
}

TEST_F(SecretsTest, AStoreOfSomebodyElseIsRefused) {
  if (geteuid() != 0) {
    // Who is not root cannot give a file away, but finds others' everywhere.
    const Outcome outcome = Run({"token", "list", "--home", "/usr"});
    EXPECT_EQ(outcome.status, 12);
    EXPECT_THAT(outcome.err, ::testing::HasSubstr("'/usr' belongs to uid 0"));
    return;
  }
  constexpr ::uid_t kNobody = 65'534;
  for (const fs::path& path :
       {home_, home_ / "sigtoken.db", home_ / "tokens", home_ / "locks",
        home_ / "softhsm2.conf", home_ / "embedded", PinFile()}) {
    SCOPED_TRACE(path.string());
    ASSERT_EQ(chown(path.c_str(), kNobody, kNobody), 0);
    const Outcome outcome = Run({"sign", "--key", kKey, "--alg", "HS256"});
    EXPECT_EQ(outcome.status, 12);
    EXPECT_THAT(outcome.err,
                ::testing::StartsWith("sigtoken: '" + path.string() +
                                      "' belongs to uid 65534"));
    ASSERT_EQ(chown(path.c_str(), 0, 0), 0);
  }
  EXPECT_EQ(Run({"sign", "--key", kKey, "--alg", "HS256"}).status, 0);
}

TEST_F(SecretsTest, ASymbolicLinkIsNoStore) {
  fs::rename(home_ / "tokens", folder_.path() / "tokens");
  fs::create_directory_symlink(folder_.path() / "tokens", home_ / "tokens");
  const Outcome outcome = Run({"sign", "--key", kKey, "--alg", "HS256"});
  EXPECT_EQ(outcome.status, 12);
  EXPECT_THAT(outcome.err, ::testing::HasSubstr("tokens' is a symbolic link"));
}

}  // namespace
}  // namespace sigtoken::testing
