// The folders of the embedded store, and the configuration of its module.

#ifndef PKCS11_SETUP_EMBEDDED_FOLDERS_H_
#define PKCS11_SETUP_EMBEDDED_FOLDERS_H_

#include <filesystem>

#include "pkcs11/base/result.h"

namespace sigtoken {

// Makes `home`, tokens/ and embedded/ in it, and softhsm2.conf, or checks those
// that are there. A softhsm2.conf of somebody else is refused, and not
// replaced. Errors: kNotAvailable.
Status MakeEmbeddedFolders(const std::filesystem::path& home);

// Whether it would do, as far as it can be told without making anything.
Status CheckEmbeddedFolders(const std::filesystem::path& home);

}  // namespace sigtoken

#endif  // PKCS11_SETUP_EMBEDDED_FOLDERS_H_
