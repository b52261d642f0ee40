// A backup in the place of a store that cannot be read any more.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "pkcs11/store/backup.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/store/refused_pins.h"
#include "pkcs11/store/schema.h"
#include "pkcs11/store/token_records.h"
#include "tests/embedded_home.h"
#include "tests/forked.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

namespace fs = std::filesystem;
using testing::FailsWith;
using testing::IsOk;
using testing::Must;
using testing::Name;

std::string Bytes(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::set<std::string> Files(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

class RestoreDamagedTest : public ::testing::Test {
 protected:
  // A store of some pages, and a backup of what it was before.
  void SetUp() override {
    fs::create_directory(store_.parent_path());
    const auto database = Must(Database::Open(store_));
    Must(MigrateRecords(*database));
    Must(PutTokenRecord(
        *database, {Name("A"), "ACME", "M1", "S1", 3, Instant{5}, kIdentity}));
    PutKey(*database, 3, true);
    Must(PutRefusedPin(*database, kIdentity, kPin, CKR_PIN_INCORRECT));
    Must(BackUp(*database, backup_));
    for (std::uint32_t number = 4; number < 200; ++number) {
      PutKey(*database, number);
    }
  }

  static void PutKey(Database& database, std::uint32_t sequence,
                     bool disabled = false) {
    ObjectRecord record;
    record.id = {sequence, 'T'};
    record.check_mac = std::vector<std::uint8_t>(32, 0xA5);
    record.disabled = disabled;
    Must(PutObjectRecord(database, Name("A"), record));
  }
  void WriteStore(const std::string& bytes) const {
    std::ofstream(store_, std::ios::binary | std::ios::trunc) << bytes;
  }
  Result<std::optional<fs::path>> RestoreIt() const {
    return RestoreDamaged(store_, backup_, &MigrateRecords);
  }
  // The store is the backup's but for its refused PINs, and sound.
  void ExpectRestored() const {
    {
      const auto database = Must(Database::Open(store_));
      EXPECT_EQ(Must(FindTokenRecord(*database, Name("A")))->last_sequence, 3U);
      EXPECT_TRUE(
          Must(FindObjectRecord(*database, Name("A"), {3, 'T'}))->disabled);
      EXPECT_FALSE(Must(FindObjectRecord(*database, Name("A"), {4, 'T'})));
      EXPECT_EQ(Must(FindRefusedPin(*database, kIdentity, kPin)), std::nullopt);
      PutKey(*database, 9);
    }
    EXPECT_EQ(Must(RestoreIt()), std::nullopt);
  }

  static inline const TokenIdentity kIdentity{"/p11.so", "", "hsm", "0011"};
  static inline const PinFile kPin{"/pin", 1, 2, 3};

  testing::TemporaryFolder folder_;
  fs::path store_ = folder_.path() / "store" / "db";
  fs::path backup_ = folder_.path() / "backup";
};

TEST_F(RestoreDamagedTest, ADamagedStoreIsReplacedAndKept) {
  const std::string whole = Bytes(store_);
  constexpr std::size_t kPage = 4096;
  ASSERT_GT(whole.size(), 6 * kPage);
  std::string damaged_page = whole;
  damaged_page.replace(3 * kPage, 2 * kPage, 2 * kPage, '\x5A');
  std::string wrong_page_size = whole;
  wrong_page_size[16] ^= '\x03';
  std::string damaged_index = whole;
  damaged_index[100] = '\0';
  for (const std::string& bytes :
       {std::string(5 * kPage, '\x5A'), std::string("no database"),
        std::string(2 * kPage, '\0'), whole.substr(0, 50),
        whole.substr(0, kPage),
        whole.substr(0, whole.size() / 2 / kPage * kPage), damaged_page,
        wrong_page_size, damaged_index}) {
    SCOPED_TRACE(bytes.size());
    WriteStore(bytes);
    {
      // Most damages are seen at once, and the cure is named.
      const auto opened = Database::Open(store_);
      if (!opened) {
        EXPECT_THAT(testing::CureOf(opened),
                    ::testing::StartsWith("put a backup in its place with "
                                          "'sigtoken store restore FILE'. "));
      }
    }
    const auto aside = RestoreIt();
    ASSERT_THAT(aside, IsOk());
    ASSERT_TRUE(*aside);
    EXPECT_THAT((*aside)->string(),
                ::testing::StartsWith(store_.string() + ".damaged-"));
    EXPECT_EQ(Bytes(**aside), bytes);
    struct stat found {};
    ASSERT_EQ(::stat((*aside)->c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0600U);
    ExpectRestored();
  }
}

TEST_F(RestoreDamagedTest, AFolderInThePlaceOfTheStoreIsPutAside) {
  fs::remove(store_);
  fs::create_directory(store_);
  std::ofstream(store_ / "precious") << "mine";
  EXPECT_THAT(testing::CureOf(Database::Open(store_)),
              ::testing::StartsWith("put a backup in its place with "
                                    "'sigtoken store restore FILE'. "));
  const auto aside = Must(RestoreIt());
  ASSERT_TRUE(aside);
  EXPECT_EQ(Bytes(*aside / "precious"), "mine");
  ExpectRestored();
}

// What is sound is not replaced as a whole: its numbers are not to come back.
TEST_F(RestoreDamagedTest, AStoreThatIsSoundEmptyOrNotThereIsNotReplaced) {
  const std::string whole = Bytes(store_);
  EXPECT_EQ(Must(RestoreIt()), std::nullopt);
  EXPECT_EQ(Bytes(store_), whole);
  WriteStore("");
  EXPECT_EQ(Must(RestoreIt()), std::nullopt);
  EXPECT_EQ(Bytes(store_), "");
  fs::remove(store_);
  EXPECT_EQ(Must(RestoreIt()), std::nullopt);
  EXPECT_FALSE(fs::exists(store_));
}

TEST_F(RestoreDamagedTest, ADamagedStoreStaysWhereTheBackupIsNone) {
  WriteStore("no database");
  const auto files = Files(store_.parent_path());
  for (const auto& file : {folder_.path() / "none", store_,
                           folder_.Write("text", std::string(4096, 'x'))}) {
    EXPECT_THAT(RestoreDamaged(store_, file, &MigrateRecords),
                FailsWith(kParameterInvalid));
    EXPECT_EQ(Bytes(store_), "no database");
  }
  fs::permissions(store_, fs::perms(0644));
  EXPECT_THAT(RestoreIt(), FailsWith(kNotAvailable));
  EXPECT_EQ(Bytes(store_), "no database");
  EXPECT_EQ(Files(store_.parent_path()), files);
}

// A process that has the store open, looks at key 199 and waits, and then looks
// again and writes.
class OtherProcess {
 public:
  explicit OtherProcess(const fs::path& store) {
    EXPECT_EQ(::pipe2(opened_, O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(go_on_, O_CLOEXEC), 0);
    child_ = testing::Fork([&] {
      ::alarm(60);
      ::close(go_on_[1]);
      char byte = 0;
      const auto database = Database::Open(store);
      if (!database) return 1;
      const auto before = FindObjectRecord(**database, Name("A"), {199, 'T'});
      if (!before || !*before) return 2;
      if (::write(opened_[1], "o", 1) != 1) return 3;
      if (::read(go_on_[0], &byte, 1) != 1) return 4;
      const auto after = FindObjectRecord(**database, Name("A"), {199, 'T'});
      if (!after || *after) return 5;
      return SetLastSequence(**database, Name("A"), 77, Instant{8}) ? 0 : 6;
    });
    ::close(opened_[1]);
    char byte = 0;
    EXPECT_EQ(::read(opened_[0], &byte, 1), 1);
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;
  ~OtherProcess() {
    ::close(opened_[0]);
    ::close(go_on_[0]);
  }

  int GoOnAndEnd() {
    EXPECT_EQ(::write(go_on_[1], "g", 1), 1);
    return End();
  }
  int End() {
    ::close(go_on_[1]);
    return testing::Wait(child_);
  }

 private:
  int opened_[2] = {-1, -1};
  int go_on_[2] = {-1, -1};
  pid_t child_ = 0;
};

// It is one file still, under SQLite's own locks: each sees what the other
// writes.
TEST_F(RestoreDamagedTest, WhoHasTheDamagedStoreOpenGoesOnWithTheBackup) {
  OtherProcess other(store_);
  std::string damaged = Bytes(store_);
  damaged.replace(4096, 8192, 8192, '\x5A');
  std::ofstream(store_, std::ios::binary | std::ios::in) << damaged;
  const auto aside = RestoreIt();
  ASSERT_THAT(aside, IsOk());
  EXPECT_TRUE(*aside);
  EXPECT_EQ(other.GoOnAndEnd(), 0);
  const auto database = Must(Database::Open(store_));
  EXPECT_EQ(Must(FindTokenRecord(*database, Name("A")))->last_sequence, 77U);
  EXPECT_TRUE(Must(FindObjectRecord(*database, Name("A"), {3, 'T'}))->disabled);
}

// Of a file that does not say any more that it has a WAL, who has it open is
// not to be told of the change.
TEST_F(RestoreDamagedTest, WhileOthersHaveAFileOpenThatIsNoDatabaseItStays) {
  OtherProcess other(store_);
  const std::string damaged(Bytes(store_).size(), '\x5A');
  std::ofstream(store_, std::ios::binary | std::ios::in) << damaged;
  const auto files = Files(store_.parent_path());
  const auto refused = RestoreIt();
  EXPECT_THAT(refused, FailsWith(kNotAvailable));
  EXPECT_EQ(testing::MessageOf(refused),
            "the damaged state store '" + store_.string() +
                "' could not be replaced: it is locked");
  EXPECT_EQ(Bytes(store_), damaged);
  EXPECT_EQ(Files(store_.parent_path()), files);
  EXPECT_EQ(other.End(), 4);
  EXPECT_TRUE(Must(RestoreIt()));
  ExpectRestored();
}

}  // namespace
}  // namespace sigtoken
