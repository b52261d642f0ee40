#include "pkcs11/store/refused_pins.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "pkcs11/store/schema.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::Must;

class RefusedPinsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = Must(Database::Open(folder_.path() / "db"));
    Must(MigrateRecords(*database_));
  }

  std::optional<CK_RV> Find(const TokenIdentity& token, const PinFile& file) {
    return Must(FindRefusedPin(*database_, token, file));
  }
  void Put(const TokenIdentity& token, const PinFile& file, CK_RV rv) {
    Must(PutRefusedPin(*database_, token, file, rv));
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
  const TokenIdentity token_{"/p11.so", "init", "label", "0011"};
  const PinFile file_{"/run/pin", 1, 2, 3};
};

TEST_F(RefusedPinsTest, WhatWasPutIsFoundUntilItIsForgotten) {
  EXPECT_EQ(Find(token_, file_), std::nullopt);
  Put(token_, file_, CKR_PIN_INCORRECT);
  EXPECT_EQ(Find(token_, file_), CKR_PIN_INCORRECT);
  ASSERT_THAT(ForgetRefusedPin(*database_, token_, file_.path), IsOk());
  EXPECT_EQ(Find(token_, file_), std::nullopt);
  EXPECT_THAT(ForgetRefusedPin(*database_, token_, file_.path), IsOk());
}

TEST_F(RefusedPinsTest, AnyChangeOfTheFileIsAnotherPin) {
  Put(token_, file_, CKR_PIN_INCORRECT);
  for (const PinFile& other :
       {PinFile{"/run/pin", 9, 2, 3}, PinFile{"/run/pin", 1, 9, 3},
        PinFile{"/run/pin", 1, 2, 4}, PinFile{"/run/pin", 1, 2, 2},
        PinFile{"/run/pin", 1, 2, -3}}) {
    EXPECT_EQ(Find(token_, other), std::nullopt);
  }
  EXPECT_EQ(Find(token_, file_), CKR_PIN_INCORRECT);
}

// A hard link, or a link to it.
TEST_F(RefusedPinsTest, TheSameFileUnderAnotherNameIsTheSamePin) {
  const auto pin = folder_.Write("pin", "1234");
  std::filesystem::create_hard_link(pin, folder_.path() / "link");
  const auto linked = LookAtPinFile(folder_.path() / "link");
  Put(token_, *LookAtPinFile(pin), CKR_PIN_INCORRECT);
  EXPECT_EQ(Find(token_, *linked), CKR_PIN_INCORRECT);
  ASSERT_THAT(ForgetRefusedPin(*database_, token_, linked->path), IsOk());
  EXPECT_EQ(Find(token_, *LookAtPinFile(pin)), std::nullopt);
}

TEST_F(RefusedPinsTest, AnotherTokenHasNotRefusedIt) {
  Put(token_, file_, CKR_PIN_INCORRECT);
  for (const TokenIdentity& other :
       {TokenIdentity{"/p12.so", "init", "label", "0011"},
        TokenIdentity{"/p11.so", "", "label", "0011"},
        TokenIdentity{"/p11.so", "init", "LABEL", "0011"},
        TokenIdentity{"/p11.so", "init", "label", "0012"}}) {
    EXPECT_EQ(Find(other, file_), std::nullopt);
    Must(ForgetRefusedPin(*database_, other, file_.path));
  }
  Must(ForgetRefusedPin(*database_, token_, "/run/other"));
  EXPECT_EQ(Find(token_, file_), CKR_PIN_INCORRECT);
}

TEST_F(RefusedPinsTest, OfAFileOnlyTheLastRefusalIsKept) {
  PinFile later = file_;
  later.changed = 4;
  Put(token_, file_, CKR_PIN_INCORRECT);
  Put(token_, later, CKR_PIN_LOCKED);
  EXPECT_EQ(Find(token_, file_), std::nullopt);
  EXPECT_EQ(Find(token_, later), CKR_PIN_LOCKED);
}

TEST_F(RefusedPinsTest, NumbersOfAllSizesAreKept) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  constexpr auto kLatest = std::numeric_limits<std::int64_t>::max();
  constexpr CK_RV kVendors = CKR_VENDOR_DEFINED + 1;
  const PinFile file{"/run/pin", kMost, kMost - 1, kLatest};
  Put(token_, file, kVendors);
  EXPECT_EQ(Find(token_, file), kVendors);
  EXPECT_EQ(Find(token_, {"/run/pin", kMost - 1, kMost - 1, kLatest}),
            std::nullopt);
}

TEST_F(RefusedPinsTest, WithoutItsTableTheStoreIsNotAvailable) {
  const auto empty = Must(Database::Open(folder_.path() / "empty"));
  EXPECT_THAT(FindRefusedPin(*empty, token_, file_), FailsWith(kNotAvailable));
  EXPECT_THAT(PutRefusedPin(*empty, token_, file_, CKR_PIN_INCORRECT),
              FailsWith(kNotAvailable));
  EXPECT_THAT(ForgetRefusedPin(*empty, token_, file_.path),
              FailsWith(kNotAvailable));
}

// To the nanosecond.
void SetTime(const std::filesystem::path& file, const timespec& time) {
  const timespec times[] = {time, time};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
}

TEST(LookAtPinFileTest, GivesTheFileAsItIs) {
  const testing::TemporaryFolder folder;
  const auto file = folder.Write("pin", "1234");
  SetTime(file, {5, 7});
  struct stat found {};
  ASSERT_EQ(::stat(file.c_str(), &found), 0);
  EXPECT_EQ(LookAtPinFile(file),
            (PinFile{file, found.st_dev, found.st_ino, 5'000'000'007}));
}

TEST(LookAtPinFileTest, AFileThatIsNotThereIsNothing) {
  const testing::TemporaryFolder folder;
  EXPECT_EQ(LookAtPinFile(""), std::nullopt);
  EXPECT_EQ(LookAtPinFile(folder.path() / "pin"), std::nullopt);
}

TEST(LookAtPinFileTest, WhoeverWritesIntoItIsSeen) {
  const testing::TemporaryFolder folder;
  const auto file = folder.Write("pin", "1234");
  SetTime(file, {5, 7});
  const auto before = LookAtPinFile(file);
  SetTime(file, {5, 8});
  const auto touched = LookAtPinFile(file);
  EXPECT_NE(touched, before);

  const auto fresh = folder.Write("fresh", "1234");
  SetTime(fresh, {5, 7});
  std::filesystem::rename(fresh, file);
  const auto renamed = LookAtPinFile(file);
  ASSERT_TRUE(renamed);
  EXPECT_EQ(renamed->changed, before->changed);
  EXPECT_NE(renamed, before);
}

}  // namespace
}  // namespace sigtoken
