// Files that only their owner may touch, and files that others may not change.

#ifndef PKCS11_BASE_PRIVATE_FILE_H_
#define PKCS11_BASE_PRIVATE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "pkcs11/base/file_check.h"
#include "pkcs11/base/result.h"
#include "pkcs11/base/secret.h"

namespace sigtoken {

// All functions that need a file as it should be answer Unavailable() where it
// is not: the message names the path and what is wrong with it (the mode in
// octal, the owner, the system's text), the cure the command that mends it.

// Makes `directory` and its missing parents with mode 0700, or checks one that
// is there with CheckPrivate(). Parents that are there are left as they are.
Status MakePrivateDirectory(const std::filesystem::path& directory);

// Whether MakePrivateDirectory() would do, as far as it can be told without
// making anything.
Status CheckPrivateDirectory(const std::filesystem::path& directory);

// `path` is of that kind and no symbolic link, belongs to the effective user,
// and its mode gives nothing to group and others.
Status CheckPrivate(const std::filesystem::path& path, FileKind kind);

// Whether a secret is a text, of which the one newline (LF or CR LF) that an
// editor leaves at its end is no part, or bytes that all count.
enum class SecretForm { kText, kBytes };

// The secret in a file that CheckPrivate() takes, at most `max_bytes`. The
// bytes are never anywhere but in the Secret.
//
// Refuses also a file in a directory where anybody may replace it, see
// CheckNotWritableByOthers().
Result<Secret> ReadSecretFile(const std::filesystem::path& path,
                              std::size_t max_bytes,
                              SecretForm form = SecretForm::kText);

// As ReadSecretFile(), for a file that the service manager hands out: it may
// also be root's, see CheckCredentialStat().
Result<Secret> ReadCredentialFile(const std::filesystem::path& path,
                                  std::size_t max_bytes);

// Whether ReadCredentialFile() would take the file.
Status CheckCredentialFile(const std::filesystem::path& path);

// As ReadSecretFile(), from an open descriptor, to its end. Who opened it
// decided who may read it: nothing is checked. A file is read from its start,
// each time; a pipe gives its secret once. The descriptor stays open.
Result<Secret> ReadSecretDescriptor(int descriptor, std::size_t max_bytes,
                                    SecretForm form = SecretForm::kText);

// What a written file survives.
enum class Durability {
  kSynced,    // A loss of power: fsync() of the file and of its directory.
  kUnsynced,  // The end of this process.
};

// Puts `bytes` in the place of `path`, mode 0600: whoever opens it sees the old
// file or the new one, never a part. On a failure the old one stays and nothing
// is left beside it.
Status WriteFileAtomically(const std::filesystem::path& path,
                           std::span<const std::uint8_t> bytes,
                           Durability durability);

// Makes the new file `path`, mode 0600, with all of `bytes` or not at all.
// Errors: kParameterInvalid where there is something of that name already, or
// the file cannot be made, for the request named it.
Status WriteNewFile(const std::filesystem::path& path,
                    std::span<const std::uint8_t> bytes);

// All of `bytes`. Errors: Unavailable().
Status WriteDescriptor(int descriptor, std::span<const std::uint8_t> bytes);

// All of a file that holds no secret; a pipe is read to its end. Errors:
// kParameterInvalid, for the file is one that the request named; also for one
// of more than `max_bytes`.
Result<std::string> ReadWholeFile(const std::filesystem::path& path,
                                  std::size_t max_bytes);

// All of a file that CheckPrivate() takes; the file that is checked is the one
// that is read.
Result<std::string> ReadPrivateFile(const std::filesystem::path& path,
                                    std::size_t max_bytes);

// `path` is a regular file, or a link to one, that only root and the effective
// user may change: file and link belong to one of them, group and others may
// not write to the file, and the directories that hold file and link are
// sticky or not writable by others. For files that load code or say which code
// is loaded.
Status CheckNotWritableByOthers(const std::filesystem::path& path);

// As ReadWholeFile(), of a file that CheckNotWritableByOthers() takes; the file
// that is checked is the one that is read. Errors of the check: Unavailable().
Result<std::string> ReadTrustedFile(const std::filesystem::path& path,
                                    std::size_t max_bytes);

}  // namespace sigtoken

#endif  // PKCS11_BASE_PRIVATE_FILE_H_
