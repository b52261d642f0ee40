#include "pkcs11/store/refused_pins_of_host.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken {
namespace {

class RefusedPinsOfHostTest : public ::testing::Test {
 protected:
  std::optional<CK_RV> Find(const TokenIdentity& token,
                            const PinFile& file) const {
    return FindRefusedPinOfHost(folder_.path(), token, file);
  }
  void Put(const PinFile& file, CK_RV rv) const {
    PutRefusedPinOfHost(folder_.path(), token_, file, rv);
  }
  std::vector<std::filesystem::path> Files() const {
    return {std::filesystem::directory_iterator(folder_.path()), {}};
  }

  testing::TemporaryFolder folder_;
  testing::TemporaryFolder pins_;
  const TokenIdentity token_{"/p11.so", "init", "label", "0011"};
  const PinFile file_{"/run/pin", 1, 2, 3};
};

TEST_F(RefusedPinsOfHostTest, WhatWasPutIsFoundUntilItIsForgotten) {
  const auto pin = *LookAtPinFile(pins_.Write("pin", "1234"));
  EXPECT_EQ(Find(token_, pin), std::nullopt);
  Put(pin, CKR_PIN_INCORRECT);
  Put(pin, CKR_PIN_LOCKED);
  EXPECT_EQ(Find(token_, pin), CKR_PIN_LOCKED);
  ForgetRefusedPinOfHost(folder_.path(), token_, pin.path);
  EXPECT_EQ(Find(token_, pin), std::nullopt);
  EXPECT_TRUE(Files().empty());
  ForgetRefusedPinOfHost(folder_.path(), token_, pin.path);
  ForgetRefusedPinOfHost(folder_.path(), token_, "/nonexistent");
}

TEST_F(RefusedPinsOfHostTest, AnotherTokenOrFileIsNotThatOne) {
  Put(file_, CKR_PIN_INCORRECT);
  for (const PinFile& other :
       {PinFile{"/run/pin", 9, 2, 3}, PinFile{"/run/pin", 1, 9, 3},
        PinFile{"/run/pin", 1, 2, 4}, PinFile{"/run/pin", 12, 3, 3}}) {
    EXPECT_EQ(Find(token_, other), std::nullopt);
  }
  for (const TokenIdentity& other :
       {TokenIdentity{"/p12.so", "init", "label", "0011"},
        TokenIdentity{"/p11.so", "", "label", "0011"},
        TokenIdentity{"/p11.so", "initl", "abel", "0011"},
        TokenIdentity{"/p11.so", "init", "label", "0012"}}) {
    EXPECT_EQ(Find(other, file_), std::nullopt);
  }
  EXPECT_EQ(Find(token_, {"/another/path", 1, 2, 3}), CKR_PIN_INCORRECT);
}

TEST_F(RefusedPinsOfHostTest, OneThatIsHalfWrittenIsARefusal) {
  Put(file_, CKR_PIN_LOCKED);
  const auto file = Files().at(0);
  std::ofstream(file, std::ios::trunc).close();
  EXPECT_EQ(Find(token_, file_), CKR_PIN_INCORRECT);
}

TEST_F(RefusedPinsOfHostTest, ItIsItsOwnersAndSaysNothingOfThePin) {
  const auto pin = *LookAtPinFile(pins_.Write("pin", "86420975"));
  Put(pin, CKR_PIN_LOCKED);
  ASSERT_EQ(Files().size(), 1U);
  struct stat found {};
  ASSERT_EQ(::stat(Files()[0].c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600U);
  std::ifstream stream(Files()[0]);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}),
            std::to_string(CKR_PIN_LOCKED) + "\n");
}

TEST_F(RefusedPinsOfHostTest, WithoutAFolderNothingIsRemembered) {
  for (const std::filesystem::path& none :
       {std::filesystem::path(), folder_.path() / "none"}) {
    PutRefusedPinOfHost(none, token_, file_, CKR_PIN_LOCKED);
    EXPECT_EQ(FindRefusedPinOfHost(none, token_, file_), std::nullopt);
  }
}

}  // namespace
}  // namespace sigtoken
