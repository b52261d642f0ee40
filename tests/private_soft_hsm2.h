// A SoftHSM2 store that is not sigtoken's own, as an administrator sets one up.

#ifndef TESTS_PRIVATE_SOFT_HSM2_H_
#define TESTS_PRIVATE_SOFT_HSM2_H_

#include <filesystem>
#include <optional>
#include <string>

#include "pkcs11/setup/configuration.h"
#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken::testing {

// SOFTHSM2_CONF names it for the lifetime of this object, so that modules which
// this process loads without a configuration of their own show its tokens.
class PrivateSoftHsm2 {
 public:
  static constexpr const char* kPin = "1234";

  PrivateSoftHsm2();
  PrivateSoftHsm2(const PrivateSoftHsm2&) = delete;
  PrivateSoftHsm2& operator=(const PrivateSoftHsm2&) = delete;
  ~PrivateSoftHsm2();

  // By softhsm2-util, with the user PIN kPin. Modules that were initialised
  // before do not see it.
  void MakeToken(const std::string& label) const;
  // The same of a token that is there: its objects are gone.
  void InitialiseAnew(const std::string& label) const;

  // One folder a token.
  std::filesystem::path tokens() const { return folder_.path() / "tokens"; }

  std::filesystem::path conf() const {
    return folder_.path() / "softhsm2.conf";
  }

  // The same store under another name: a program that has this one in
  // SOFTHSM2_CONF does not meet the others at their locks, like one on another
  // host.
  std::filesystem::path conf_elsewhere() const;

  // A configuration without the embedded store, in a home of its own. Writes
  // `pin` into the PIN file of the tokens that are bound.
  Configuration Configure(const std::string& pin = kPin) const;
  std::filesystem::path pin_file() const { return folder_.path() / "pin"; }

  // `token` is the part of the URI that says which one: "token=hsm".
  BoundToken Bind(const std::string& name, const std::string& token,
                  const std::string& module = SIGTOKEN_SOFTHSM2_MODULE) const;

 private:
  TemporaryFolder folder_;
  std::optional<std::string> before_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_PRIVATE_SOFT_HSM2_H_
