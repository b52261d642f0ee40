#include "pkcs11/base/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace sigtoken {
namespace {

using Path = std::filesystem::path;
using Stat = struct stat;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  int number() const { return number_; }

 private:
  int number_;
};

// Removes a file again unless it has found its place.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  const std::string& path() const { return path_; }
  void Keep() { path_.clear(); }

 private:
  std::string path_;
};

// For files that are to be regular: opening a FIFO in the place of one must not
// wait for somebody to write to it.
constexpr int kDoNotWait = O_NONBLOCK;

Result<Descriptor> OpenToRead(const Path& path, int flags) {
  const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (number >= 0) return Descriptor(number);
  // open() says "too many levels" to the one link that O_NOFOLLOW forbids.
  if (errno == ELOOP && (flags & O_NOFOLLOW) != 0) {
    return Unavailable(QuotedPath(path) + " is a symbolic link",
                       "name a regular file itself");
  }
  return SystemError("open", path, errno);
}

Result<Stat> StatOf(const Descriptor& file, const Path& path) {
  Stat found{};
  if (::fstat(file.number(), &found) == 0) return found;
  return SystemError("look at", path, errno);
}

// Fills `room` as far as the file goes: how many bytes there were, or -1 with
// errno set.
::ssize_t ReadFully(int descriptor, std::span<std::uint8_t> room) {
  std::size_t done = 0;
  while (done < room.size()) {
    const ::ssize_t got =
        ::read(descriptor, room.data() + done, room.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<::ssize_t>(done);
}

bool WriteFully(int descriptor, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ::ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

Result<Secret> ReadSecret(int descriptor, const Path& path,
                          std::size_t max_bytes, SecretForm form) {
  // Room for the newline and for one byte too many, by which more is noticed.
  constexpr std::size_t kMore = 3;
  SIGTOKEN_ASSIGN(Secret secret, Secret::OfSize(max_bytes + kMore));
  const ::ssize_t got = ReadFully(descriptor, {secret.data(), secret.size()});
  if (got < 0) return SystemError("read", path, errno);

  auto size = static_cast<std::size_t>(got);
  if (form == SecretForm::kText && size > 0 &&
      secret.data()[size - 1] == '\n') {
    --size;
    if (size > 0 && secret.data()[size - 1] == '\r') --size;
  }
  if (size > max_bytes) {
    return Unavailable("the secret in " + QuotedPath(path) + " has more than " +
                           std::to_string(max_bytes) + " bytes",
                       "put the secret alone into the file");
  }
  secret.Shorten(size);
  return secret;
}

Result<Secret> ReadCheckedSecret(const Path& path, std::size_t max_bytes,
                                 SecretForm form,
                                 Status (*check)(const Path&, const Stat&)) {
  SIGTOKEN_ASSIGN(const Descriptor file,
                  OpenToRead(path, kDoNotWait | O_NOFOLLOW));
  SIGTOKEN_ASSIGN(const Stat found, StatOf(file, path));
  SIGTOKEN_TRY(check(path, found));
  SIGTOKEN_TRY(CheckDirectoryOf(path));
  return ReadSecret(file.number(), path, max_bytes, form);
}

Result<std::string> ReadText(const Descriptor& file, const Path& path,
                             std::size_t max_bytes) {
  std::string text;
  // By pieces: most files are far smaller than what they may be.
  constexpr std::size_t kPiece{65'536};
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + std::min(kPiece, max_bytes + 1 - before));
    const ::ssize_t got = ReadFully(
        file.number(), {reinterpret_cast<std::uint8_t*>(text.data()) + before,
                        text.size() - before});
    if (got < 0) return SystemError("read", path, errno);
    const auto now = before + static_cast<std::size_t>(got);
    if (now > max_bytes) {
      return Unavailable(QuotedPath(path) + " has more than " +
                             std::to_string(max_bytes) + " bytes",
                         "name another file, or make it smaller");
    }
    const bool ended = now < text.size();
    text.resize(now);
    if (ended) return text;
  }
}

Result<std::string> ReadAnyFile(const Path& path, std::size_t max_bytes) {
  SIGTOKEN_ASSIGN(const Descriptor file, OpenToRead(path, 0));
  return ReadText(file, path, max_bytes);
}

Status SyncDirectory(const Path& directory) {
  const Descriptor opened(
      ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // EINVAL: a file system that has nothing to sync in a directory (fsync(2)).
  if (opened.number() < 0 ||
      (::fsync(opened.number()) != 0 && errno != EINVAL)) {
    return SystemError("sync", directory, errno);
  }
  return Ok();
}

}  // namespace

Status MakePrivateDirectory(const std::filesystem::path& directory) {
  Path so_far;
  for (const Path& part : directory) {
    so_far /= part;
    if (::mkdir(so_far.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
      return SystemError("make directory", so_far, errno);
    }
  }
  return CheckPrivate(directory, FileKind::kDirectory);
}

Status CheckPrivateDirectory(const std::filesystem::path& directory) {
  Path so_far;
  for (const Path& part : directory) {
    const Path parent = DirectoryOf(so_far / part);
    so_far /= part;
    Stat found{};
    if (::lstat(so_far.c_str(), &found) == 0) continue;
    if (errno != ENOENT ||
        ::faccessat(AT_FDCWD, parent.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
      return SystemError("make directory", so_far, errno);
    }
    return Ok();  // All below it would be made.
  }
  return CheckPrivate(directory, FileKind::kDirectory);
}

Status CheckPrivate(const std::filesystem::path& path, FileKind kind) {
  const Path exact = WithoutTrailingSlash(path);
  Stat found{};
  if (::lstat(exact.c_str(), &found) != 0) {
    return SystemError("look at", exact, errno);
  }
  return CheckPrivateStat(exact, found, kind);
}

Result<Secret> ReadSecretFile(const std::filesystem::path& path,
                              std::size_t max_bytes, SecretForm form) {
  return ReadCheckedSecret(
      path, max_bytes, form, [](const Path& checked, const Stat& found) {
        return CheckPrivateStat(checked, found, FileKind::kRegularFile);
      });
}

Result<Secret> ReadCredentialFile(const std::filesystem::path& path,
                                  std::size_t max_bytes) {
  return ReadCheckedSecret(path, max_bytes, SecretForm::kText,
                           CheckCredentialStat);
}

Status CheckCredentialFile(const std::filesystem::path& path) {
  Stat found{};
  if (::lstat(path.c_str(), &found) != 0) {
    return SystemError("look at", path, errno);
  }
  return CheckCredentialStat(path, found);
}

Result<Secret> ReadSecretDescriptor(int descriptor, std::size_t max_bytes,
                                    SecretForm form) {
  // A pipe answers ESPIPE, and has only what is still in it.
  ::lseek(descriptor, 0, SEEK_SET);
  return ReadSecret(descriptor, "fd:" + std::to_string(descriptor), max_bytes,
                    form);
}

Status WriteFileAtomically(const std::filesystem::path& path,
                           std::span<const std::uint8_t> bytes,
                           Durability durability) {
  const bool synced = durability == Durability::kSynced;
  std::string name = path.native() + ".XXXXXX";
  const Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (file.number() < 0) return SystemError("make a file beside", path, errno);
  TemporaryFile temporary(std::move(name));

  if (!WriteFully(file.number(), bytes) ||
      (synced && ::fsync(file.number()) != 0)) {
    return SystemError("write", path, errno);
  }
  if (::rename(temporary.path().c_str(), path.c_str()) != 0) {
    return SystemError("replace", path, errno);
  }
  temporary.Keep();
  return synced ? SyncDirectory(DirectoryOf(path)) : Ok();
}

Status WriteNewFile(const std::filesystem::path& path,
                    std::span<const std::uint8_t> bytes) {
  const auto refuse = [&](const std::string& why) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "the file " + QuotedPath(path) + " " + why,
                   "name a new file in a folder that you may write to");
  };
  std::string name = path.native() + ".XXXXXX";
  const Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (file.number() < 0) {
    return refuse("could not be made: " +
                  std::error_code(errno, std::generic_category()).message());
  }
  const TemporaryFile temporary(std::move(name));
  if (!WriteFully(file.number(), bytes) || ::fsync(file.number()) != 0) {
    return SystemError("write", path, errno);
  }
  // A rename would take the place of what is there.
  if (::link(temporary.path().c_str(), path.c_str()) == 0) {
    return SyncDirectory(DirectoryOf(path));
  }
  return refuse(errno == EEXIST ? "is there already" : "could not be made");
}

Status WriteDescriptor(int descriptor, std::span<const std::uint8_t> bytes) {
  if (WriteFully(descriptor, bytes)) return Ok();
  return SystemError("write to", "fd:" + std::to_string(descriptor), errno);
}

Result<std::string> ReadWholeFile(const std::filesystem::path& path,
                                  std::size_t max_bytes) {
  auto text = ReadAnyFile(path, max_bytes);
  if (text) return text;
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, text.error().message,
                 text.error().cure);
}

Result<std::string> ReadPrivateFile(const std::filesystem::path& path,
                                    std::size_t max_bytes) {
  SIGTOKEN_ASSIGN(const Descriptor file,
                  OpenToRead(path, kDoNotWait | O_NOFOLLOW));
  SIGTOKEN_ASSIGN(const Stat found, StatOf(file, path));
  SIGTOKEN_TRY(CheckPrivateStat(path, found, FileKind::kRegularFile));
  return ReadText(file, path, max_bytes);
}

Status CheckNotWritableByOthers(const std::filesystem::path& path) {
  Stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    return SystemError("look at", path, errno);
  }
  return CheckTrustedStat(path, found);
}

Result<std::string> ReadTrustedFile(const std::filesystem::path& path,
                                    std::size_t max_bytes) {
  SIGTOKEN_ASSIGN(const Descriptor file, OpenToRead(path, kDoNotWait));
  SIGTOKEN_ASSIGN(const Stat found, StatOf(file, path));
  SIGTOKEN_TRY(CheckTrustedStat(path, found));
  return ReadText(file, path, max_bytes);
}

}  // namespace sigtoken
