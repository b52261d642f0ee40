#include "pkcs11/cryptoki/helper_process.h"

#include <dirent.h>
#include <fcntl.h>
#include <p11-kit/p11-kit.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/call.h"
#include "pkcs11/cryptoki/environment.h"

namespace sigtoken {
namespace {

constexpr const char* kAddress = "P11_KIT_SERVER_ADDRESS";

// Of a process that was killed, unless a driver holds it.
constexpr std::chrono::milliseconds kLongestEnd{1000};
constexpr std::chrono::milliseconds kLook{1};

thread_local HelperProcess* starting = nullptr;

// A word of the command line that p11-kit reads (p11_argv_parse() in its
// common/argv.c). A backslash in it would not stay what it is.
std::string Quote(std::string_view text) {
  std::string quoted = "'";
  for (const char character : text) {
    if (character == '\'') {
      quoted += "'\"'\"'";
    } else {
      quoted += character;
    }
  }
  return quoted + "'";
}

Error CannotHelp(const std::string& path, const std::string& why,
                 const std::string& cure) {
  return Unavailable("the PKCS#11 module " + Quoted(path) +
                         " cannot run in a helper process: " + why,
                     cure + ", or leave 'isolated' out of the [[token]]");
}

bool IsUnnamed(const sockaddr_storage& address, socklen_t size) {
  return size == sizeof address.ss_family && address.ss_family == AF_UNIX;
}

// What socketpair() makes, as p11-kit calls it: connected, without a name, and
// not closed by exec().
bool IsOfSocketPair(int number) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(number, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      !IsUnnamed(address, size)) {
    return false;
  }
  size = sizeof address;
  if (getpeername(number, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      !IsUnnamed(address, size)) {
    return false;
  }
  ucred peer{};
  size = sizeof peer;
  return getsockopt(number, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.pid == getpid() && fcntl(number, F_GETFD) == 0;
}

}  // namespace

// The handlers of fork(), which run on the thread that calls it.
struct HelperForks {
  static void Before() {
    if (starting != nullptr) starting->BeforeItsFork();
  }
  static void InChild() {
    if (starting != nullptr) starting->InChild();
  }
};

namespace {

[[gnu::constructor]] void TakePartInForks() {
  pthread_atfork(&HelperForks::Before, nullptr, &HelperForks::InChild);
}

}  // namespace

class HelperProcess::Maker {
 public:
  Maker() {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    // Signals are for threads that know what is to be done about them.
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      std::thread([this] { Serve(); }).detach();
    } catch (...) {
      pthread_sigmask(SIG_SETMASK, &before, nullptr);
      throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  // One at a time.
  CK_RV Run(const std::function<CK_RV()>& work) {
    std::unique_lock lock(mutex_);
    work_ = &work;
    changed_.notify_all();
    changed_.wait(lock, [&] { return work_ == nullptr; });
    return rv_;
  }

 private:
  [[noreturn]] void Serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return work_ != nullptr; });
      lock.unlock();
      const CK_RV rv = (*work_)();
      lock.lock();
      rv_ = rv;
      work_ = nullptr;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<CK_RV()>* work_ = nullptr;
  CK_RV rv_ = CKR_OK;
};

CK_RV HelperProcess::Initialize(CK_C_INITIALIZE_ARGS* arguments) {
  try {
    // Never destroyed: its thread waits in it until the process ends.
    if (maker_ == nullptr) maker_ = new Maker;
  } catch (const std::system_error&) {
    return CKR_HOST_MEMORY;
  }
  return maker_->Run([&] {
    const Starting for_its_fork(*this);
    return Call("C_Initialize", functions_->C_Initialize, arguments).rv;
  });
}

bool HelperProcess::Socket::IsOpen() const {
  struct stat found {};
  return number >= 0 && fstat(number, &found) == 0 && S_ISSOCK(found.st_mode) &&
         found.st_ino == inode;
}

std::vector<HelperProcess::Socket> HelperProcess::UnnamedSockets() {
  std::vector<Socket> sockets;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"),
                                                   &closedir);
  while (const dirent* entry = folder ? readdir(folder.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    int number = -1;  // Of "." and ".." too.
    std::from_chars(name.data(), name.data() + name.size(), number);
    struct stat found {};
    // By its name: it may be another thread's, which closes it now.
    if (fstatat(dirfd(folder.get()), entry->d_name, &found, 0) == 0 &&
        S_ISSOCK(found.st_mode) && IsOfSocketPair(number)) {
      sockets.push_back({number, found.st_ino});
    }
  }
  return sockets;
}

Result<CK_FUNCTION_LIST*> HelperProcess::Load(const std::string& path,
                                              const Installed& installed) {
  if (functions_ != nullptr) return functions_;
  // p11-kit takes the address from the environment only where that can be
  // trusted, and another server's in its place.
  if (getauxval(AT_SECURE) != 0) {
    return CannotHelp(path, "this program has more rights than who started it",
                      "run it without set-user-ID, set-group-ID and file "
                      "capabilities");
  }
  if (path.find('\\') != std::string::npos) {
    return CannotHelp(path, "its path has a backslash", "give it another one");
  }
  if (access(installed.program, X_OK) != 0) {
    return CannotHelp(path, Quoted(installed.program) + " is not there",
                      "install the package p11-kit");
  }
  if (shared_ == nullptr) {
    void* const page = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
      return CannotHelp(path, "there is no memory for it", "free some");
    }
    shared_ = new (page) Shared{};
  }
  const EnvironmentVariable address(
      kAddress, "|" + Quote(installed.program) + " remote " + Quote(path));
  // Each time another instance, which keeps the address.
  functions_ = p11_kit_module_load(installed.client, P11_KIT_MODULE_UNMANAGED);
  if (functions_ != nullptr) return functions_;
  const char* why = p11_kit_message();
  return CannotHelp(path,
                    "p11-kit's client could not be loaded: " +
                        Printable(why != nullptr ? why : "no reason given"),
                    "install the package p11-kit-modules");
}

