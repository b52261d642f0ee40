#include "signer/audit/audit_file.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <string>
#include <thread>

#include "pkcs11/base/file_check.h"

namespace sigtoken {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

// How each record begins.
constexpr std::string_view kBegin = "{\"time\":\"";

Error Unwritten(const fs::path& path, int number) {
  Error error = SystemError("write an audit record to", path, number);
  error.cure = "make room on its disk, or raise the limit on the size of files";
  return error;
}

// Whether the lock was got until `deadline`. flock() cannot be told how long to
// wait; most hold the lock for less than a millisecond.
Result<bool> Lock(int file, int operation, const fs::path& path,
                  SteadyClock::time_point deadline) {
  constexpr std::chrono::microseconds kLongestPause{2000};
  std::chrono::microseconds pause{20};
  while (flock(file, operation | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return SystemError("lock", path, errno);
    }
    if (SteadyClock::now() >= deadline) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
  return true;
}

// Holds SIGXFSZ back, which a write beyond RLIMIT_FSIZE sends to its thread and
// which ends a process that knows nothing of it: write() says EFBIG then.
class FileSizeSignalHeld {
 public:
  FileSizeSignalHeld() {
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGXFSZ);
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGXFSZ) == 1;
    pthread_sigmask(SIG_BLOCK, &signal_, &before_);
  }
  FileSizeSignalHeld(const FileSizeSignalHeld&) = delete;
  FileSizeSignalHeld& operator=(const FileSizeSignalHeld&) = delete;
  ~FileSizeSignalHeld() {
    const timespec at_once{};
    if (!was_pending_) sigtimedwait(&signal_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t signal_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

// 0, or the errno of what stopped it. One write(), unless there is no room for
// all: the next one says why.
int WriteAll(int file, std::string_view text) {
  const FileSizeSignalHeld held;
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? errno : ENOSPC;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

int FlagsOf(AuditFile::Access access) {
  // A FIFO in the place of the file must not keep anybody waiting.
  constexpr int kAlways = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  switch (access) {
    case AuditFile::Access::kAppend:
      return kAlways | O_RDWR | O_APPEND | O_CREAT;
    case AuditFile::Access::kRotate:
      return kAlways | O_RDWR | O_APPEND;
    case AuditFile::Access::kRead:
      break;
  }
  return kAlways | O_RDONLY;
}

Error NotOpened(const fs::path& path, int number) {
  // open() says "too many levels" to the one link that O_NOFOLLOW forbids.
  if (number == ELOOP) {
    return Unavailable(QuotedPath(path) + " is a symbolic link",
                       "name a regular file itself");
  }
  return SystemError("open", path, number);
}

}  // namespace

AuditFile::~AuditFile() {
  if (number_ < 0) return;
  // close() alone would leave the lock to a child that another thread has
  // forked meanwhile.
  flock(number_, LOCK_UN);
  close(number_);
}

Result<std::optional<AuditFile>> AuditFile::Open(
    const fs::path& path, Access access,
    std::chrono::milliseconds longest_wait) {
  const auto deadline = SteadyClock::now() + longest_wait;
  SIGTOKEN_TRY(CheckDirectoryOf(path));
  for (;;) {
    const int number = open(path.c_str(), FlagsOf(access), 0600);
    if (number < 0) {
      if (errno == ENOENT && access != Access::kAppend) {
        return std::optional<AuditFile>();
      }
      return NotOpened(path, errno);
    }
    AuditFile file(path, number);
    struct stat ours {};
    if (fstat(file.number_, &ours) != 0) {
      return SystemError("look at", path, errno);
    }
    SIGTOKEN_TRY(CheckPrivateStat(path, ours, FileKind::kRegularFile));
    SIGTOKEN_ASSIGN(
        const bool got,
        Lock(file.number_, access == Access::kRead ? LOCK_SH : LOCK_EX, path,
             deadline));
    if (!got) {
      return Unavailable(
          "the audit file " + QuotedPath(path) + " was locked for too long",
          "see which process holds it, it may be stopped: fuser -v " +
              QuotedPath(path));
    }
    struct stat named {};
    if (fstat(file.number_, &ours) == 0 && lstat(path.c_str(), &named) == 0 &&
        named.st_dev == ours.st_dev && named.st_ino == ours.st_ino) {
      file.size_ = ours.st_size;
      return std::optional<AuditFile>(std::move(file));
    }
  }
}

Status AuditFile::CheckIsAuditFile() const {
  std::array<char, kBegin.size()> begin;
  const ssize_t got = pread(number_, begin.data(), begin.size(), 0);
  if (got < 0) return SystemError("read", path_, errno);
  // A writer may have died in the middle of the first line.
  if (kBegin.starts_with({begin.data(), static_cast<std::size_t>(got)})) {
    return Ok();
  }
  return Unavailable(QuotedPath(path_) + " is a file of something else",
                     "name a file that is new, or one of audit records");
}

Result<std::optional<Instant>> AuditFile::Begun() const {
  constexpr std::size_t kTimeLength = 20;  // "2025-01-15T17:54:12Z"
  std::array<char, kTimeLength> text;
  const ssize_t got = pread(number_, text.data(), text.size(), kBegin.size());
  if (got < 0) return SystemError("read", path_, errno);
  const auto time = ParseInstant({text.data(), static_cast<std::size_t>(got)});
  return time ? std::optional<Instant>(*time) : std::nullopt;
}

Status AuditFile::CutTo(std::int64_t size) {
  int cut = 0;
  do {
    cut = ftruncate(number_, size);
  } while (cut != 0 && errno == EINTR);
  if (cut != 0) return SystemError("shorten", path_, errno);
  size_ = size;
  return Ok();
}

Status AuditFile::CutTornLine() {
  std::array<char, 4096> piece;
  for (std::int64_t end = size_; end > 0;) {
    const auto length = std::min<std::int64_t>(end, piece.size());
    const ssize_t got = pread(number_, piece.data(),
                              static_cast<std::size_t>(length), end - length);
    if (got != length) return SystemError("read", path_, got < 0 ? errno : EIO);
    const std::size_t newline =
        std::string_view(piece.data(), static_cast<std::size_t>(length))
            .rfind('\n');
    end -= length;
    if (newline == std::string_view::npos) continue;
    const std::int64_t whole = end + static_cast<std::int64_t>(newline) + 1;
    return whole == size_ ? Ok() : CutTo(whole);
  }
  return size_ == 0 ? Ok() : CutTo(0);
}

Status AuditFile::Append(std::string_view line) {
  const int failed = WriteAll(number_, line);
  if (failed == 0) {
    size_ += static_cast<std::int64_t>(line.size());
    return Ok();
  }
  SIGTOKEN_TRY(CutTo(size_));
  return Unwritten(path_, failed);
}

}  // namespace sigtoken
