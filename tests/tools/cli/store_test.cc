#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

namespace fs = std::filesystem;

const Words kGenerate = {"key", "generate", "--token", "IDTTKN.JWT.SECRET"};

class StoreTest : public CommandLineTest {
 protected:
  StoreTest() : backup_(folder_.path() / "backup.db") { WithKey(); }

  json BackUp() const { return Json({"store", "backup", backup_}); }
  json Restore() const { return Json({"store", "restore", backup_}); }
  json Tokens() const { return Json({"token", "list"})["tokens"]; }
  json Keys() const { return Json({"key", "list"})["keys"]; }
  bool IsDisabled() const {
    return Json({"key", "show", kKey})["keys"].at(0)["disabled"];
  }

  void LoseStore() const {
    for (const char* ending : {"", "-wal", "-shm"}) {
      fs::remove(home_ / ("sigtoken.db" + std::string(ending)));
    }
  }

  static std::string ReadFile(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  const std::string backup_;
};

TEST_F(StoreTest, ABackupIsOneFileOfItsOwner) {
  EXPECT_EQ(BackUp(), (json{{"ok", true}, {"file", backup_}}));
  struct stat found {};
  ASSERT_EQ(stat(backup_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777U, 0600U);
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    static_cast<void>(entry);
    ++files;
  }
  EXPECT_EQ(files, 2U);  // The backup and the home.
  EXPECT_EQ(Restore(),
            (json{{"ok", true}, {"file", backup_}, {"kept", json::array()}}));
}

TEST_F(StoreTest, SaysWhatItDid) {
  const Outcome made = Run({"store", "backup", backup_, "--verbose"});
  EXPECT_EQ(made.status, 0);
  EXPECT_EQ(made.out, "state store backed up to '" + backup_ + "'\n");
  EXPECT_EQ(made.err,
            "sigtoken: it holds records, no keys: back up the tokens with the "
            "tools of their makers\n");
  const Outcome restored = Run({"store", "restore", backup_});
  EXPECT_EQ(restored.status, 0);
  EXPECT_EQ(restored.out, "state store restored from '" + backup_ + "'\n");
  EXPECT_EQ(restored.err, "");
}

TEST_F(StoreTest, ABackupTakesTheRecordsToANewStore) {
  Text({"token", "create", "OTHER", "--manufacturer", "IBM", "--model", "M1",
        "--serial", "0017"});
  Text(kGenerate + Words{"--alg", "HS384"});
  Text({"key", "delete", "IDTTKN.JWT.SECRET:2T"});
  Text({"key", "disable", kKey});
  const json tokens = Tokens();
  const json keys = Keys();
  BackUp();
  LoseStore();
  EXPECT_FALSE(IsDisabled());
  Restore();
  EXPECT_EQ(Tokens(), tokens);
  EXPECT_EQ(Keys(), keys);
  EXPECT_EQ(Json(kGenerate)["sequence"], "00000003");
}

TEST_F(StoreTest, DisabledKeysAreAsTheyWere) {
  Text({"key", "disable", kKey});
  BackUp();
  Text({"key", "enable", kKey});
  Restore();
  EXPECT_TRUE(IsDisabled());
  ExpectRefusal({"sign", "--key", kKey, "--alg", "HS256"}, kObjectDisabled,
                "the key IDTTKN.JWT.SECRET:00000001T is disabled");
}

TEST_F(StoreTest, RestoreNeverLowersASequenceNumber) {
  BackUp();
  Text(kGenerate);
  Text(kGenerate);
  Text({"key", "delete", "IDTTKN.JWT.SECRET:3T"});
  Restore();
  EXPECT_EQ(Tokens().at(0)["last_sequence"], "00000003");
  EXPECT_EQ(Keys().size(), 2U);
  EXPECT_EQ(Json(kGenerate)["sequence"], "00000004");
}

// A token of the same name that was made anew has keys of its own.
TEST_F(StoreTest, ATokenThatWasMadeAnewKeepsItsOwnKeys) {
  Text(kGenerate);
  BackUp();
  Text({"token", "delete", "IDTTKN.JWT.SECRET", "--force"});
  WithKey();
  const json keys = Keys();
  const json tokens = Tokens();
  EXPECT_EQ(Restore()["kept"], (json{"IDTTKN.JWT.SECRET"}));
  EXPECT_EQ(Keys(), keys);
  EXPECT_EQ(Tokens(), tokens);
  EXPECT_EQ(Json({"sign", "--key", kKey, "--alg", "HS256"})["alg"], "HS256");
}

TEST_F(StoreTest, WhatTheBackupDoesNotKnowStays) {
  BackUp();
  Text({"token", "create", "LATER"});
  Text({"token", "create", "EVEN.LATER"});
  Text({"key", "generate", "--token", "LATER"});
  Text({"key", "disable", "LATER:1T"});
  const json tokens = Tokens();
  const Outcome outcome = Run({"store", "restore", backup_, "--json"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.json()["kept"], (json{"EVEN.LATER", "LATER"}));
  EXPECT_EQ(outcome.err,
            "sigtoken: warning: the backup does not know the token EVEN.LATER: "
            "its records stay as they were\n"
            "sigtoken: warning: the backup does not know the token LATER: its "
            "records stay as they were\n");
  EXPECT_EQ(Tokens(), tokens);
  EXPECT_EQ(Json({"key", "show", "LATER:1T"})["keys"].at(0)["disabled"], true);
}

TEST_F(StoreTest, BackupKeepsTheFileThatIsThere) {
  const std::string there = folder_.Write("there", "mine", 0644);
  fs::create_symlink(folder_.path() / "nowhere", folder_.path() / "link");
  for (const std::string& name :
       {there, (folder_.path() / "link").string(), home_.string(),
        (home_ / "sigtoken.db").string()}) {
    ExpectRefusal({"store", "backup", name}, kParameterInvalid,
                  "the file '" + name + "' is there already");
  }
  EXPECT_EQ(ReadFile(there), "mine");
  EXPECT_FALSE(fs::exists(folder_.path() / "nowhere"));
  const std::string none = folder_.path() / "none" / "backup.db";
  const Outcome outcome = Run({"store", "backup", none, "--json"});
  EXPECT_EQ(outcome.status, 8);
  EXPECT_EQ(outcome.json()["error"]["icsf"]["reason_code"], 3002);
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    static_cast<void>(entry);
    ++files;
  }
  EXPECT_EQ(files, 3U);  // The file, the link, the home.
}

TEST_F(StoreTest, RestoreRefusesWhatIsNoBackupAndChangesNothing) {
  Text({"key", "disable", kKey});
  BackUp();
  Text(kGenerate);
  const std::string good = ReadFile(backup_);
  ASSERT_GT(good.size(), 8192U);
  std::string damaged = good;
  for (std::size_t i = 4096; i < damaged.size(); ++i) damaged[i] ^= '\x5A';
  std::string wrong_page_size = good;
  wrong_page_size[16] ^= '\x03';
  const json tokens = Tokens();
  const json keys = Keys();
  struct Row {
    std::string name;
    std::string text;
  };
  for (const Row& row : std::vector<Row>{
           {"empty", ""},
           {"text", "this is no database, and long enough for one page"},
           {"magic alone", good.substr(0, 16)},
           {"header alone", good.substr(0, 100)},
           {"first page", good.substr(0, 4096)},
           {"half", good.substr(0, good.size() / 2)},
           {"last byte missing", good.substr(0, good.size() - 1)},
           {"damaged", damaged},
           {"wrong page size", wrong_page_size},
           {"zeros", std::string(8192, '\0')}}) {
    SCOPED_TRACE(row.name);
    const std::string file = folder_.Write("bad.db", row.text);
    const Outcome outcome = Run({"store", "restore", file, "--json"});
    EXPECT_EQ(outcome.status, 8);
    EXPECT_THAT(outcome.err,
                ::testing::StartsWith("sigtoken: the file '" + file +
                                      "' is not a backup of a state store"));
    EXPECT_EQ(outcome.json()["error"]["icsf"]["reason_code"], 3002);
    EXPECT_EQ(Tokens(), tokens);
    EXPECT_EQ(Keys(), keys);
    EXPECT_EQ(ReadFile(file), row.text);
  }
  const std::string why = "' is not a backup of a state store: ";
  const std::string none = folder_.path() / "none";
  const std::string pin = home_ / "embedded" / "IDTTKN.JWT.SECRET" / "pin";
  ExpectRefusal({"store", "restore", none}, kParameterInvalid,
                "the file '" + none + why + "unable to open database file");
  ExpectRefusal({"store", "restore", home_}, kParameterInvalid,
                "the file '" + home_.string() + why + "disk I/O error");
  ExpectRefusal({"store", "restore", pin}, kParameterInvalid,
                "the file '" + pin + why + "file is not a database");
  EXPECT_EQ(Tokens(), tokens);
  EXPECT_EQ(Keys(), keys);
  for (const auto& entry : fs::directory_iterator(home_)) {
    EXPECT_EQ(entry.path().string().find(".restored"), std::string::npos)
        << entry.path();
  }
}

TEST_F(StoreTest, AStoreThatWasLostIsSaidLoudlyWhenAKeyIsMade) {
  Text(kGenerate);
  Text({"key", "delete", "IDTTKN.JWT.SECRET:2T"});
  LoseStore();
  const Outcome outcome = Run(kGenerate + Words{"--json"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err,
            "sigtoken: warning: THE STATE STORE HAD NO RECORD of the token "
            "IDTTKN.JWT.SECRET: it was made from the token's keys. Numbers of "
            "keys that were deleted before, which keys were disabled or "
            "adopted, and the true length of short ones are not known any "
            "more\n");
  EXPECT_EQ(outcome.json()["sequence"], "00000002");
  EXPECT_EQ(Run(kGenerate).err, "");
}

TEST_F(StoreTest, AStoreThatWasLostIsSaidWhenAKeyIsImported) {
  LoseStore();
  const std::string value(64, 'k');
  const Words import = {"key", "import", "--token", "IDTTKN.JWT.SECRET"};
  EXPECT_THAT(Run(import, value).err,
              ::testing::StartsWith(
                  "sigtoken: warning: THE STATE STORE HAD NO RECORD of the "
                  "token IDTTKN.JWT.SECRET"));
  EXPECT_EQ(Run(import, value).err, "");
}

// With it every command but that one fails, and names it.
TEST_F(StoreTest, ADamagedStoreIsCuredByItsBackup) {
  Text(kGenerate);
  Text({"key", "disable", kKey});
  BackUp();
  const json keys = Keys();
  const fs::path store = home_ / "sigtoken.db";
  std::ofstream(store, std::ios::binary) << std::string(20'000, 'x');
  const Outcome refused = Run({"key", "list"});
  EXPECT_EQ(refused.status, 12);
  EXPECT_EQ(
      refused.err,
      "sigtoken: the state store '" + store.string() +
          "' could not be opened: file is not a database (ICSF 12/0, X'0'). "
          "Put a backup in its place with 'sigtoken store restore FILE'. "
          "Without one move it away: it is made again from the tokens' "
          "keys, and numbers of keys that were deleted, which keys were "
          "disabled or adopted, the true length of short ones, profiles "
          "and users are lost\n");
  const Outcome restored = Run({"store", "restore", backup_, "--json"});
  EXPECT_EQ(restored.status, 0) << restored.err;
  const json answer = restored.json();
  const std::string aside = answer["damaged"];
  EXPECT_EQ(answer, (json{{"ok", true},
                          {"file", backup_},
                          {"kept", json::array()},
                          {"damaged", aside}}));
  EXPECT_EQ(restored.err,
            "sigtoken: warning: the state store was damaged, and is kept as '" +
                aside +
                "'. What was written since the backup is lost: which keys were "
                "disabled, enabled or adopted, profiles and users; numbers of "
                "keys that were made and deleted since may be given out "
                "again\n");
  EXPECT_EQ(ReadFile(aside), std::string(20'000, 'x'));
  EXPECT_EQ(Keys(), keys);
  EXPECT_TRUE(IsDisabled());
  EXPECT_EQ(Json(kGenerate)["sequence"], "00000003");
  EXPECT_EQ(Restore()["kept"], json::array());
}

TEST_F(StoreTest, ADamagedStoreStaysWhereTheBackupIsNone) {
  const fs::path store = home_ / "sigtoken.db";
  std::ofstream(store, std::ios::binary) << "no database";
  ExpectRefusal({"store", "restore", store}, kParameterInvalid,
                "the file '" + store.string() +
                    "' is not a backup of a state store: file is not a "
                    "database");
  EXPECT_EQ(ReadFile(store), "no database");
}

}  // namespace
}  // namespace sigtoken::testing
