#include <sys/stat.h>

#include <string>

#include "pkcs11/tokens/check_value.h"
#include "tests/tools/cli/imported_key.h"
#include "tests/tools/shell.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

using KeyImportTest = ImportedKeyTest;

TEST_F(KeyImportTest, GivesTheMembersOfAKeyThatWasGenerated) {
  json key = Json(kImport + Words{"--label", "my key"}, kValue);
  const json token = Json({"token", "list"})["tokens"].at(0);
  EXPECT_EQ(
      key, (json{{"handle", kKeyHandle},
                 {"token", "IDTTKN.JWT.SECRET"},
                 {"sequence", "00000001"},
                 {"category", "T"},
                 {"bytes", 32},
                 {"label", "my key"},
                 {"uri", token["uri"].get<std::string>() +
                             ";id=IDTTKN.JWT.SECRET:00000001T;type=secret-key"},
                 {"kcv", KeyCheckValue(OpenSslMac(Hs256(), Bytes(kValue), {}))},
                 {"idtparms",
                  "IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET) SIGSEQNUM(00000001) "
                  "SIGCAT(T) SIGALG(HS256))"},
                 {"disabled", false},
                 {"existed", false},
                 {"not_kept", json::array()}}));
  ExpectValue(key, kValue);
}

TEST_F(KeyImportTest, TakesEachFormFromAFileAndFromStandardInput) {
  for (const Form& form : Forms()) {
    SCOPED_TRACE(form.name);
    const Words words = kImport + Words{"--format", form.name};
    const std::string file = folder_.Write("key", form.text);
    ExpectValue(Json(words + Words{"--from", file}), kValue);
    ExpectValue(Json(words + Words{"--from", "-"}, form.text), kValue);
    ExpectValue(Json(words, form.text), kValue);
  }
  EXPECT_EQ(Json({"key", "list"})["keys"].size(), 12U);
}

TEST_F(KeyImportTest, ReadsAPipeToItsEnd) {
  const Outcome outcome = RunShell(home_, R"(
    { printf fbffbf00736563726574206f66207468697274792d; sleep 0.2
      printf '74776f2062797465730a0d\n'; } |
      "$SIGTOKEN" key import --token IDTTKN.JWT.SECRET --format hex --json)");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  ExpectValue(outcome.json(), kValue);
}

TEST_F(KeyImportTest, OneNewlineAtTheEndIsNoPartOfAText) {
  for (const Form& form : Forms()) {
    SCOPED_TRACE(form.name);
    const Words words = kImport + Words{"--format", form.name};
    if (form.name == "raw") {
      ExpectValue(Json(words, form.text + "\n"), kValue + "\n");
      ExpectValue(Json(words, form.text + "\r\n"), kValue + "\r\n");
      continue;
    }
    const std::string bare = form.text.substr(0, form.text.size() - 1);
    ExpectValue(Json(words, bare), kValue);
    ExpectValue(Json(words, bare + "\r\n"), kValue);
    // White space around a JSON document is no part of it (RFC 8259, 2).
    const int status = form.name == "jwk" ? 0 : 8;
    for (const char* ending : {"\n\n", "\r\n\r\n", " \n", "\n "}) {
      EXPECT_EQ(Run(words, bare + ending).status, status);
    }
  }
}

TEST_F(KeyImportTest, WarnsOfAKeyBelow32Bytes) {
  const std::string warning =
      "sigtoken: warning: the key is shorter than 32 bytes, which RFC 7518, "
      "3.2, asks for with HS256\n";
  for (const std::size_t bytes : {1U, 9U, 31U}) {
    const std::string value = std::string(bytes, 'k');
    const Outcome outcome = Run(kImport + Words{"--json"}, value);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, warning);
    ExpectValue(outcome.json(), value);
  }
  for (const std::size_t bytes : {32U, 33U, 64U, 131U, 4096U}) {
    const std::string value = std::string(bytes, 'k');
    const Outcome outcome = Run(kImport + Words{"--json"}, value);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "");
    ExpectValue(outcome.json(), value);
  }
  EXPECT_EQ(Run(kImport + Words{"--quiet"}, "short").err, "");
}

TEST_F(KeyImportTest, AShortKeyServesAllThreeAlgorithms) {
  const Outcome outcome = Run(kImport + Words{"--verbose"}, "Secret123");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.err,
              ::testing::EndsWith(
                  "sigtoken: the module does not use so short a key: it holds "
                  "it with zeros behind it, up to 64 bytes, which is the same "
                  "key (RFC 2104, 2)\n"));
  EXPECT_THAT(outcome.out, HasSubstr("\nbytes       9\n"));
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    EXPECT_EQ(
        Json({"sign", "--key", kKey, "--alg", std::string(algorithm.name)},
             "data")["mac"],
        EncodeBase64Url(
            OpenSslMac(algorithm, Bytes("Secret123"), Bytes("data"))));
  }
  const json shown = Json({"key", "show", kKey})["keys"].at(0);
  EXPECT_EQ(shown["bytes"], 9);
  EXPECT_EQ(shown["attributes"]["CKA_VALUE_LEN"], 64);
}

