// One module by several paths.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "keygen/generate.h"
#include "keygen/remove.h"
#include "pkcs11/store/token_records.h"
#include "tests/faulty_token.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::Must;
using testing::Name;

class ModulePathsTest : public testing::FaultyTokenTest {
 protected:
  ModulePathsTest() {
    std::filesystem::create_symlink(testing::FaultModule::path(), link_);
  }
  BoundToken Linked(const std::string& name) const {
    return hsm_.Bind(name, "token=faulty", link_);
  }

  testing::TemporaryFolder folder_;
  const std::string link_ = folder_.path() / "link.so";
};

TEST_F(ModulePathsTest, TokensOfBothUseItTogether) {
  configuration_.tokens.push_back(Linked("IDT.OTHER"));
  Reopen();
  Must(GenerateKey(token(), {}));
  const Key key = FindKey(1);
  const auto other = Must(directory_->FindToken(Name("IDT.OTHER")));
  ASSERT_THAT(other->Login(), IsOk());
  EXPECT_EQ(fault_.Calls("C_Initialize") - fault_.Calls("C_Finalize"), 1U);
  // Each has its own, whichever was opened first.
  EXPECT_EQ(token().identity().module_path, testing::FaultModule::path());
  EXPECT_EQ(other->identity().module_path, link_);

  const auto finalised = fault_.Calls("C_Finalize");
  fault_.Script("C_Sign 1 return CKR_DEVICE_REMOVED");
  EXPECT_THAT(key.Sign(Hs256(), {}), IsOk());
  EXPECT_EQ(fault_.Calls("C_Finalize"), finalised + 1);
  EXPECT_THAT(GenerateKey(*other, {}), IsOk());
}

TEST_F(ModulePathsTest, TheRecordsOfATokenAreFoundByTheOther) {
  Must(GenerateKey(token(), {}));
  Must(GenerateKey(token(), {}));
  ASSERT_THAT(DeleteKey(token(), {2, 'T'}, false), IsOk());
  ASSERT_THAT(DisableKey(token(), {1, 'T'}, true), IsOk());
  configuration_.tokens = {Linked(kName)};
  Reopen();
  EXPECT_THAT(directory_->CreateToken(Name(kName), {}),
              FailsWith(kTokenExists));
  const auto made = Must(GenerateKey(token(), {}));
  EXPECT_EQ(made.key.handle->object()->sequence, 3U);
  EXPECT_FALSE(made.store_was_lost);
  EXPECT_TRUE(FindKey(1).found().disabled());
}

TEST_F(ModulePathsTest, AWrongPinIsNotTriedByTheOther) {
  configuration_ = hsm_.Configure("86420975");
  configuration_.tokens = {
      hsm_.Bind(kName, "token=faulty", testing::FaultModule::path())};
  Reopen();
  EXPECT_THAT(token().Login(), FailsWith(kNotAuthorized));
  configuration_.tokens = {Linked(kName)};
  Reopen();
  EXPECT_THAT(token().Login(), FailsWith(kNotAuthorized));
  EXPECT_EQ(fault_.Calls("C_Login"), 1U);
}

TEST_F(ModulePathsTest, AnotherStoresTokenIsKnownByItsSerialNumber) {
  Must(GenerateKey(token(), {}));
  configuration_.tokens = {Linked(kName)};
  Reopen();
  const testing::PrivateSoftHsm2 others;
  others.MakeToken("faulty");
  fault_.Script("C_Initialize * already-initialized");
  EXPECT_THAT(directory_->FindToken(Name(kName)), FailsWith(kNotAvailable));
  EXPECT_EQ(fault_.Calls("C_Login"), 1U);
  directory_.reset();
  Must(Module::Load({link_, "", ""}))->functions().C_Finalize(nullptr);
}

}  // namespace
}  // namespace sigtoken