HelperProcess::Starting::Starting(HelperProcess& helper) : helper_(helper) {
  Shared& shared = *helper.shared_;
  shared.maker = getpid();
  shared.pid = 0;
  shared.killed = false;
  helper.sockets_are_known_ = false;
  helper.others_ = UnnamedSockets();
  helper.active_ = true;
  starting = &helper;
}

HelperProcess::Starting::~Starting() {
  starting = nullptr;
  // p11-kit has forgotten it for the one that it has now.
  if (helper_.left_ && helper_.sockets_are_known_) {
    if (helper_.left_->IsOpen()) close(helper_.left_->number);
    helper_.left_.reset();
  }
}

void HelperProcess::BeforeItsFork() {
  // Those that other threads made in the moment since would be more than two:
  // then a socket that p11-kit forgets stays open.
  std::size_t known = 0;
  for (const Socket& socket : UnnamedSockets()) {
    if (std::find(others_.begin(), others_.end(), socket) != others_.end()) {
      continue;
    }
    if (known == sockets_.size()) return;
    sockets_[known++] = socket;
  }
  sockets_are_known_ = known == sockets_.size();
}

void HelperProcess::InChild() {
  // Before it is looked at whether it is wanted still: one of the two sees the
  // other.
  Shared& shared = *shared_;
  shared.pid = getpid();
  if (shared.killed) _exit(1);
  // A module that hangs does not see that its socket has ended.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != shared.maker) _exit(1);
  // 0 keeps back no core that the system pipes to a program; 1 keeps back both
  // (Linux, fs/coredump.c).
  const rlimit no_core{1, 1};
  setrlimit(RLIMIT_CORE, &no_core);
  setsid();
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

void HelperProcess::CleanUp() {
  const pid_t helper = pid();
  if (Kill() && helper > 0) {
    const auto end = std::chrono::steady_clock::now() + kLongestEnd;
    while (waitpid(helper, nullptr, WNOHANG) == 0 &&
           std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(kLook);
    }
  }
  if (sockets_are_known_) {
    for (const Socket& socket : sockets_) {
      if (socket.IsOpen()) left_ = socket;
    }
  }
  Ended();
}

void HelperProcess::Ended() {
  active_ = false;
  sockets_are_known_ = false;
  if (Shared* const shared = shared_) shared->pid = 0;
}

bool HelperProcess::Kill() {
  Shared* const shared = shared_;
  if (shared == nullptr || !active_) return false;
  shared->killed = true;
  const pid_t helper = shared->pid;
  if (helper == 0)
    return true;  // Not there yet: it sees that it is not wanted.
  // A number may be another process's once p11-kit has waited for the helper:
  // only a child of this process is killed, which a parent's helper is not.
  siginfo_t ended{};
  if (waitid(P_PID, static_cast<id_t>(helper), &ended,
             WEXITED | WNOHANG | WNOWAIT) != 0) {
    return false;
  }
  return kill(helper, SIGKILL) == 0;
}

pid_t HelperProcess::pid() const {
  const Shared* const shared = shared_;
  return shared != nullptr ? shared->pid.load() : 0;
}

void HelperProcess::LeaveToParent() {
  if (!sockets_are_known_) return;
  for (const Socket& socket : sockets_) {
    if (!socket.IsOpen()) continue;
    // Its number stays taken, for p11-kit closes it at the end of the process.
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0) continue;
    dup3(nothing, socket.number, O_CLOEXEC);
    close(nothing);
  }
}

}  // namespace sigtoken