TEST_F(KeyImportTest, TakesTheOptionsOfGenerate) {
  const json secure = Json(kImport + Words{"--category", "Y"}, kValue);
  EXPECT_EQ(secure["handle"], "IDTTKN.JWT.SECRET               00000001Y   ");
  const json shown =
      Json({"key", "show", "IDTTKN.JWT.SECRET:1Y"})["keys"].at(0)["attributes"];
  EXPECT_EQ(shown["CKA_SENSITIVE"], true);
  EXPECT_EQ(shown["CKA_EXTRACTABLE"], false);

  const json checker = Json(kImport + Words{"--verify-only"}, kValue);
  EXPECT_EQ(checker["kcv"], nullptr);
  const Words key = {"--key", "IDTTKN.JWT.SECRET:2T", "--alg", "HS256"};
  ExpectRefusal(Words{"sign"} + key, kKeyFunctionNotPermitted,
                "the key IDTTKN.JWT.SECRET:00000002T may not sign: its "
                "CKA_SIGN is FALSE");
  EXPECT_EQ(Run(Words{"verify"} + key + Words{"--mac=" + MacOf(kValue, "data")},
                "data")
                .status,
            0);
  EXPECT_EQ(Run(Words{"verify"} + key + Words{"--mac=" + MacOf(kValue, "data")},
                "Data")
                .status,
            4);

  const Outcome open = Run(kImport + Words{"--exportable", "--json"}, kValue);
  EXPECT_EQ(open.err,
            "sigtoken: warning: THIS KEY IS EXPORTABLE: whoever has the "
            "token's PIN can read its value and sign elsewhere\n");
}

struct Mistake {
  Words options;
  std::string input;
  IcsfCode code;
  std::string message;
};

TEST_F(KeyImportTest, RefusesWhatIsNoKeyAndMakesNothing) {
  const std::string worthless =
      "the key has only zero bytes: everybody can "
      "sign with it";
  const std::string empty = "the key is empty: everybody can sign with it";
  const std::string bad_hex =
      "the key is not hexadecimal: two digits a byte, "
      "and nothing in between";
  const std::string bad_jwk =
      R"(the key is not a JWK of the form {"kty":"oct","k":"..."})";
  const std::string too_long =
      "the key to import: the secret in 'fd:0' has more than 16384 bytes";
  const std::string mebibyte(std::size_t{1024} * 1024, 'a');
  for (const Mistake& mistake : std::vector<Mistake>{
           {{}, "", kAttributeValueInvalid, empty},
           {{"--format", "hex"}, "\n", kAttributeValueInvalid, empty},
           {{"--format", "base64"}, "", kAttributeValueInvalid, empty},
           {{"--format", "jwk"},
            R"({"kty":"oct","k":""})",
            kAttributeValueInvalid,
            empty},
           {{"--format", "jwk"}, "", kAttributeValueInvalid, bad_jwk},
           {{}, std::string(1, '\0'), kAttributeValueInvalid, worthless},
           {{}, std::string(64, '\0'), kAttributeValueInvalid, worthless},
           {{"--format", "hex"}, "0000", kAttributeValueInvalid, worthless},
           {{"--format", "base64"}, "AAAA", kAttributeValueInvalid, worthless},
           {{"--format", "hex"}, kValue, kAttributeValueInvalid, bad_hex},
           {{"--format", "jwk"}, kValue, kAttributeValueInvalid, bad_jwk},
           {{"--format", "base64"},
            kValue,
            kAttributeValueInvalid,
            "the key is not base64 (RFC 4648, 4)"},
           {{},
            std::string(4097, 'a'),
            kAttributeValueInvalid,
            "the key has 4097 bytes, and 4096 is the limit"},
           {{}, mebibyte, kParameterInvalid, too_long},
           {{"--format", "hex"}, mebibyte, kParameterInvalid, too_long},
           {{"--format", "base64"}, mebibyte, kParameterInvalid, too_long},
           {{"--format", "jwk"}, mebibyte, kParameterInvalid, too_long},
           {{"--format", "pem"},
            kValue,
            kRuleArrayInvalid,
            "'pem' is not a form of keys"},
           {{"--format", "HEX"},
            kValue,
            kRuleArrayInvalid,
            "'HEX' is not a form of keys"},
           {{"--category", "S"},
            kValue,
            kParameterInvalid,
            "keys of category 'S' do not outlive the process that makes them"},
           {{"--category", "TY"},
            kValue,
            kParameterInvalid,
            "the category 'TY' is not one letter"},
           {{"--category", "Y", "--exportable"},
            kValue,
            kAttributeValueInvalid,
            "a key of category Y is never exportable"},
           {{"--label", std::string(33, 'a')},
            kValue,
            kParameterInvalid,
            "the label '" + std::string(33, 'a') + "' is longer than 32 bytes"},
       }) {
    ExpectRefusal(kImport + mistake.options, mistake.code, mistake.message,
                  mistake.input);
  }
  ExpectNoKey();
}

TEST_F(KeyImportTest, RefusesAFileThatIsNotTheOwnersAlone) {
  const std::string wide = folder_.Write("wide", kValue, 0644);
  const std::string link = folder_.path() / "link";
  fs::create_symlink(folder_.Write("private", kValue), link);
  const std::string folder = folder_.path();
  const std::string none = folder_.path() / "none";
  struct Row {
    std::string file;
    std::string what;
  };
  for (const Row& row : std::vector<Row>{
           {wide,
            "'" + wide + "' has mode 0644: others than its owner may use it"},
           {link, "'" + link + "' is a symbolic link"},
           {folder, "'" + folder + "' is not a regular file"},
           {"/dev/zero", "'/dev/zero' is not a regular file"},
           {none, "cannot open '" + none + "': No such file or directory"}}) {
    ExpectRefusal(kImport + Words{"--from", row.file}, kParameterInvalid,
                  "the key to import: " + row.what);
  }
  ExpectNoKey();
}

TEST_F(KeyImportTest, RefusesATokenThatIsNotThere) {
  ExpectRefusal({"key", "import", "--token", "NONE"}, kTokenNotFound,
                "there is no token NONE", kValue);
  ExpectRefusal({"key", "import", "--token", "idttkn.jwt.secret"},
                kHandleInvalid, "'idttkn.jwt.secret' is not a token name",
                kValue);
}

}  // namespace
}  // namespace sigtoken::testing
