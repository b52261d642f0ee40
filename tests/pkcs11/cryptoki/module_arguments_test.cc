// How a module is initialised, and that it stays loaded.

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "pkcs11/cryptoki/module.h"
#include "tests/fault_module.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::FaultModule;
using testing::IsOk;

class ModuleArgumentsTest : public ::testing::Test {
 protected:
  static constexpr const char* kStrict = "C_Initialize * strict-arguments";

  const testing::PrivateSoftHsm2 hsm_;
  FaultModule fault_;
};

TEST_F(ModuleArgumentsTest, TheModuleIsAskedToLockByTheOperatingSystemAlone) {
  fault_.Script(kStrict);
  EXPECT_THAT(Module::Load({FaultModule::path(), "", ""}), IsOk());
}

// A module that cannot lock at all is not used by one thread either.
TEST_F(ModuleArgumentsTest, AModuleThatCannotLockIsNotAvailable) {
  fault_.Script("C_Initialize * return CKR_CANT_LOCK");
  EXPECT_THAT(Module::Load({FaultModule::path(), "", ""}),
              FailsWith(kNotAvailable));
}

// Exit handlers and threads of it may still be there (openCryptoki ends in
// SIGSEGV, measured). A copy, since other tests may hold the module itself.
TEST_F(ModuleArgumentsTest, AModuleStaysLoadedAfterItsLastShare) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() / "copy.so";
  std::filesystem::copy_file(SIGTOKEN_P11_KIT_CLIENT_MODULE, path);
  EXPECT_EQ(dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD), nullptr);
  ASSERT_THAT(Module::Load({path, "", ""}), IsOk());
  EXPECT_NE(dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD), nullptr);
}

}  // namespace
}  // namespace sigtoken
