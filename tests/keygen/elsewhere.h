// Another host that uses the same PKCS#11 token, for one test.

#ifndef TESTS_KEYGEN_ELSEWHERE_H_
#define TESTS_KEYGEN_ELSEWHERE_H_

#include <cstdlib>
#include <memory>

#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken::testing {

// A directory with a store and a lock of its own over the same tokens.
inline std::unique_ptr<Directory> OpenElsewhere(
    const PrivateSoftHsm2& hsm, const Configuration& configuration) {
  Configuration there = configuration;
  there.home = configuration.home.parent_path() / "elsewhere";
  there.store_path = there.home / "sigtoken.db";
  setenv("SOFTHSM2_CONF", hsm.conf_elsewhere().c_str(), 1);
  auto directory = Must(Directory::Open(there));
  setenv("SOFTHSM2_CONF", hsm.conf().c_str(), 1);
  return directory;
}

}  // namespace sigtoken::testing

#endif  // TESTS_KEYGEN_ELSEWHERE_H_
