// A module's error in the place of an answer to C_Verify, which may stand for a
// wrong MAC or for a fault that has passed.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::FailsWith;
using testing::Must;
using testing::OpenSslMac;

class SecondQuestionTest : public testing::FaultyTokenTest {
 protected:
  void SetUp() override {
    OpenAnewWithoutPauses();
    Attributes attributes = testing::KeyToImport("IDT.KEYS:00000001T", value_);
    attributes.Remove(CKA_SIGN);
    attributes.Flag(CKA_SIGN, false);
    testing::Import(token(), attributes);
    // Before the script, for who finds a key that only verifies asks too.
    key_ = FindKey(1);
    asked_before_ = fault_.Calls("C_Verify");
  }

  Result<bool> Verify(const std::vector<std::uint8_t>& mac) {
    return key_->Verify(Hs256(), Bytes("data"), mac);
  }
  std::size_t Asked() const { return fault_.Calls("C_Verify") - asked_before_; }
  std::vector<std::uint8_t> Right() const {
    return OpenSslMac(Hs256(), value_, Bytes("data"));
  }
  std::vector<std::uint8_t> Wrong() const {
    auto mac = Right();
    mac.back() ^= 1;
    return mac;
  }

  std::optional<Key> key_;
  std::size_t asked_before_ = 0;
  const std::vector<std::uint8_t> value_ = std::vector<std::uint8_t>(64, 0xA5);
};

// The first answer was a fault of the device, and not its way to say no.
TEST_F(SecondQuestionTest, ARightMacThatMetAFaultIsRightWhenAskedAgain) {
  fault_.Script(
      "C_Verify 1 return CKR_DEVICE_ERROR\n"
      "C_Verify 2- device-error-for-wrong-mac");
  EXPECT_TRUE(Must(Verify(Right())));
  // Asked, the two trials, asked again.
  EXPECT_EQ(Asked(), 4U);
}

TEST_F(SecondQuestionTest, AWrongMacIsWrongBothTimes) {
  fault_.Script("C_Verify * device-error-for-wrong-mac");
  EXPECT_FALSE(Must(Verify(Wrong())));
  EXPECT_EQ(Asked(), 4U);
}

// Where the module's way to say no is another one, its error is no answer.
TEST_F(SecondQuestionTest, AFaultOfAModuleThatSaysNoProperlyIsOne) {
  struct Row {
    std::string code;
    std::size_t opened_anew;  // A device that is well is not.
  };
  for (const Row& row :
       {Row{"CKR_DEVICE_ERROR", 0}, {"CKR_DEVICE_REMOVED", 2}}) {
    const auto logins = fault_.Calls("C_Login");
    fault_.Script("C_Verify 1 return " + row.code);
    EXPECT_TRUE(Must(Verify(Right())));
    fault_.Script("C_Verify 1 return " + row.code);
    EXPECT_FALSE(Must(Verify(Wrong())));
    EXPECT_EQ(fault_.Calls("C_Login"), logins + row.opened_anew) << row.code;
  }
  fault_.Script("C_Verify * return CKR_DEVICE_ERROR");
  EXPECT_THAT(Verify(Right()), FailsWith(kNotAvailable));
  EXPECT_THAT(Verify(Wrong()), FailsWith(kNotAvailable));
}

// It would let anybody who sends tokens end all sessions.
TEST_F(SecondQuestionTest, AWrongMacOpensNoModuleAnew) {
  const auto initialised = fault_.Calls("C_Initialize");
  fault_.Script("C_Verify * device-error-for-wrong-mac");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Must(Verify(Wrong())));
  EXPECT_EQ(fault_.Calls("C_Initialize"), initialised);
}

TEST_F(SecondQuestionTest, AnotherErrorTheSecondTimeIsAFault) {
  fault_.Script(
      "C_Verify 4 return CKR_DEVICE_REMOVED\n"
      "C_Verify * device-error-for-wrong-mac");
  EXPECT_THAT(Verify(Wrong()), FailsWith(kNotAvailable));
}

}  // namespace
}  // namespace sigtoken
