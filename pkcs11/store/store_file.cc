#include "pkcs11/store/store_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "pkcs11/base/file_check.h"
#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

// sqlite.org, "Database File Format", section 1.3.
constexpr std::string_view kMagic("SQLite format 3\0", 16);

Error NotOpened(const std::filesystem::path& file, int number) {
  const std::string why =
      std::error_code(number, std::generic_category()).message();
  return number == EISDIR ? StoreDamaged(file, "be opened", why)
                          : StoreFailed(file, "be opened", why);
}

// What SQLite puts beside the file, where it is there.
Status CheckFileBeside(const std::filesystem::path& file,
                       std::string_view suffix) {
  std::filesystem::path path = file;
  path += suffix;
  struct stat found {};
  // Whoever closes the store last removes them.
  if (lstat(path.c_str(), &found) != 0) {
    return errno == ENOENT ? Ok() : SystemError("look at", path, errno);
  }
  return CheckPrivateStat(path, found, FileKind::kRegularFile);
}

Status CheckFiles(const std::filesystem::path& file) {
  struct stat found {};
  const int number = lstat(file.c_str(), &found) != 0 ? errno
                     : S_ISLNK(found.st_mode)         ? ELOOP
                     : S_ISDIR(found.st_mode)         ? EISDIR
                                                      : 0;
  if (number != 0) return NotOpened(file, number);
  SIGTOKEN_TRY(CheckPrivateStat(file, found, FileKind::kRegularFile));
  SIGTOKEN_TRY(CheckFileBeside(file, "-wal"));
  return CheckFileBeside(file, "-shm");
}

// An empty file becomes a database.
Status CheckIsDatabase(const std::filesystem::path& file) {
  const int descriptor =
      open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return NotOpened(file, errno);
  std::string start(kMagic.size(), ' ');
  const ssize_t count = read(descriptor, start.data(), start.size());
  const int number = count < 0 ? errno : 0;
  close(descriptor);
  if (number != 0) return NotOpened(file, number);
  if (count == 0 || start == kMagic) return Ok();
  return StoreDamaged(file, "be opened", "file is not a database");
}

}  // namespace

Error StoreFailed(const std::filesystem::path& file, std::string_view doing,
                  const std::string& why) {
  return Unavailable(
      "the state store " + Quoted(file.string()) + " could not " +
          std::string(doing) + ": " + Printable(why),
      "check that the file is whole and yours, that its disk has room and is "
      "not read-only, and that no program keeps it locked");
}

Error StoreDamaged(const std::filesystem::path& file, std::string_view doing,
                   const std::string& why) {
  Error error = StoreFailed(file, doing, why);
  // What is lost with the records is not in the tokens.
  error.cure =
      "put a backup in its place with 'sigtoken store restore FILE'. Without "
      "one move it away: it is made again from the tokens' keys, and numbers "
      "of keys that were deleted, which keys were disabled or adopted, the "
      "true length of short ones, profiles and users are lost";
  return error;
}

// SQLite makes files by the umask, which is not ours to set in a library. Its
// -wal and -shm files take over the mode of the file itself.
Status MakeStoreFile(const std::filesystem::path& file) {
  const int descriptor =
      open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const int number = descriptor < 0 ? errno : 0;
  if (descriptor >= 0) close(descriptor);
  // What is there already is not opened: to close it would end the locks of
  // this process's other connections to it (sqlite.org, "How To Corrupt An
  // SQLite Database File", section 2.2).
  if (number != 0 && number != EEXIST) return NotOpened(file, number);
  return CheckFiles(file);
}

Status CheckStoreFile(const std::filesystem::path& file) {
  struct stat found {};
  const bool is_new = lstat(file.c_str(), &found) != 0 && errno == ENOENT;
  if (!is_new) {
    SIGTOKEN_TRY(CheckFiles(file));
    SIGTOKEN_TRY(CheckIsDatabase(file));
  }
  // SQLite makes files beside it, too.
  const std::filesystem::path folder = DirectoryOf(file);
  const bool may_write =
      faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0 &&
      (is_new || faccessat(AT_FDCWD, file.c_str(), W_OK, AT_EACCESS) == 0);
  // A folder that is to be made is looked at by who makes it.
  if (may_write || errno == ENOENT) return Ok();
  return NotOpened(file, errno);
}

}  // namespace sigtoken
