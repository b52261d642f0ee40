// A directory that makes neither a home nor a state store.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "pkcs11/store/token_records.h"
#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::Must;
using testing::Name;

class WithoutHomeTest : public ::testing::Test {
 protected:
  WithoutHomeTest() {
    hsm_.MakeToken("hsm");
    configuration_ = hsm_.Configure();
    configuration_.tokens = {hsm_.Bind("IDT.KEYS", "token=hsm")};
  }

  testing::PrivateSoftHsm2 hsm_;
  Configuration configuration_;
};

TEST_F(WithoutHomeTest, ATokenIsLoggedInToAndNothingIsMade) {
  const auto directory = Must(Directory::OpenWithoutHome(configuration_));
  const auto token = Must(directory->FindToken(Name("IDT.KEYS")));
  EXPECT_THAT(token->Login(), IsOk());
  EXPECT_FALSE(std::filesystem::exists(configuration_.home));
  EXPECT_EQ(token->database().file(), ":memory:");
}

TEST_F(WithoutHomeTest, AStoreThatIsThereIsUsed) {
  {
    const auto directory = Must(Directory::Open(configuration_));
    ASSERT_THAT(directory->CreateToken(Name("IDT.KEYS"), {}), IsOk());
  }
  const auto directory = Must(Directory::OpenWithoutHome(configuration_));
  EXPECT_EQ(directory->database().file(), configuration_.store_path);
  EXPECT_TRUE(Must(FindTokenRecord(directory->database(), Name("IDT.KEYS"))));
}

TEST_F(WithoutHomeTest, AStoreThatCannotBeUsedIsNotPassedOver) {
  std::filesystem::create_directories(configuration_.store_path);
  std::filesystem::permissions(configuration_.home,
                               std::filesystem::perms::owner_all);
  EXPECT_THAT(Directory::OpenWithoutHome(configuration_),
              FailsWith(kNotAvailable));
}

}  // namespace
}  // namespace sigtoken
