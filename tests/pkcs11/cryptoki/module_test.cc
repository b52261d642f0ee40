#include "pkcs11/cryptoki/module.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gnu/libc-version.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "pkcs11/cryptoki/session.h"
#include "tests/embedded_home.h"
#include "tests/forked.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;

constexpr const char* kSoftHsm2 = SIGTOKEN_SOFTHSM2_MODULE;

std::string EnvironmentConf() {
  const char* value = std::getenv("SOFTHSM2_CONF");
  return value == nullptr ? "unset" : value;
}

// The labels of the tokens that a module shows.
std::vector<std::string> Labels(const Module& module) {
  std::vector<std::string> labels;
  for (const Slot& slot : Must(module.Slots())) {
    if (slot.initialized()) labels.push_back(Trimmed(slot.info.label));
  }
  return labels;
}

TEST(ModuleTest, WhatIsNoModuleIsNotAvailable) {
  const testing::TemporaryFolder folder;
  // Where libc lies is asked of the one that runs.
  Dl_info libc{};
  ASSERT_NE(dladdr(reinterpret_cast<void*>(&gnu_get_libc_version), &libc), 0);
  struct Row {
    std::string path;
    std::string why;
  };
  const Row rows[] = {
      {"/nonexistent/p11.so",
       "cannot open shared object file: No such file or directory"},
      {folder.Write("empty.so", ""), "file too short"},
      {folder.Write("text.so", std::string(4096, '#')), "invalid ELF header"},
      {folder.path(), "cannot read file data: Is a directory"},
      {libc.dli_fname, "undefined symbol: C_GetFunctionList"},
  };
  for (const Row& row : rows) {
    const auto module = Module::Load({row.path, "", ""});
    EXPECT_THAT(module, FailsWith(kNotAvailable));
    EXPECT_EQ(MessageOf(module), "the PKCS#11 module '" + row.path +
                                     "' could not be loaded: " + row.why);
    EXPECT_EQ(CureOf(module), "check the path; install the module's package");
  }
}

TEST(ModuleTest, AModuleThatDoesNotInitialiseIsNotAvailable) {
  const testing::TemporaryFolder folder;
  const auto conf = folder.Write(
      "conf", "directories.tokendir = " + (folder.path() / "none").string());
  struct Row {
    ModuleSpec spec;
    CK_RV rv;
    std::string cure;
  };
  const Row rows[] = {
      {{kSoftHsm2, "", conf},
       CKR_GENERAL_ERROR,
       "the module failed and does not say why. See that '" + conf.string() +
           "' and the folder that it names are there, and that this user may "
           "write to them"},
      // SoftHSM2 takes no initialisation string, NSS demands one.
      {{kSoftHsm2, "configdir='sql:/tmp'", ""},
       CKR_ARGUMENTS_BAD,
       "most modules take no initialisation string: leave 'init' out of the "
       "[[token]], or correct it"},
      {{SIGTOKEN_NSS_MODULE, "", ""},
       CKR_ARGUMENTS_BAD,
       "some modules, NSS's softokn among them, need an initialisation string: "
       "write it as 'init' into the [[token]]"},
  };
  for (const Row& row : rows) {
    const auto module = Module::Load(row.spec);
    EXPECT_THAT(module, FailsWith(kNotAvailable));
    ASSERT_FALSE(module);
    EXPECT_EQ(module.error().rv, row.rv);
    EXPECT_EQ(module.error().call, "C_Initialize");
    EXPECT_EQ(
        module.error().message,
        "could not initialise the PKCS#11 module '" + row.spec.path + "'");
    EXPECT_EQ(CureOf(module), row.cure);
  }
  // None of it stands in the way of a good one.
  const testing::PrivateSoftHsm2 hsm;
  EXPECT_THAT(Module::Load({kSoftHsm2, "", ""}), IsOk());
}

TEST(ModuleTest, TheSameModuleIsInitialisedOnce) {
  const testing::PrivateSoftHsm2 hsm;
  const auto first = Must(Module::Load({kSoftHsm2, "", hsm.conf()}));
  const auto second = Must(Module::Load({kSoftHsm2, "", hsm.conf()}));
  EXPECT_EQ(first, second);
  EXPECT_FALSE(first->initialized_by_others());
}

