// HostLock: who may look at a module's tokens, and who may change them.

#ifndef PKCS11_STORE_HOST_LOCK_H_
#define PKCS11_STORE_HOST_LOCK_H_

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "pkcs11/base/result.h"

namespace sigtoken {

// The folder where all processes of this user on this machine meet that may use
// the same modules, whatever store each of them has: below /run/lock
// (Filesystem Hierarchy Standard 3.0, section 5.9), else below /dev/shm.
// `fallback`, which is there already, where neither can be used.
//
// Another SOFTHSM2_CONF names other tokens of the same module, so it has
// another folder. Reads the environment.
std::filesystem::path HostLockFolder(const std::filesystem::path& fallback);

// The folder there where what a token has refused is known to all of them, and
// whatever SOFTHSM2_CONF says; empty where there is none.
std::filesystem::path RefusedPinsFolder();

// A file name of letters and digits that stands for `text`, the same one in
// all processes.
std::string LockName(std::string_view text);

// A reader-writer lock over all processes of this machine and all threads in
// them, one for each module and initialisation string.
//
// SoftHSM2 2.6.1 loses keys when one process makes a key while another
// searches, and rewrites the token's file in place at each C_Login (measured;
// its changes #576 and #578 are in 2.7.0 only). So: shared to C_Initialize,
// list slots, open sessions, find and read; exclusive to log in, create and
// destroy. Signing with a key that was found needs no lock.
//
// One lock for a module and not for a token, because C_Initialize and
// C_GetSlotList read the files of every token at once.
//
// Two files, because a plain flock starves the writer: everybody takes GATE
// exclusively, then LOCK, then releases GATE, so that who waits for LOCK also
// keeps later ones out.
class HostLock {
 public:
  // Ours: many times what 16 processes that make keys at once need.
  static constexpr std::chrono::seconds kLongestWait{60};

  // `folder` is there already; all users of a module must name the same one.
  HostLock(const std::filesystem::path& folder, std::string_view name,
           std::chrono::milliseconds longest_wait = kLongestWait);

  // Holding it is the proof that a function asks for. Released on destruction.
  class Shared {
   public:
    Shared(Shared&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
    Shared& operator=(Shared&&) = delete;
    ~Shared();

   protected:
    friend class HostLock;
    explicit Shared(int file) : file_(file) {}

    int file_;  // An open file description of its own: threads exclude each
                // other as processes do.
  };

  // Whoever may change may also look. While it is held, the signals that would
  // end this thread's process half way through a write of the module wait.
  class Exclusive : public Shared {
   public:
    Exclusive(Exclusive&& other) noexcept
        : Shared(std::move(other)),
          mask_(other.mask_),
          holds_signals_(std::exchange(other.holds_signals_, false)) {}
    Exclusive& operator=(Exclusive&&) = delete;
    ~Exclusive();

   private:
    friend class HostLock;
    explicit Exclusive(int file);

    sigset_t mask_{};
    bool holds_signals_ = true;
  };

  // Both wait for at most kLongestWait, and no longer than the deadline of the
  // work lets them (CallWatch::Wait). Errors: kNotAvailable when the files
  // cannot be opened or locked, and when others hold them for longer: the
  // message names the process, if it is known.
  Result<Shared> AcquireShared() const;
  Result<Exclusive> AcquireExclusive() const;

 private:
  Result<int> Acquire(int operation) const;

  std::filesystem::path gate_;
  std::filesystem::path lock_;
  std::chrono::milliseconds longest_wait_;
};

}  // namespace sigtoken

#endif  // PKCS11_STORE_HOST_LOCK_H_
