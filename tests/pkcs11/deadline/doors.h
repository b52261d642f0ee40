// Functions of a module that come back when the test says so.

#ifndef TESTS_PKCS11_DEADLINE_DOORS_H_
#define TESTS_PKCS11_DEADLINE_DOORS_H_

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "pkcs11/cryptoki/call.h"

namespace sigtoken::testing {

inline CK_RV WaitFor(std::atomic<bool>* open) {
  while (!*open) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  return CKR_OK;
}

// Who passes hangs until it is open.
class Door {
 public:
  CK_RV Pass(const char* function) { return Call(function, &WaitFor, &open_); }
  void Open() { open_ = true; }
  void Close() { open_ = false; }

 private:
  std::atomic<bool> open_ = false;
};

inline CK_RV Sleep(long milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds{milliseconds});
  return CKR_OK;
}

// A call that takes so long.
inline CK_RV TakesTime(const char* function, std::chrono::milliseconds time) {
  return Call(function, &Sleep, time.count());
}

// A module of that name; one in a helper process has its calls ended by
// opening `door`.
class FakeCallee final : public Callee {
 public:
  explicit FakeCallee(std::string name, Door* door = nullptr)
      : name_(std::move(name)), door_(door) {}

  std::string Name() const override { return name_; }
  bool EndCalls() override {
    if (door_ == nullptr) return false;
    ++ended_;
    door_->Open();
    return true;
  }
  int ended() const { return ended_; }

 private:
  std::string name_;
  Door* door_;
  std::atomic<int> ended_ = 0;
};

}  // namespace sigtoken::testing

#endif  // TESTS_PKCS11_DEADLINE_DOORS_H_