TEST(ModuleTest, ByAnotherPathItIsTheSameModule) {
  const testing::PrivateSoftHsm2 hsm;
  const testing::TemporaryFolder folder;
  const auto link = folder.path() / "link.so";
  std::filesystem::create_symlink(kSoftHsm2, link);
  const auto first = Must(Module::Load({kSoftHsm2, "", hsm.conf()}));
  EXPECT_EQ(Must(Module::Load({link, "", hsm.conf()})), first);
  EXPECT_THAT(Module::Load({link, "", "/other"}), FailsWith(kNotAvailable));
}

TEST(ModuleTest, AnotherConfigurationOfAModuleIsNotMixedIn) {
  const testing::PrivateSoftHsm2 hsm;
  {
    const auto first = Must(Module::Load({kSoftHsm2, "", hsm.conf()}));
    for (const ModuleSpec& spec :
         {ModuleSpec{kSoftHsm2, "", ""}, ModuleSpec{kSoftHsm2, "", "/other"},
          ModuleSpec{kSoftHsm2, "init", hsm.conf()}}) {
      const auto second = Module::Load(spec);
      EXPECT_THAT(second, FailsWith(kNotAvailable));
      EXPECT_EQ(MessageOf(second),
                "the module '" + std::string(kSoftHsm2) +
                    "' is in use in this process with another configuration");
    }
  }
  // With the last share it is free again.
  EXPECT_THAT(Module::Load({kSoftHsm2, "", ""}), IsOk());
}

TEST(ModuleTest, AfterTheLastShareTokensOfOthersAreSeen) {
  const testing::PrivateSoftHsm2 hsm;
  const ModuleSpec spec{kSoftHsm2, "", hsm.conf()};
  EXPECT_THAT(Labels(*Must(Module::Load(spec))), ::testing::IsEmpty());
  hsm.MakeToken("later");
  EXPECT_THAT(Labels(*Must(Module::Load(spec))),
              ::testing::ElementsAre("later"));
}

TEST(ModuleTest, SoftHsm2ReadsWhatTheSpecNamesAndTheEnvironmentIsPutBack) {
  const testing::PrivateSoftHsm2 hsm;
  hsm.MakeToken("ours");
  for (const char* before : {"/somebody/elses.conf", ""}) {
    setenv("SOFTHSM2_CONF", before, 1);
    const auto module = Must(Module::Load({kSoftHsm2, "", hsm.conf()}));
    EXPECT_EQ(EnvironmentConf(), before);
    EXPECT_THAT(Labels(*module), ::testing::ElementsAre("ours"));
  }
  unsetenv("SOFTHSM2_CONF");
  const auto module = Must(Module::Load({kSoftHsm2, "", hsm.conf()}));
  EXPECT_EQ(EnvironmentConf(), "unset");
  // Also after one that does not initialise.
  setenv("SOFTHSM2_CONF", "/somebody/elses.conf", 1);
  EXPECT_FALSE(Module::Load({kSoftHsm2, "", "/nonexistent"}));
  EXPECT_EQ(EnvironmentConf(), "/somebody/elses.conf");
}

TEST(ModuleTest, AFreeSlotIsOneWithoutAnInitialisedToken) {
  const testing::PrivateSoftHsm2 hsm;
  hsm.MakeToken("one");
  const auto module = Must(Module::Load({kSoftHsm2, "", ""}));
  const auto slots = Must(module->Slots());
  ASSERT_EQ(slots.size(), 2U);
  EXPECT_TRUE(slots[0].initialized());
  EXPECT_FALSE(slots[1].initialized());
}

// A program that uses SoftHSM2 itself, with a store of its own.
class SoftHsm2OfTheHost {
 public:
  SoftHsm2OfTheHost() : library_(dlopen(kSoftHsm2, RTLD_NOW)) {
    CK_C_GetFunctionList get = nullptr;
    *reinterpret_cast<void**>(&get) = dlsym(library_, "C_GetFunctionList");
    EXPECT_EQ(get(&functions_), CKR_OK);
    EXPECT_EQ(functions_->C_Initialize(nullptr), CKR_OK);
  }
  SoftHsm2OfTheHost(const SoftHsm2OfTheHost&) = delete;
  SoftHsm2OfTheHost& operator=(const SoftHsm2OfTheHost&) = delete;
  // Not unloaded: modules leave exit handlers behind.
  ~SoftHsm2OfTheHost() { EXPECT_EQ(functions_->C_Finalize(nullptr), CKR_OK); }

 private:
  void* library_;
  CK_FUNCTION_LIST* functions_ = nullptr;
};

