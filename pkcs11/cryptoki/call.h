// Call: the way into a module, at which it can be seen that a call does not
// come back.

#ifndef PKCS11_CRYPTOKI_CALL_H_
#define PKCS11_CRYPTOKI_CALL_H_

#include <p11-kit/pkcs11.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "pkcs11/base/result.h"

namespace sigtoken {

// A module of this process, as those know it who watch its calls. It lives as
// long as the process.
class Callee {
 public:
  Callee() = default;
  Callee(const Callee&) = delete;
  Callee& operator=(const Callee&) = delete;

  virtual std::string Name() const = 0;

  // Has all calls that run in it come back, with errors, and it is of no use
  // until it is initialised again. From any thread. False, and nothing is done:
  // it runs in this process, where no call can be ended.
  virtual bool EndCalls() = 0;

  // Held in each call where it takes one at a time; null where it does not.
  virtual std::mutex* Turn() { return nullptr; }

  // The calls of this thread are of that module from now on; null for none.
  static void SetOfThisThread(Callee* callee);
  static Callee* OfThisThread();

 protected:
  ~Callee() = default;
};

// Which Cryptoki call a thread is in, or that it waits for others who may be in
// one, for another thread to see. Who waits for a person does neither.
class CallWatch {
 public:
  using Clock = std::chrono::steady_clock;

  struct Sight {
    const char* function = nullptr;  // Null while the thread is in no call.
    Callee* callee = nullptr;
    bool waiting = false;       // In a Wait.
    bool call_by_call = false;  // In a CallByCall.
    Clock::time_point since;    // When that call, or that wait, began.
    unsigned calls = 0;         // How many have begun.
    unsigned waits = 0;
    Clock::duration spent{0};   // In calls that have come back.
    Clock::duration waited{0};  // In waits that have ended.
  };

  CallWatch() = default;
  CallWatch(const CallWatch&) = delete;
  CallWatch& operator=(const CallWatch&) = delete;

  // Of this thread from now on; null ends it.
  static void Watch(CallWatch* watch);
  static CallWatch* OfThisThread();

  // Asked before work turns to a module, or waits for others that may be in it.
  // Errors: kNotAvailable at once, where whoever watches this thread knows that
  // it would not come back.
  static Status TurnTo(Callee& callee);

  // False for a call that is not to be made. `callee` may be null.
  bool Enter(const char* function, Callee* callee);
  void Leave();

  Sight Look() const;

  // Ends the call that was seen, if it still runs and its module can be ended.
  // Its thread makes no more calls of that module then, but the one that lets
  // go of it: nobody waits for what it does.
  bool End(const Sight& seen);

  // Whether a call of it has come back.
  bool HasAnswered(const Callee& callee) const;

  // This thread waits, for its lifetime, for other threads or processes, which
  // may be in calls that do not come back. It makes no call meanwhile.
  class Wait {
   public:
    Wait();
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait();

    // False once whoever watches this thread has no more time for it: it is to
    // be looked at every few milliseconds.
    bool MayGoOn() const;

   private:
    CallWatch* watch_;
    unsigned number_ = 0;
  };

  // For its lifetime the deadline is of each call and each wait of this thread,
  // whatever it was of: what has begun to change a token is not given up half
  // way because all of it takes long, nor what takes longer the more there is
  // in a token. None of its time counts behind it.
  class CallByCall {
   public:
    CallByCall();
    CallByCall(const CallByCall&) = delete;
    CallByCall& operator=(const CallByCall&) = delete;
    ~CallByCall();

   private:
    CallWatch* watch_;
    Sight before_;
  };

  // Ends the Wait that was seen, if its thread waits still.
  void EndWait(const Sight& seen) { ended_wait_ = seen.waits; }

 protected:
  ~CallWatch() = default;

 private:
  virtual Status MayTurnTo(Callee& callee) = 0;

  mutable std::mutex mutex_;  // Guards the three below it.
  Sight now_;
  const Callee* ended_ = nullptr;
  std::vector<const Callee*> answered_;
  std::atomic<unsigned> ended_wait_ = 0;  // They are counted from 1.
};

// Locks `mutex`, which others may hold in calls. False where there is no more
// time to wait for them (CallWatch::Wait).
bool LockInTime(std::unique_lock<std::mutex>& mutex);

// Nobody watches this thread for its lifetime: in the calls in which a module
// itself waits for a person.
class Unwatched {
 public:
  Unwatched() : before_(CallWatch::OfThisThread()) {
    CallWatch::Watch(nullptr);
  }
  Unwatched(const Unwatched&) = delete;
  Unwatched& operator=(const Unwatched&) = delete;
  ~Unwatched() { CallWatch::Watch(before_); }

 private:
  CallWatch* before_;
};

// What a Cryptoki function answered.
struct Answered {
  CK_RV rv;
  const char* function;

  operator CK_RV() const { return rv; }
};

// Calls `function`, whose name is `name`. All calls of a module go through
// here, and no other way, with a `function` of Module::functions().
// CKR_FUNCTION_CANCELED, and it is not called, on a thread whose call was ended
// (CallWatch::End).
template <typename... Parameters>
Answered Call(const char* name, CK_RV (*function)(Parameters...),
              std::type_identity_t<Parameters>... arguments) {
  Callee* const callee = Callee::OfThisThread();
  CallWatch* const watch = CallWatch::OfThisThread();
  if (watch != nullptr && !watch->Enter(name, callee)) {
    return {CKR_FUNCTION_CANCELED, name};
  }
  CK_RV rv = CKR_OK;
  {
    // Who waits for a turn waits for the module, too: behind Enter().
    std::unique_lock<std::mutex> turn;
    if (std::mutex* const turns =
            callee != nullptr ? callee->Turn() : nullptr) {
      turn = std::unique_lock(*turns);
    }
    rv = function(arguments...);
  }
  if (watch != nullptr) watch->Leave();
  return {rv, name};
}

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_CALL_H_
