#include "pkcs11/store/host_lock.h"

#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>

#include "pkcs11/base/file_check.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/base/private_file.h"
#include "pkcs11/cryptoki/call.h"

namespace sigtoken {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

Error Failed(const fs::path& file, std::string_view doing) {
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
  // Made where it is not there. Whoever else could open it could hold it.
  static Result<File> Open(const fs::path& path) {
    File file(
        open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    struct stat found {};
    if (file.number_ < 0 || fstat(file.number_, &found) != 0) {
      return Failed(path, "opened");
    }
    SIGTOKEN_TRY(CheckPrivateStat(path, found, FileKind::kRegularFile));
    return file;
  }
  File(File&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  File& operator=(const File&) = delete;
  File& operator=(File&&) = delete;
  ~File() {
    if (number_ >= 0) close(number_);
  }

  int number() const { return number_; }
  int Release() { return std::exchange(number_, -1); }

 private:
  explicit File(int number) : number_(number) {}

  int number_;
};

// Whether the lock was got until `deadline`, and while `wait` may go on.
// flock() cannot be told how long to wait, so it is asked again and again: at
// first often, since most hold the lock for a few milliseconds.
Result<bool> Lock(int file, int operation, const fs::path& path,
                  SteadyClock::time_point deadline,
                  const CallWatch::Wait& wait) {
  constexpr std::chrono::microseconds kLongestPause{4000};
  std::chrono::microseconds pause{50};
  while (flock(file, operation | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return Failed(path, "locked");
    if (SteadyClock::now() >= deadline || !wait.MayGoOn()) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
  return true;
}

// The process that holds a lock on `file`, by proc(5), /proc/locks; 0 where
// that does not say.
pid_t HolderOf(int file) {
  struct stat found {};
  if (fstat(file, &found) != 0) return 0;
  std::ifstream locks("/proc/locks");
  std::string line;
  while (std::getline(locks, line)) {
    // "1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF"; who waits has "->".
    std::istringstream words(line);
    std::string number, kind, mode, access, inode;
    pid_t process = 0;
    words >> number >> kind >> mode >> access >> process >> inode;
    if (kind == "FLOCK" &&
        inode.ends_with(":" + std::to_string(found.st_ino))) {
      return process;
    }
  }
  return 0;
}

std::string Seconds(std::chrono::milliseconds waited) {
  constexpr int kPerSecond = 1000;
  const auto count = waited.count();
  return count < kPerSecond
             ? std::to_string(count) + " ms"
             : std::to_string((count + kPerSecond / 2) / kPerSecond) + " s";
}

Error Held(const fs::path& path, pid_t process, SteadyClock::time_point begin) {
  return Unavailable(
      "the lock " + QuotedPath(path) + " was held by " +
          (process > 0 ? "process " + std::to_string(process)
                       : std::string("other processes")) +
          " for " +
          Seconds(std::chrono::duration_cast<std::chrono::milliseconds>(
              SteadyClock::now() - begin)),
      "see what that process waits for: it may be stopped, or its device may "
      "not answer");
}

// Whether `folder` is one where every user may make a folder, and nobody may
// take away that of another.
bool IsForEverybody(const fs::path& folder) {
  struct stat found {};
  constexpr mode_t kSticky = S_ISVTX | S_IRWXU | S_IRWXG | S_IRWXO;
  return lstat(folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode) &&
         found.st_uid == 0 && (found.st_mode & kSticky) == kSticky;
}

}  // namespace

std::string LockName(std::string_view text) {
  std::array<std::uint8_t, crypto_generichash_BYTES_MIN> hash{};
  crypto_generichash(hash.data(), hash.size(),
                     reinterpret_cast<const unsigned char*>(text.data()),
                     text.size(), nullptr, 0);
  return Hex(hash);
}

namespace {

// The first of the places where `folder`, of this user alone, can be used.
fs::path FolderOfUser(const fs::path& folder, const fs::path& fallback) {
  const std::string user = "sigtoken-" + std::to_string(geteuid());
  for (const char* place : {"/run/lock", "/dev/shm"}) {
    if (!IsForEverybody(place)) continue;
    const fs::path ours = fs::path(place) / user;
    // A folder that somebody else made there in our name is left alone, by all
    // our processes in the same way.
    if (!MakePrivateDirectory(ours)) continue;
    fs::path inner = ours / folder;
    if (MakePrivateDirectory(inner)) return inner;
  }
  return fallback;
}

}  // namespace

fs::path HostLockFolder(const fs::path& fallback) {
  const char* conf = std::getenv("SOFTHSM2_CONF");
  return FolderOfUser(LockName(conf != nullptr ? conf : ""), fallback);
}

fs::path RefusedPinsFolder() { return FolderOfUser("pins", {}); }

HostLock::HostLock(const fs::path& folder, std::string_view name,
                   std::chrono::milliseconds longest_wait)
    : gate_(folder / (std::string(name) + ".gate")),
      lock_(folder / (std::string(name) + ".lock")),
      longest_wait_(longest_wait) {}

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
  const auto begin = SteadyClock::now();
  const auto deadline = begin + longest_wait_;
  const CallWatch::Wait wait;
  SIGTOKEN_ASSIGN(const File gate, File::Open(gate_));
  SIGTOKEN_ASSIGN(const bool passed,
                  Lock(gate.number(), LOCK_EX, gate_, deadline, wait));
  SIGTOKEN_ASSIGN(File lock, File::Open(lock_));
  if (!passed) {
    // Who stands at the gate mostly waits for the lock himself.
    const pid_t process = HolderOf(lock.number());
    return process > 0 ? Held(lock_, process, begin)
                       : Held(gate_, HolderOf(gate.number()), begin);
  }
  SIGTOKEN_ASSIGN(const bool got,
                  Lock(lock.number(), operation, lock_, deadline, wait));
  if (!got) return Held(lock_, HolderOf(lock.number()), begin);
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
