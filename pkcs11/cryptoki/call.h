// Call: the way into a module, at which it can be seen that a call does not
// come back.

#ifndef PKCS11_CRYPTOKI_CALL_H_
#define PKCS11_CRYPTOKI_CALL_H_

#include <p11-kit/pkcs11.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <type_traits>

namespace sigtoken {

// Which Cryptoki call a thread is in, for another thread to see. Only calls
// count: who waits for a person, or for a lock, is in none.
class CallWatch {
 public:
  struct Sight {
    const char* function;
    std::chrono::steady_clock::time_point since;
  };

  // Of this thread from now on; null ends it.
  static void Watch(CallWatch* watch);
  static CallWatch* OfThisThread();

  void Enter(const char* function) {
    since_ = std::chrono::steady_clock::now();
    function_ = function;
  }
  void Leave() { function_ = nullptr; }

  // Nothing while the thread is in no call.
  std::optional<Sight> Look() const {
    const char* function = function_;
    if (function == nullptr) return std::nullopt;
    return Sight{function, since_};
  }

 private:
  // Set after since_ and cleared before it: whoever sees a function sees the
  // time of it, or of one after it.
  std::atomic<const char*> function_ = nullptr;
  std::atomic<std::chrono::steady_clock::time_point> since_;
};

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
// here, and no other way.
template <typename... Parameters>
Answered Call(const char* name, CK_RV (*function)(Parameters...),
              std::type_identity_t<Parameters>... arguments) {
  CallWatch* const watch = CallWatch::OfThisThread();
  if (watch == nullptr) return {function(arguments...), name};
  watch->Enter(name);
  const CK_RV rv = function(arguments...);
  watch->Leave();
  return {rv, name};
}

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_CALL_H_
