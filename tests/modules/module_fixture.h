// One real PKCS#11 token of one real module, for one test.

#ifndef TESTS_MODULES_MODULE_FIXTURE_H_
#define TESTS_MODULES_MODULE_FIXTURE_H_

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "pkcs11/setup/configuration.h"
#include "tests/modules/module_traits.h"
#include "tests/pkcs11/temporary_folder.h"
#include "tests/private_soft_hsm2.h"
#include "tests/program.h"

namespace sigtoken::testing {

// A fresh token with a user PIN in a folder of its own, made with the module's
// own tools, as an administrator would, and a home whose sigtoken.toml binds
// the name kBoundName to it. Nothing outside the folder is read or written.
//
// A module keeps much of its state in the process, and p11-kit's client the
// address of its server for good: so a test lets the programs do the work, or
// a child of its own (RunForked), and never loads a module itself.
class ModuleFixture {
 public:
  static constexpr const char* kBoundName = "IDTTKN.JWT.SECRET";
  static constexpr const char* kLabel = "contract";
  static constexpr const char* kPin = "1234";

  ModuleFixture() = default;
  ModuleFixture(const ModuleFixture&) = delete;
  ModuleFixture& operator=(const ModuleFixture&) = delete;
  virtual ~ModuleFixture() = default;

  virtual std::string module_path() const = 0;
  // What goes into CK_C_INITIALIZE_ARGS.pReserved; empty for nothing.
  virtual std::string init() const { return ""; }
  // Whether it runs in a helper process.
  virtual bool isolated() const { return false; }
  // What a program that loads the module needs. It is set in this process too,
  // as long as the fixture is there.
  virtual std::map<std::string, std::string> environment() const {
    return {{"SOFTHSM2_CONF", hsm_.conf()}};
  }
  // The module for tools that cannot hand over init().
  virtual std::string module_for_tools() const { return module_path(); }

  std::filesystem::path home() const { return folder_.path() / "home"; }
  std::filesystem::path pin_file() const { return folder_.path() / "pin"; }

  // The folder of what the token is kept in.
  virtual std::filesystem::path token_folder() const { return hsm_.tokens(); }
  // Where SoftHSM2 has its tokens, whether it is the module or behind it.
  const PrivateSoftHsm2& hsm() const { return hsm_; }

  // What the programs read in home().
  Configuration configuration() const;
  // Runs programs in home(), with environment().
  Programs programs() const;
  // Writes sigtoken.toml and the PIN file anew.
  void Configure(const std::string& pin = kPin) const;
  void Configure(const std::string& pin, const std::string& init) const;

 protected:
  const TemporaryFolder folder_;
  // The token's store where it is SoftHSM2's; and in any case what gives the
  // programs of a test a folder of their own for their locks.
  const PrivateSoftHsm2 hsm_;
};

// SoftHSM2, loaded into the program.
std::unique_ptr<ModuleFixture> MakeSoftHsmFixture();
// NSS's softokn, a database in a folder.
std::unique_ptr<ModuleFixture> MakeNssFixture();
// The fault module around SoftHSM2, without a fault: what it does by itself is
// what SoftHSM2 does.
std::unique_ptr<ModuleFixture> MakeFaultFixture();

// SoftHSM2 in a helper process.
std::unique_ptr<ModuleFixture> MakeIsolatedFixture();

// Runs `work` in a child, where modules may be loaded and gtest's assertions
// count: true if none failed and the child came to its end.
bool RunForked(const std::function<void()>& work);

}  // namespace sigtoken::testing

#endif  // TESTS_MODULES_MODULE_FIXTURE_H_
