#include <sys/stat.h>

#include <string>

#include "tests/tools/cli/imported_key.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

namespace fs = std::filesystem;

using KeyExportTest = ImportedKeyTest;

TEST_F(KeyExportTest, GivesBackWhatWasImported) {
  for (const std::string& value :
       {kValue, std::string("Secret123"), std::string(131, '\xAA')}) {
    const std::string handle =
        Json(kImport + Words{"--exportable"}, value)["handle"];
    for (const Form& form : Forms()) {
      SCOPED_TRACE(form.name);
      const fs::path file = folder_.path() / "exported";
      const Words words = {"key", "export", handle, "--format", form.name};
      const json answer = Json(words + Words{"--to", file});
      EXPECT_EQ(answer, (json{{"handle", handle},
                              {"file", file.string()},
                              {"format", form.name}}));
      const std::string text = ReadFile(file);
      if (value == kValue) {
        EXPECT_EQ(text, form.text);
      }
      EXPECT_EQ(Text(words + Words{"--to", "-"}), text);
      struct stat found {};
      ASSERT_EQ(stat(file.c_str(), &found), 0);
      EXPECT_EQ(found.st_mode & 07777U, 0600U);
      ExpectValue(Json(kImport + Words{"--from", file, "--format", form.name}),
                  value);
      fs::remove(file);
    }
  }
}

TEST_F(KeyExportTest, SaysWhatItDid) {
  Text(kImport + Words{"--exportable"}, kValue);
  const std::string file = folder_.path() / "exported";
  const Outcome outcome = Run({"key", "export", kKey, "--to", file});
  EXPECT_EQ(outcome.out,
            "key IDTTKN.JWT.SECRET:00000001T exported to '" + file + "'\n");
  EXPECT_EQ(outcome.err,
            "sigtoken: warning: the value of IDTTKN.JWT.SECRET:00000001T is "
            "outside of the token now: keep it as you would keep the PIN\n");
}

TEST_F(KeyExportTest, KeepsTheFileThatIsThere) {
  Text(kImport + Words{"--exportable"}, kValue);
  const std::string file = folder_.Write("there", "mine", 0644);
  fs::create_symlink(folder_.path() / "nowhere", folder_.path() / "link");
  for (const std::string& name :
       {file, (folder_.path() / "link").string(), home_.string()}) {
    ExpectRefusal({"key", "export", kKey, "--to", name}, kParameterInvalid,
                  "the file '" + name + "' is there already");
  }
  EXPECT_EQ(ReadFile(file), "mine");
  const std::string none = folder_.path() / "none" / "key";
  ExpectRefusal({"key", "export", kKey, "--to", none}, kParameterInvalid,
                "the file '" + none +
                    "' could not be made: No such file or "
                    "directory");
  std::size_t left = 0;
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("nowhere"));
    ++left;
  }
  EXPECT_EQ(left, 3U);  // The file, the link, the home.
}

TEST_F(KeyExportTest, DoesNotMixAKeyIntoADocument) {
  Text(kImport + Words{"--exportable"}, kValue);
  const Outcome outcome = Run({"key", "export", kKey, "--to", "-", "--json"});
  EXPECT_EQ(outcome.status, 8);
  EXPECT_EQ(outcome.err,
            "sigtoken: --to - and --json both want standard output (ICSF "
            "8/3002, X'BBA'). Name a file with --to\n");
  EXPECT_EQ(outcome.json()["error"]["icsf"]["reason_code"], 3002);
}

TEST_F(KeyExportTest, LeavesOtherKeysInTheToken) {
  constexpr IcsfCode kSensitive{8, 3045};
  const std::string file = folder_.path() / "exported";
  Text(kImport, kValue);
  Text(kImport + Words{"--category", "Y"}, kValue);
  Text(kImport + Words{"--exportable"}, kValue);
  Text({"key", "disable", "IDTTKN.JWT.SECRET:3T"});
  for (const char* key :
       {"IDTTKN.JWT.SECRET:00000001T", "IDTTKN.JWT.SECRET:00000002Y"}) {
    ExpectRefusal({"key", "export", key, "--to", file}, kSensitive,
                  std::string("the value of the key ") + key +
                      " stays in the token: it is CKA_SENSITIVE");
  }
  ExpectRefusal({"key", "export", "IDTTKN.JWT.SECRET:3T", "--to", file},
                kObjectDisabled,
                "the key IDTTKN.JWT.SECRET:00000003T is disabled");
  ExpectRefusal({"key", "export", "IDTTKN.JWT.SECRET:4T", "--to", file},
                kObjectNotFound, "there is no key IDTTKN.JWT.SECRET:00000004T");
  ExpectRefusal({"key", "export", kKey, "--to", file, "--format", "pem"},
                kRuleArrayInvalid, "'pem' is not a form of keys");
  EXPECT_FALSE(fs::exists(file));
}

}  // namespace
}  // namespace sigtoken::testing
