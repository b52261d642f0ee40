#include "pkcs11/store/host_lock.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

Error Failed(const std::filesystem::path& file, std::string_view doing) {
  const int number = errno;
  return Unavailable(
      "the lock file " + Quoted(file.string()) + " could not be " +
          std::string(doing) + ": " +
          std::error_code(number, std::generic_category()).message(),
      "check that its folder is yours and its disk has room");
}

// An open file; closed on destruction, which also gives up its flock.
class File {
 public:
  explicit File(const std::filesystem::path& path)
      : number_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                     0600)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (number_ >= 0) close(number_);
  }

  int number() const { return number_; }
  int Release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

bool Lock(int file, int operation) {
  int result = 0;
  do {
    result = flock(file, operation);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

}  // namespace

HostLock::HostLock(const std::filesystem::path& folder, std::string_view name)
    : gate_(folder / (std::string(name) + ".gate")),
      lock_(folder / (std::string(name) + ".lock")) {}

HostLock::Shared::~Shared() {
  if (file_ >= 0) close(file_);
}

HostLock::Exclusive::Exclusive(int file) : Shared(file) {
  sigset_t held;
  sigemptyset(&held);
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTOU,
                           SIGALRM, SIGUSR1, SIGUSR2}) {
    sigaddset(&held, signal);
  }
  pthread_sigmask(SIG_BLOCK, &held, &mask_);
}

HostLock::Exclusive::~Exclusive() {
  if (!holds_signals_) return;
  // The lock goes first: a signal that waited may end the process right away.
  close(std::exchange(file_, -1));
  pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
}

Result<int> HostLock::Acquire(int operation) const {
  const File gate(gate_);
  if (gate.number() < 0) return Failed(gate_, "opened");
  if (!Lock(gate.number(), LOCK_EX)) return Failed(gate_, "locked");
  File lock(lock_);
  if (lock.number() < 0) return Failed(lock_, "opened");
  if (!Lock(lock.number(), operation)) return Failed(lock_, "locked");
  return lock.Release();
}

Result<HostLock::Shared> HostLock::AcquireShared() const {
  SIGTOKEN_ASSIGN(const int file, Acquire(LOCK_SH));
  return Shared(file);
}

Result<HostLock::Exclusive> HostLock::AcquireExclusive() const {
  SIGTOKEN_ASSIGN(const int file, Acquire(LOCK_EX));
  return Exclusive(file);
}

}  // namespace sigtoken
