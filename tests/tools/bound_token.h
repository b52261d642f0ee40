// A token of SoftHSM2 that an administrator made, bound to the name HSM.KEYS
// through the fault module, for tests of the command line.

#ifndef TESTS_TOOLS_BOUND_TOKEN_H_
#define TESTS_TOOLS_BOUND_TOKEN_H_

#include <filesystem>
#include <string>

#include "tests/fault_module.h"
#include "tests/private_soft_hsm2.h"
#include "tests/tools/command_line.h"

namespace sigtoken::testing {

class BoundTokenTest : public CommandLineTest {
 protected:
  static constexpr const char* kBound = "HSM.KEYS";

  BoundTokenTest() {
    hsm_.MakeToken("hsm");
    programs_.SetEnvironment("SOFTHSM2_CONF", hsm_.conf());
    for (const auto& [name, value] : fault_.environment()) {
      programs_.SetEnvironment(name, value);
    }
    MakePrivate(home_);
    Configure("file:" + folder_.Write("pin", PrivateSoftHsm2::kPin).string());
  }

  static void MakePrivate(const std::filesystem::path& folder) {
    std::filesystem::create_directory(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  }

  // `before` and `after` are what else the file says.
  void Configure(const std::string& pin_source, const std::string& before = "",
                 const std::string& after = "") const {
    folder_.Write(
        "home/sigtoken.toml",
        before + "[[token]]\nname = \"" + kBound +
            "\"\nuri = \"pkcs11:token=hsm?module-path=" + FaultModule::path() +
            "&pin-source=" + pin_source + "\"\n" + after);
  }

  Outcome Generate() const {
    return Run({"key", "generate", "--token", kBound, "--bytes", "64"});
  }
  static Words Signing(const std::string& key,
                       const std::string& algorithm = "HS256") {
    return {"sign", "--key", key, "--alg", algorithm};
  }

  // The programs of others do not meet the faults.
  Outcome Pkcs11Tool(const Words& more) const {
    return programs_.Run(
        SIGTOKEN_PKCS11_TOOL,
        Words{"--module", SIGTOKEN_SOFTHSM2_MODULE, "--token-label", "hsm",
              "--login", "--pin", PrivateSoftHsm2::kPin} +
            more);
  }
  void MakeTheirKey(const std::string& label, const std::string& id) const {
    const Outcome made =
        Pkcs11Tool({"--keygen", "--key-type", "GENERIC:64", "--label", label,
                    "--id", id, "--private", "--sensitive"});
    EXPECT_EQ(made.status, 0) << made.err;
  }

  const PrivateSoftHsm2 hsm_;
  FaultModule fault_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_TOOLS_BOUND_TOKEN_H_
