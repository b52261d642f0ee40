// The state store's file, before SQLite opens it.

#ifndef PKCS11_STORE_STORE_FILE_H_
#define PKCS11_STORE_STORE_FILE_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "pkcs11/base/result.h"

namespace sigtoken {

// Unavailable("the state store 'FILE' could not DOING: WHY").
Error StoreFailed(const std::filesystem::path& file, std::string_view doing,
                  const std::string& why);

// The same for what is no database any more: its cure is a backup.
Error StoreDamaged(const std::filesystem::path& file, std::string_view doing,
                   const std::string& why);

// Makes it, empty and with mode 0600, or checks the one that is there, and what
// SQLite puts beside it: regular files that only their owner may use. Errors:
// kNotAvailable.
Status MakeStoreFile(const std::filesystem::path& file);

// Whether MakeStoreFile() and SQLite would take the file, as far as it can be
// told without making or changing anything; fine where there is none yet. Not
// while this process has the store open: whoever closes a descriptor of the
// file ends SQLite's locks on it (sqlite.org, "How To Corrupt An SQLite
// Database File", section 2.2). Errors: kNotAvailable.
Status CheckStoreFile(const std::filesystem::path& file);

}  // namespace sigtoken

#endif  // PKCS11_STORE_STORE_FILE_H_
