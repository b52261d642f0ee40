#include "pkcs11/store/backup.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pkcs11/store/object_records.h"
#include "pkcs11/store/refused_pins.h"
#include "pkcs11/store/schema.h"
#include "pkcs11/store/token_records.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/store/first_schema.h"

namespace sigtoken {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;

std::string Bytes(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(store_.parent_path());
    database_ = Must(Database::Open(store_));
    Must(MigrateRecords(*database_));
  }

  TokenIdentity Identity(const std::string& serial) const {
    return {"/p11.so", "", "hsm", serial};
  }
  void PutToken(const std::string& name, std::uint32_t last,
                const std::string& serial = "0011") {
    Must(PutTokenRecord(*database_, {Name(name), "ACME", "M1", "S1", last,
                                     Instant{5}, Identity(serial)}));
  }
  void PutKey(const std::string& name, std::uint32_t sequence,
              bool disabled = false) {
    ObjectRecord record;
    record.id = {sequence, 'T'};
    record.bytes = 48;
    record.algorithm = "HS384";
    record.check_mac = std::vector<std::uint8_t>(32, 0xA5);
    record.disabled = disabled;
    record.created = Instant{6};
    Must(PutObjectRecord(*database_, Name(name), record));
  }
  std::optional<TokenRecord> Token(const std::string& name) {
    return Must(FindTokenRecord(*database_, Name(name)));
  }
  std::optional<ObjectRecord> Key(const std::string& name,
                                  std::uint32_t sequence) {
    return Must(FindObjectRecord(*database_, Name(name), {sequence, 'T'}));
  }
  Result<std::vector<std::string>> RestoreIt(const fs::path& file) {
    return Restore(*database_, file, &MigrateRecords);
  }
  std::set<std::string> Files(const fs::path& folder) const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

  testing::TemporaryFolder folder_;
  fs::path store_ = folder_.path() / "store" / "db";
  fs::path backup_ = folder_.path() / "backup";
  std::unique_ptr<Database> database_;
};

