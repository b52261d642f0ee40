#include "pkcs11/cryptoki/module_cures.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "pkcs11/base/codes.h"
#include "tests/fault_module.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string CureOfLoad(const ModuleSpec& spec) {
  const auto module = Module::Load(spec);
  EXPECT_THAT(module, FailsWith(kNotAvailable));
  return module ? "" : CureOf(module);
}

TEST(ModuleCuresTest, AModuleIsKnownByTheNameOfItsFileAlone) {
  struct Row {
    const char* path;
    const char* begin;
  };
  for (const auto& [path, begin] : std::vector<Row>{
           {"/usr/lib/softhsm/libsofthsm2.so", "the environment variable"},
           {"/usr/lib/x86_64-linux-gnu/libsoftokn3.so", "configdir in its"},
           {"/usr/lib/opencryptoki/libopencryptoki.so.0",
            "its daemon pkcsslotd"},
           {"/usr/lib/pkcs11/libtpm2_pkcs11.so", "TPM2_PKCS11_STORE names"},
           {"p11-kit-client.so", "P11_KIT_SERVER_ADDRESS names the socket"}}) {
    EXPECT_THAT(std::string(OwnConfigurationOf(path)), StartsWith(begin));
  }
  for (const char* path : {"/usr/lib/vendor/libp11.so", "/softhsm2/libp11.so",
                           "/libsofthsm2.so/", "", "softhsm", "softokn"}) {
    EXPECT_EQ(OwnConfigurationOf(path), "") << path;
  }
}

// The real one, without a configuration.
TEST(ModuleCuresTest, SoftHsm2WithoutItsConfigurationSaysHowItIsNamed) {
  const char* const before = std::getenv("SOFTHSM2_CONF");
  const std::string kept = before != nullptr ? before : "";
  ASSERT_EQ(setenv("SOFTHSM2_CONF", "/nonexistent", 1), 0);
  EXPECT_THAT(CureOfLoad({SIGTOKEN_SOFTHSM2_MODULE, "", ""}),
              HasSubstr("See that the environment variable SOFTHSM2_CONF names "
                        "its configuration file "));
  if (before != nullptr) {
    setenv("SOFTHSM2_CONF", kept.c_str(), 1);
  } else {
    unsetenv("SOFTHSM2_CONF");
  }
  // That of an embedded store.
  EXPECT_THAT(CureOfLoad({SIGTOKEN_SOFTHSM2_MODULE, "", "/nonexistent"}),
              HasSubstr("See that '/nonexistent' and the folder that it names "
                        "are there"));
}

TEST(ModuleCuresTest, NssWithoutItsDatabaseSaysWhereThatIsNamed) {
  EXPECT_THAT(CureOfLoad({SIGTOKEN_NSS_MODULE,
                          "configdir='sql:/nonexistent' flags=", ""}),
              HasSubstr("ee that configdir in its 'init' names the folder of "
                        "its database"));
}

TEST(ModuleCuresTest, EveryOtherAnswerSaysWhatToLookAtToo) {
  testing::FaultModule fault;
  const ModuleSpec spec{testing::FaultModule::path(), "", ""};
  for (const CK_RV rv :
       {CKR_FUNCTION_FAILED, CKR_GENERAL_ERROR, CKR_DEVICE_ERROR,
        CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT, CKR_DEVICE_MEMORY,
        CKR_HOST_MEMORY, CKR_CANT_LOCK, CKR_NEED_TO_CREATE_THREADS}) {
    fault.Script("C_Initialize * return " + CkRvName(rv));
    EXPECT_EQ(CureOfLoad(spec),
              std::string(FindCkRv(rv)->meaning) +
                  ". See that its own configuration file is there and right, "
                  "and the environment variable set that names it (the "
                  "vendor's documents say which), that its device or daemon "
                  "runs, and that this user may use its data; its log says "
                  "more");
  }
  fault.Script("C_Initialize * return 0xCE534351");
  EXPECT_THAT(CureOfLoad(spec),
              StartsWith("look the code up in the documents of the module's "
                         "vendor, whose own it is; see that its own "));
  fault.Script("C_Initialize * return CKR_ARGUMENTS_BAD");
  EXPECT_THAT(CureOfLoad(spec),
              StartsWith("some modules, NSS's softokn among"));
}

}  // namespace
}  // namespace sigtoken
