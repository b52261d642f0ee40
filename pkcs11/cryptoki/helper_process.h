// HelperProcess: a process of p11-kit's in which a module runs, so that it can
// hang or crash there.

#ifndef PKCS11_CRYPTOKI_HELPER_PROCESS_H_
#define PKCS11_CRYPTOKI_HELPER_PROCESS_H_

#include <p11-kit/pkcs11.h>
#include <sys/types.h>

#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "pkcs11/base/forks.h"
#include "pkcs11/base/result.h"

namespace sigtoken {

// p11-kit's client starts `p11-kit remote MODULE` as a child of this process in
// each C_Initialize, speaks with it through a socket, and waits for its end in
// C_Finalize (p11-kit.8, "REMOTE"). It ends by itself when the socket does, and
// is killed when this process ends, however that does and whatever the module
// hangs in. There is one at a time, in a session of its own: a signal from the
// terminal does not end it while it writes a token's file. It leaves no core,
// in which keys may be; who may trace it reads them, as those of this process.
//
// A child of fork() has no helper; that of its parent is closed to it.
//
// Not thread safe but where it says so. Never destroyed.
class HelperProcess {
 public:
  // What is needed of p11-kit.
  struct Installed {
    const char* program = "/usr/bin/p11-kit";
    const char* client = "p11-kit-client.so";  // In p11-kit's own folder.
  };

  HelperProcess() = default;
  HelperProcess(const HelperProcess&) = delete;
  HelperProcess& operator=(const HelperProcess&) = delete;

  // The functions of the module `path` in the helper, the same ones each time.
  // P11_KIT_SERVER_ADDRESS is changed meanwhile and put back, under a lock of
  // the caller's. Errors: kNotAvailable, with the package that is missing.
  Result<CK_FUNCTION_LIST*> Load(const std::string& path) {
    return Load(path, Installed());
  }
  Result<CK_FUNCTION_LIST*> Load(const std::string& path,
                                 const Installed& installed);

  // Those that Load() has given; null before.
  CK_FUNCTION_LIST* functions() const { return functions_; }

  // C_Initialize of functions(), by which the helper is made. Precondition:
  // Load() has succeeded.
  CK_RV Initialize(CK_C_INITIALIZE_ARGS* arguments);

  // Behind a C_Initialize that failed: of a helper that died meanwhile, p11-kit
  // 0.24.1 leaves a zombie and a socket (measured).
  void CleanUp();
  // Behind C_Finalize.
  void Ended();

  // Kills it, or the one that is being started. From any thread. False where
  // there is none, or it is the parent's.
  bool Kill();

  // Whether it is there, or being started. From any thread.
  bool is_active() const { return active_; }
  // 0 where there is none. From any thread.
  pid_t pid() const;

  // In a child of fork(): its copy of the socket would keep the parent's helper
  // alive. Async-signal-safe.
  void LeaveToParent();

 private:
  friend struct HelperForks;

  // While its thread is in C_Initialize: the child that it makes is the helper.
  class Starting {
   public:
    explicit Starting(HelperProcess& helper);
    Starting(const Starting&) = delete;
    Starting& operator=(const Starting&) = delete;
    ~Starting();

   private:
    HelperProcess& helper_;
    ForkToExec fork_to_exec_;
  };

  // A thread that lives as long as the process: the kernel ends the helper with
  // the thread that has made it.
  class Maker;

  // Memory that the child writes to before it becomes p11-kit.
  struct Shared {
    pid_t maker;  // The process that makes it.
    std::atomic<pid_t> pid;
    std::atomic<bool> killed;
  };
  static_assert(std::atomic<pid_t>::is_always_lock_free &&
                std::atomic<bool>::is_always_lock_free);

  struct Socket {
    int number = -1;
    ino_t inode = 0;

    bool IsOpen() const;

    friend bool operator==(const Socket&, const Socket&) = default;
  };
  static std::vector<Socket> UnnamedSockets();

  void BeforeItsFork();
  void InChild();

  CK_FUNCTION_LIST* functions_ = nullptr;
  Maker* maker_ = nullptr;
  std::atomic<Shared*> shared_ = nullptr;
  std::atomic<bool> active_ = false;  // From Starting to its end.

  std::vector<Socket> others_;  // Of this process, when it was being started.
  // Both ends of its socket, of which p11-kit keeps one.
  std::array<Socket, 2> sockets_;
  std::atomic<bool> sockets_are_known_ = false;
  // p11-kit closes it once more if the process ends before it has another one.
  std::optional<Socket> left_;
};

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_HELPER_PROCESS_H_