TEST(ModuleTest, AHostsOwnStoreIsNotTakenForOurs) {
  const testing::EmbeddedHome home;
  ASSERT_THAT(Must(Directory::Open(home.configuration()))
                  ->CreateToken(Name("OURS"), {}),
              IsOk());
  const testing::PrivateSoftHsm2 hsm;
  // Of the same label: only the serial number tells them apart.
  hsm.MakeToken("OURS");
  const SoftHsm2OfTheHost host;
  const auto directory = Must(Directory::Open(home.configuration()));
  const auto token = directory->FindToken(Name("OURS"));
  EXPECT_THAT(token, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(token),
            "the token OURS of the embedded store is not among the tokens that "
            "'" SIGTOKEN_SOFTHSM2_MODULE "' shows");
  EXPECT_EQ(CureOf(token),
            "another part of this program had initialised the module, maybe "
            "with another store: use it in a process of its own");
}

TEST(ModuleTest, WhatOthersInitialisedIsLeftInitialised) {
  const testing::PrivateSoftHsm2 hsm;
  const SoftHsm2OfTheHost host;  // Its end would fail otherwise.
  {
    const auto module = Must(Module::Load({kSoftHsm2, "", ""}));
    EXPECT_TRUE(module->initialized_by_others());
  }
}

TEST(ModuleTest, NoTokenIsMadeInAHostsOwnStore) {
  const testing::EmbeddedHome home;
  const testing::PrivateSoftHsm2 hsm;
  const SoftHsm2OfTheHost host;
  const auto made = Must(Directory::Open(home.configuration()))
                        ->CreateToken(Name("OURS"), {});
  EXPECT_THAT(made, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(made),
            "another part of this program had initialised the module "
            "'" SIGTOKEN_SOFTHSM2_MODULE "'");
  EXPECT_THAT(Labels(*Must(Module::Load({kSoftHsm2, "", ""}))),
              ::testing::IsEmpty());
}

TEST(ModuleTest, AForkedChildIsRefusedAndMayLoadItAnew) {
  const testing::PrivateSoftHsm2 hsm;
  hsm.MakeToken("one");
  const ModuleSpec spec{kSoftHsm2, "", hsm.conf()};
  const auto module = Must(Module::Load(spec));
  const CK_SLOT_ID slot = Must(module->Slots()).front().id;
  EXPECT_EQ(testing::InChild([&] {
              const auto checked = module->Check();
              if (checked || ToIcsf(checked.error()) != kNotAvailable) return 1;
              if (module->Slots()) return 2;
              if (Session::Open(module, slot, Access::kReadOnly)) return 3;
              const auto fresh = Module::Load(spec);
              if (!fresh || *fresh == module) return 4;
              return (*fresh)->Slots() ? 42 : 5;
            }),
            42);
  EXPECT_THAT(module->Check(), IsOk());
  EXPECT_THAT(module->Slots(), IsOk());
}

TEST(CheckTest, NamesTheCallAndWhatWasBeingDone) {
  EXPECT_THAT(Check({CKR_OK, "C_Sign"}, "sign"), IsOk());
  const auto known = Check({CKR_DEVICE_REMOVED, "C_Sign"}, "sign");
  ASSERT_FALSE(known);
  EXPECT_EQ(known.error().rv, CKR_DEVICE_REMOVED);
  EXPECT_EQ(known.error().call, "C_Sign");
  EXPECT_EQ(known.error().message, "could not sign");
  EXPECT_EQ(known.error().cure,
            "the device or its token was removed. Look at the device: whether "
            "it has power, is plugged in and reached, whether its daemon or "
            "service runs, and what its log says; sigtoken opens it again by "
            "itself");
  const auto vendors = Check({0xCE534351, "C_Initialize"}, "initialise");
  ASSERT_FALSE(vendors);
  EXPECT_EQ(ToText(vendors.error()),
            "could not initialise: C_Initialize answered CKR 0xCE534351 (ICSF "
            "12/0, X'0'). Look the code up in the documents of the module's "
            "vendor, whose own it is");
}

TEST(TrimmedTest, TakesBlanksAndNulsFromTheEnd) {
  const CK_UTF8CHAR blanks[4] = {' ', 'a', ' ', ' '};
  EXPECT_EQ(Trimmed(blanks), " a");
  const CK_UTF8CHAR nuls[4] = {'a', 'b', 0, 0};
  EXPECT_EQ(Trimmed(nuls), "ab");
  const CK_UTF8CHAR full[2] = {'a', 'b'};
  EXPECT_EQ(Trimmed(full), "ab");
  const CK_UTF8CHAR nothing[2] = {' ', 0};
  EXPECT_EQ(Trimmed(nothing), "");
}

}  // namespace
}  // namespace sigtoken
