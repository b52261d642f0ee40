// What a file, its owner and its mode must be.

#ifndef PKCS11_BASE_FILE_CHECK_H_
#define PKCS11_BASE_FILE_CHECK_H_

#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "pkcs11/base/result.h"

namespace sigtoken {

// `path` between single quotation marks, whole however long it is, so that a
// command in a cure can be copied; unprintable characters as \xNN.
std::string QuotedPath(const std::filesystem::path& path);

// Unavailable("cannot DOING 'PATH': what the system says to `number`"), where
// `number` is a value of errno.
Error SystemError(const std::string& doing, const std::filesystem::path& path,
                  int number);

// "dir" of "dir/": lstat() of "link/" would follow the link.
std::filesystem::path WithoutTrailingSlash(const std::filesystem::path& path);

// The directory that holds `path`; "." for a plain name.
std::filesystem::path DirectoryOf(const std::filesystem::path& path);

// The one path of a file that has several, through links; `path` itself where
// there is no such file.
std::string CanonicalPath(const std::string& path);

// Whether both are paths of one file.
bool IsSamePath(const std::string& one, const std::string& other);

enum class FileKind { kRegularFile, kDirectory };

// The checks below judge what stat() or fstat() found; `path` is for messages.
// Errors: Unavailable(), with the path and what is wrong with it (the mode in
// octal, the owner), and the command that mends it as the cure.

Status CheckKind(const std::filesystem::path& path, const struct stat& found,
                 FileKind kind);

// Belongs to the effective user; gives nothing to group and others.
Status CheckPrivateStat(const std::filesystem::path& path,
                        const struct stat& found, FileKind kind);

// A regular file that is private, or belongs to root and may then be read by
// its group: an access control list for the service's user looks so to stat()
// (systemd.exec, "Credentials"; acl(5), "Correspondence").
Status CheckCredentialStat(const std::filesystem::path& path,
                           const struct stat& found);

// A regular file that only root and the effective user may change or replace.
// `found` is the file itself; where `path` is a link to it, the link and the
// directories of both are looked at too.
Status CheckTrustedStat(const std::filesystem::path& path,
                        const struct stat& found);

// The directory that holds `path` is sticky or not writable by others: else
// anybody could put another file in the place of one that he cannot change.
Status CheckDirectoryOf(const std::filesystem::path& path);

}  // namespace sigtoken

#endif  // PKCS11_BASE_FILE_CHECK_H_
