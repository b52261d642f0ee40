// Backup and restore of the state store.

#ifndef PKCS11_STORE_BACKUP_H_
#define PKCS11_STORE_BACKUP_H_

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/store/database.h"

namespace sigtoken {

// Copies all of the store, as it is at one moment, into the new file `file` of
// mode 0600. It holds no secret, but says which keys are disabled. Errors:
// kParameterInvalid when the file is there already; kNotAvailable.
Status BackUp(Database& database, const std::filesystem::path& file);

// Puts what a backup has in the place of what the store has, in one
// transaction. `migrate` brings an older backup's tables up to date. `others`
// are tables of other layers, which are replaced as a whole if the backup has
// them.
//
// Numbers never come back: a token's last assigned sequence number stays where
// it is when the backup's is lower. What the backup cannot know stays too:
// tokens that it does not have, or has another one of that name instead of,
// with their objects, and refused PINs.
//
// Gives the names of the tokens that it did not have. Errors: kParameterInvalid
// for a file that is not there or no backup; kNotAvailable.
Result<std::vector<std::string>> Restore(
    Database& database, const std::filesystem::path& file,
    const std::function<Status(Database&)>& migrate,
    std::span<const std::string_view> others = {});

// Puts all of a backup but its refused PINs in the place of the store `store`
// where that is damaged: another file, a folder, or a database that SQLite
// finds faults in. What was there is kept beside it, under the name that is
// given; nothing where the store is sound or not there, and nothing is done
// then.
//
// Other processes may have the store open: SQLite's own locks keep them out
// until all of it is there, and what they read next is the backup's. This
// process has not, for it would lose its locks (sqlite.org, "How To Corrupt An
// SQLite Database File", section 2.2).
//
// Errors: as Restore(), and what was there stays; kNotAvailable too where it
// cannot be kept, or belongs to others.
Result<std::optional<std::filesystem::path>> RestoreDamaged(
    const std::filesystem::path& store, const std::filesystem::path& file,
    const std::function<Status(Database&)>& migrate);

}  // namespace sigtoken

#endif  // PKCS11_STORE_BACKUP_H_
