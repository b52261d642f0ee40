// The folders and files that a Directory works in.

#ifndef PKCS11_TOKENS_PLACES_H_
#define PKCS11_TOKENS_PLACES_H_

#include <filesystem>

#include "pkcs11/base/result.h"
#include "pkcs11/setup/configuration.h"

namespace sigtoken {

// Where the host's locks are, beside the state store.
std::filesystem::path LockFolder(const Configuration& configuration);

// Makes the home, the state store's folder and LockFolder(), or checks those
// that are there. Errors: kNotAvailable.
Status MakePlaces(const Configuration& configuration);

// Whether Directory::Open() would find its places as they must be, as far as it
// can be told without making or changing anything: what it would make need not
// be there. Not while this process has the state store open (CheckStoreFile).
// Errors: those of Directory::Open().
Status CheckPlaces(const Configuration& configuration);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_PLACES_H_
