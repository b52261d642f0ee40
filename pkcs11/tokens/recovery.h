// When a module is opened anew because its device, or the login, is gone.

#ifndef PKCS11_TOKENS_RECOVERY_H_
#define PKCS11_TOKENS_RECOVERY_H_

#include <chrono>

#include "pkcs11/base/error.h"

namespace sigtoken {

// Whether the module gave an answer that all sessions and objects may be gone
// with, and that a fresh C_Initialize and C_Login may cure: modules use any of
// a set of codes for it (five of them measured), vendors their own.
//
// Not of C_Login: a PIN that is refused, with whatever code, is not tried
// again.
bool IsCuredByOpeningAnew(const Error& error);

// Whether it says that the object is gone.
bool IsObjectGone(const Error& error);

// Whether it says that the session is gone, alone or with all others of its
// initialisation: what was found in them may be another object by now.
bool IsSessionGone(const Error& error);

// Whether it says that the object or the session is gone, or the session in a
// state that only a new one cures: worth one more try with both found anew.
bool IsStale(CK_RV rv);

// Whether modules give that code for a request that they cannot carry out, too,
// while the device is well.
bool MayBeOfTheRequest(CK_RV rv);

// Lets tries that do not help through, each later behind the one before: after
// 50 ms, 100 ms and so on, up to a second. A new one begins again. Not thread
// safe.
class BackOff {
 public:
  using Clock = std::chrono::steady_clock;

  bool MayTry(Clock::time_point now) const { return now >= next_; }
  void Tried(Clock::time_point now);

 private:
  std::chrono::milliseconds pause_{0};
  Clock::time_point next_{};
};

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_RECOVERY_H_