TEST_F(BackupTest, ABackupIsOneFileForItsOwnerAlone) {
  PutToken("A", 1);
  ASSERT_THAT(BackUp(*database_, backup_), IsOk());
  EXPECT_THAT(Files(folder_.path()), ElementsAre("backup", "store"));
  struct stat found {};
  ASSERT_EQ(::stat(backup_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600U);
}

TEST_F(BackupTest, AFileThatIsThereIsLeftAlone) {
  folder_.Write("backup", "precious");
  fs::create_symlink(folder_.path() / "nothing", folder_.path() / "link");
  for (const char* name : {"backup", "link", "store"}) {
    const auto file = folder_.path() / name;
    const auto made = BackUp(*database_, file);
    EXPECT_THAT(made, FailsWith(kParameterInvalid));
    EXPECT_EQ(MessageOf(made),
              "the file '" + file.string() + "' is there already");
  }
  EXPECT_EQ(Bytes(backup_), "precious");
  EXPECT_THAT(Files(folder_.path()), ElementsAre("backup", "link", "store"));
}

TEST_F(BackupTest, WhereNoFileCanBeMadeNoneIs) {
  for (const auto& file : {folder_.path() / "none" / "backup",
                           folder_.path() / std::string(300, 'x')}) {
    EXPECT_THAT(BackUp(*database_, file), FailsWith(kParameterInvalid));
  }
  EXPECT_THAT(Files(folder_.path()), ElementsAre("store"));
}

TEST_F(BackupTest, RestoreBringsBackWhatWasThere) {
  PutToken("A", 3);
  PutKey("A", 1, true);
  PutKey("A", 2);
  ObjectRecord adopted;
  adopted.id = {3, 'T'};
  adopted.foreign = ForeignAddress{{0, 1}, "theirs"};
  adopted.adopted = true;
  Must(PutObjectRecord(*database_, Name("A"), adopted));
  Must(BackUp(*database_, backup_));

  Must(SetDisabled(*database_, Name("A"), {1, 'T'}, false));
  Must(DeleteObjectRecord(*database_, Name("A"), {2, 'T'}));
  Must(DeleteObjectRecord(*database_, Name("A"), {3, 'T'}));
  PutKey("A", 4);
  EXPECT_THAT(Must(RestoreIt(backup_)), IsEmpty());

  EXPECT_EQ(Token("A")->manufacturer, "ACME");
  EXPECT_EQ(Token("A")->updated, Instant{5});
  EXPECT_EQ(Token("A")->identity, Identity("0011"));
  EXPECT_TRUE(Key("A", 1)->disabled);
  ASSERT_TRUE(Key("A", 2));
  EXPECT_EQ(Key("A", 2)->bytes, 48U);
  EXPECT_EQ(Key("A", 2)->algorithm, "HS384");
  EXPECT_EQ(Key("A", 2)->check_mac, std::vector<std::uint8_t>(32, 0xA5));
  EXPECT_EQ(Key("A", 2)->created, Instant{6});
  ASSERT_TRUE(Key("A", 3));
  EXPECT_EQ(Key("A", 3)->foreign, adopted.foreign);
  EXPECT_TRUE(Key("A", 3)->adopted);
  EXPECT_FALSE(Key("A", 4));
}

TEST_F(BackupTest, AStoreThatWasLostComesBackWhole) {
  PutToken("A", 9);
  PutKey("A", 1);
  Must(BackUp(*database_, backup_));
  database_ = Must(Database::Open(folder_.path() / "fresh"));
  Must(MigrateRecords(*database_));
  EXPECT_THAT(Must(RestoreIt(backup_)), IsEmpty());
  EXPECT_EQ(Token("A")->last_sequence, 9U);
  EXPECT_TRUE(Key("A", 1));
}

TEST_F(BackupTest, NumbersNeverComeBack) {
  PutToken("A", 3);
  PutToken("B", 9);
  Must(BackUp(*database_, backup_));
  Must(SetLastSequence(*database_, Name("A"), 7, Instant{8}));
  Must(SetLastSequence(*database_, Name("B"), 2, Instant{8}));
  Must(RestoreIt(backup_));
  EXPECT_EQ(Token("A")->last_sequence, 7U);
  EXPECT_EQ(Token("B")->last_sequence, 9U);
}

TEST_F(BackupTest, ItSaysNothingOfAnotherTokenThatGotTheName) {
  PutToken("A", 3, "0011");
  PutKey("A", 3);
  Must(BackUp(*database_, backup_));
  PutToken("A", 7, "0012");
  PutKey("A", 7);
  EXPECT_THAT(Must(RestoreIt(backup_)), ElementsAre("A"));
  EXPECT_EQ(Token("A")->identity, Identity("0012"));
  EXPECT_EQ(Token("A")->last_sequence, 7U);
  EXPECT_TRUE(Key("A", 7));
  EXPECT_FALSE(Key("A", 3));
}

TEST_F(BackupTest, TokensThatItDoesNotKnowStayAndAreNamed) {
  PutToken("A", 1);
  Must(BackUp(*database_, backup_));
  PutToken("C", 4);
  PutToken("B", 5);
  PutKey("B", 5);
  EXPECT_THAT(Must(RestoreIt(backup_)), ElementsAre("B", "C"));
  EXPECT_EQ(Token("B")->last_sequence, 5U);
  EXPECT_TRUE(Key("B", 5));
  EXPECT_EQ(Token("C")->last_sequence, 4U);
}

TEST_F(BackupTest, RefusedPinsStayAsTheyAre) {
  const PinFile yesterday{"/pin", 1, 2, 3};
  const PinFile today{"/other", 1, 4, 3};
  Must(PutRefusedPin(*database_, Identity("1"), yesterday, CKR_PIN_INCORRECT));
  Must(BackUp(*database_, backup_));
  Must(ForgetRefusedPin(*database_, Identity("1"), yesterday.path));
  Must(PutRefusedPin(*database_, Identity("1"), today, CKR_PIN_LOCKED));
  Must(RestoreIt(backup_));
  EXPECT_EQ(Must(FindRefusedPin(*database_, Identity("1"), yesterday)),
            std::nullopt);
  EXPECT_EQ(Must(FindRefusedPin(*database_, Identity("1"), today)),
            CKR_PIN_LOCKED);
}

TEST_F(BackupTest, ItIsOnlyReadAndNothingIsLeftBesideIt) {
  PutToken("A", 1);
  Must(BackUp(*database_, backup_));
  const std::string before = Bytes(backup_);
  const auto files = Files(store_.parent_path());
  Must(RestoreIt(backup_));
  Must(RestoreIt(backup_));
  EXPECT_EQ(Bytes(backup_), before);
  EXPECT_THAT(Files(folder_.path()), ElementsAre("backup", "store"));
  EXPECT_EQ(Files(store_.parent_path()), files);
}

TEST_F(BackupTest, OneOfAnOlderVersionIsBroughtUpToDate) {
  testing::MakeFirstStore(backup_);
  const std::string before = Bytes(backup_);
  EXPECT_THAT(Must(RestoreIt(backup_)), IsEmpty());
  EXPECT_EQ(Token("A")->last_sequence, 7U);
  ASSERT_TRUE(Key("A", 3));
  EXPECT_TRUE(Key("A", 3)->disabled);
  EXPECT_EQ(Key("A", 3)->foreign, std::nullopt);
  EXPECT_EQ(Bytes(backup_), before);
}

TEST_F(BackupTest, OneOfANewerVersionIsRefused) {
  PutToken("A", 1);
  Must(BackUp(*database_, backup_));
  SQLite::Database(backup_.string(), SQLite::OPEN_READWRITE)
      .exec("UPDATE schema_versions SET version = 99");
  PutToken("A", 4);
  const auto files = Files(store_.parent_path());
  EXPECT_THAT(RestoreIt(backup_), FailsWith(kNotAvailable));
  EXPECT_EQ(Token("A")->last_sequence, 4U);
  EXPECT_EQ(Files(store_.parent_path()), files);
}

TEST_F(BackupTest, WhatIsNoBackupIsRefusedAndChangesNothing) {
  PutToken("A", 4);
  PutKey("A", 4);
  const auto other = folder_.path() / "other";
  SQLite::Database(other.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE tokens (name TEXT)");
  Must(BackUp(*database_, backup_));
  const auto torn = folder_.Write("torn", Bytes(backup_).substr(0, 5000));
  const auto files = Files(store_.parent_path());
  for (const auto& file :
       {folder_.path() / "none", folder_.path(), folder_.Write("empty", ""),
        folder_.Write("text", std::string(4096, 'x')), other, torn}) {
    const auto restored = RestoreIt(file);
    EXPECT_THAT(restored, FailsWith(kParameterInvalid)) << file;
    EXPECT_THAT(MessageOf(restored),
                ::testing::StartsWith("the file '" + file.string() +
                                      "' is not a backup of a state store"));
  }
  EXPECT_EQ(Token("A")->last_sequence, 4U);
  EXPECT_TRUE(Key("A", 4));
  EXPECT_EQ(Files(store_.parent_path()), files);
}

TEST_F(BackupTest, WhatAnotherTransactionHasNotCommittedIsNotInIt) {
  PutToken("A", 1);
  const auto other = Must(Database::Open(store_));
  const auto transaction = Must(other->Begin());
  Must(SetLastSequence(*other, Name("A"), 9, Instant{8}));
  ASSERT_THAT(BackUp(*database_, backup_), IsOk());
  database_ = Must(Database::Open(folder_.path() / "fresh"));
  Must(MigrateRecords(*database_));
  Must(RestoreIt(backup_));
  EXPECT_EQ(Token("A")->last_sequence, 1U);
}

}  // namespace
}  // namespace sigtoken
