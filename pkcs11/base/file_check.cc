#include "pkcs11/base/file_check.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

using Path = std::filesystem::path;
using Stat = struct stat;

constexpr ::mode_t kForGroupAndOthers = S_IRWXG | S_IRWXO;
constexpr ::mode_t kPermissions = 07777;
constexpr ::uid_t kRoot = 0;

// What the system says to `number`, a value of errno; unlike strerror() safe in
// threads.
std::string SystemText(int number) {
  return std::error_code(number, std::generic_category()).message();
}

std::string Octal(::mode_t mode) {
  char text[16];
  static_cast<void>(
      std::snprintf(text, sizeof text, "%04o", mode & kPermissions));
  return text;
}

std::string Uid(::uid_t uid) { return "uid " + std::to_string(uid); }

Error WrongOwner(const Path& path, ::uid_t owner) {
  // Only root can give files away, and what is root's is seldom sigtoken's.
  return Unavailable(
      QuotedPath(path) + " belongs to " + Uid(owner) + ", not to " +
          Uid(::geteuid()) + " that runs this",
      "run this as " + Uid(owner) + ", or name another place, of your own");
}

Status CheckPrivateMode(const Path& path, const Stat& found, FileKind kind) {
  if ((found.st_mode & kForGroupAndOthers) == 0) return Ok();
  return Unavailable(QuotedPath(path) + " has mode " + Octal(found.st_mode) +
                         ": others than its owner may use it",
                     kind == FileKind::kDirectory
                         ? "name a directory that is only for this, or, if "
                           "this one is: chmod 700 " +
                               QuotedPath(path)
                         : "run: chmod 600 " + QuotedPath(path));
}

Status CheckTrustedOwner(const Path& path, const Stat& found) {
  if (found.st_uid == kRoot || found.st_uid == ::geteuid()) return Ok();
  return WrongOwner(path, found.st_uid);
}

}  // namespace

std::string QuotedPath(const std::filesystem::path& path) {
  const std::string_view text = path.native();
  std::string quoted = "'";
  for (std::size_t i = 0; i < text.size(); i += kPrintableLength) {
    quoted += Printable(text.substr(i, kPrintableLength));
  }
  return quoted += "'";
}

Error SystemError(const std::string& doing, const Path& path, int number) {
  return Unavailable(
      "cannot " + doing + " " + QuotedPath(path) + ": " + SystemText(number),
      "check the path, and that uid " + std::to_string(::geteuid()) +
          " may use it");
}

Path WithoutTrailingSlash(const Path& path) {
  return path.has_filename() || !path.has_relative_path() ? path
                                                          : path.parent_path();
}

Path DirectoryOf(const Path& path) {
  const Path parent = WithoutTrailingSlash(path).parent_path();
  return parent.empty() ? Path(".") : parent;
}

std::string CanonicalPath(const std::string& path) {
  std::error_code none;
  const Path canonical = std::filesystem::canonical(path, none);
  return none ? path : canonical.string();
}

bool IsSamePath(const std::string& one, const std::string& other) {
  return one == other || CanonicalPath(one) == CanonicalPath(other);
}

Status CheckKind(const Path& path, const Stat& found, FileKind kind) {
  const bool is_directory = kind == FileKind::kDirectory;
  if ((found.st_mode & S_IFMT) == (is_directory ? S_IFDIR : S_IFREG)) {
    return Ok();
  }
  const std::string wanted = is_directory ? "directory" : "regular file";
  const std::string is =
      S_ISLNK(found.st_mode) ? " is a symbolic link" : " is not a " + wanted;
  return Unavailable(QuotedPath(path) + is, "name a " + wanted + " itself");
}

Status CheckPrivateStat(const Path& path, const Stat& found, FileKind kind) {
  SIGTOKEN_TRY(CheckKind(path, found, kind));
  if (found.st_uid != ::geteuid()) return WrongOwner(path, found.st_uid);
  return CheckPrivateMode(path, found, kind);
}

Status CheckCredentialStat(const Path& path, const Stat& found) {
  constexpr ::mode_t kGroupMayRead = S_IRGRP;
  if (found.st_uid != kRoot ||
      (found.st_mode & kForGroupAndOthers & ~kGroupMayRead) != 0) {
    return CheckPrivateStat(path, found, FileKind::kRegularFile);
  }
  return CheckKind(path, found, FileKind::kRegularFile);
}

Status CheckDirectoryOf(const Path& path) {
  const Path directory = DirectoryOf(path);
  Stat found{};
  if (::stat(directory.c_str(), &found) != 0) {
    return SystemError("look at", directory, errno);
  }
  SIGTOKEN_TRY(CheckKind(directory, found, FileKind::kDirectory));
  if ((found.st_mode & S_IWOTH) == 0 || (found.st_mode & S_ISVTX) != 0) {
    return Ok();
  }
  return Unavailable("anybody may replace files in " + QuotedPath(directory) +
                         ", which has mode " + Octal(found.st_mode),
                     "name another directory, or, if nobody else needs this "
                     "one: chmod o-w " +
                         QuotedPath(directory));
}

Status CheckTrustedStat(const Path& path, const Stat& found) {
  SIGTOKEN_TRY(CheckKind(path, found, FileKind::kRegularFile));
  SIGTOKEN_TRY(CheckTrustedOwner(path, found));
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Unavailable(QuotedPath(path) + " has mode " + Octal(found.st_mode) +
                           ": others than its owner may write to it",
                       "run: chmod go-w " + QuotedPath(path));
  }
  SIGTOKEN_TRY(CheckDirectoryOf(path));

  Stat link{};
  if (::lstat(path.c_str(), &link) != 0) {
    return SystemError("look at", path, errno);
  }
  if (!S_ISLNK(link.st_mode)) return Ok();
  SIGTOKEN_TRY(CheckTrustedOwner(path, link));
  std::error_code failed;
  const Path target = std::filesystem::canonical(path, failed);
  if (failed) return SystemError("follow", path, failed.value());
  return CheckDirectoryOf(target);
}

}  // namespace sigtoken
