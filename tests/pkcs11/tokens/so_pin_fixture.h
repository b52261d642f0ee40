// A token that is to be made in a store of the test's own.

#ifndef TESTS_PKCS11_TOKENS_SO_PIN_FIXTURE_H_
#define TESTS_PKCS11_TOKENS_SO_PIN_FIXTURE_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/temporary_folder.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken::testing {

class SoPinTest : public ::testing::Test {
 protected:
  static constexpr const char* kSoPin = "19283746";

  SoPinTest() { so_pin_ = folder_.Write("so-pin", std::string(kSoPin) + "\n"); }

  // IDT.KEYS, bound to the token of that URI, which may be made.
  BoundToken Bound(const std::string& token,
                   const std::string& module = SIGTOKEN_SOFTHSM2_MODULE) const {
    BoundToken bound = hsm_.Bind("IDT.KEYS", token, module);
    bound.so_pin_source = Must(PinSource::Parse(so_pin_.string()));
    bound.place = "sigtoken.toml:3:7";
    return bound;
  }
  std::unique_ptr<Directory> Open(const std::vector<BoundToken>& tokens) const {
    Configuration configuration = hsm_.Configure();
    configuration.tokens = tokens;
    return Must(Directory::Open(configuration));
  }
  static Status Create(Directory& directory) {
    return directory.CreateToken(Name("IDT.KEYS"), {"ACME", "M1", "S1"});
  }

  // Label and serial number of each token, as a new process sees them.
  static std::set<std::pair<std::string, std::string>> Tokens() {
    const auto module = Must(Module::Load({SIGTOKEN_SOFTHSM2_MODULE, "", ""}));
    std::set<std::pair<std::string, std::string>> tokens;
    for (const Slot& slot : Must(module->Slots())) {
      if (!slot.initialized()) continue;
      tokens.emplace(Trimmed(slot.info.label), Trimmed(slot.info.serialNumber));
    }
    return tokens;
  }

  PrivateSoftHsm2 hsm_;
  TemporaryFolder folder_;
  std::filesystem::path so_pin_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_PKCS11_TOKENS_SO_PIN_FIXTURE_H_
