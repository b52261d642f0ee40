#include "tests/modules/module_fixture.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "tests/embedded_home.h"
#include "tests/fault_module.h"
#include "tests/forked.h"

namespace sigtoken::testing {
namespace {

class SoftHsmFixture : public ModuleFixture {
 public:
  SoftHsmFixture() {
    hsm_.MakeToken(kLabel);
    Configure();
  }

  std::string module_path() const override { return SIGTOKEN_SOFTHSM2_MODULE; }
};

class IsolatedFixture : public SoftHsmFixture {
 public:
  IsolatedFixture() { Configure(); }

  bool isolated() const override { return true; }
};

class FaultFixture : public SoftHsmFixture {
 public:
  FaultFixture() { Configure(); }

  std::string module_path() const override { return FaultModule::path(); }
  std::map<std::string, std::string> environment() const override {
    auto all = ModuleFixture::environment();
    all.insert(fault_.environment().begin(), fault_.environment().end());
    return all;
  }
  // It may be built for sanitizers, which those are not.
  std::string module_for_tools() const override {
    return SIGTOKEN_SOFTHSM2_MODULE;
  }

 private:
  const FaultModule fault_;
};

class NssFixture : public ModuleFixture {
 public:
  NssFixture() {
    std::filesystem::create_directory(database());
    const auto pin = folder_.Write("new-pin", std::string(kPin) + "\n");
    const Outcome made = Programs(home()).Run(
        SIGTOKEN_CERTUTIL,
        {"-N", "-d", "sql:" + database().string(), "-f", pin});
    EXPECT_EQ(made.status, 0) << made.err;
    setenv(kVariable, init().c_str(), 1);
    Configure();
  }
  NssFixture(const NssFixture&) = delete;
  NssFixture& operator=(const NssFixture&) = delete;
  ~NssFixture() override { unsetenv(kVariable); }

  std::string module_path() const override { return SIGTOKEN_NSS_MODULE; }
  // NSS Project, "PKCS #11 module specs": one token a database, whose label is
  // the dbTokenDescription.
  std::string init() const override {
    return "configdir='sql:" + database().string() + "' dbTokenDescription='" +
           kLabel + "' dbSlotDescription='" + kLabel + "' flags=";
  }
  std::map<std::string, std::string> environment() const override {
    auto all = ModuleFixture::environment();
    all[kVariable] = init();
    return all;
  }
  std::string module_for_tools() const override {
    return SIGTOKEN_NSS_WITH_INIT_MODULE;
  }
  std::filesystem::path token_folder() const override { return database(); }

 private:
  // Read by nss_with_init.c alone.
  static constexpr const char* kVariable = "SIGTOKEN_TEST_NSS_INIT";

  std::filesystem::path database() const { return folder_.path() / "nss"; }
};

}  // namespace

Configuration ModuleFixture::configuration() const {
  SetupOptions options;
  options.home = home().string();
  return Must(LoadConfiguration({}, options));
}

Programs ModuleFixture::programs() const {
  Programs programs(home().string());
  for (const auto& [name, value] : environment()) {
    programs.SetEnvironment(name, value);
  }
  return programs;
}

void ModuleFixture::Configure(const std::string& pin) const {
  Configure(pin, init());
}

void ModuleFixture::Configure(const std::string& pin,
                              const std::string& init) const {
  folder_.Write("pin", pin + "\n");
  if (!std::filesystem::exists(home())) {
    std::filesystem::create_directory(home());
    std::filesystem::permissions(home(), std::filesystem::perms::owner_all);
  }
  folder_.Write("home/sigtoken.toml",
                std::string("[[token]]\nname = \"") + kBoundName +
                    "\"\nuri = \"pkcs11:token=" + kLabel + "?module-path=" +
                    module_path() + "&pin-source=file:" + pin_file().string() +
                    "\"\ninit = \"" + init +
                    "\"\nisolated = " + (isolated() ? "true" : "false") + "\n");
}

std::unique_ptr<ModuleFixture> MakeSoftHsmFixture() {
  return std::make_unique<SoftHsmFixture>();
}

std::unique_ptr<ModuleFixture> MakeNssFixture() {
  return std::make_unique<NssFixture>();
}

std::unique_ptr<ModuleFixture> MakeIsolatedFixture() {
  return std::make_unique<IsolatedFixture>();
}

std::unique_ptr<ModuleFixture> MakeFaultFixture() {
  return std::make_unique<FaultFixture>();
}

bool RunForked(const std::function<void()>& work) {
  static_cast<void>(std::fflush(nullptr));
  return InChild([&] {
           work();
           static_cast<void>(std::fflush(nullptr));
           return ::testing::Test::HasFailure() ? 1 : 0;
         }) == 0;
}

}  // namespace sigtoken::testing
