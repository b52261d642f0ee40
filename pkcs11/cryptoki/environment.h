// The environment, from which some modules take what no call can tell them.

#ifndef PKCS11_CRYPTOKI_ENVIRONMENT_H_
#define PKCS11_CRYPTOKI_ENVIRONMENT_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "pkcs11/base/result.h"

namespace sigtoken {

// Sets a variable for its lifetime. No other thread may write the environment
// meanwhile. Who reads it, and goes on for ever, reads what was there before:
// the array of variables is not changed, another one takes its place.
class EnvironmentVariable {
 public:
  EnvironmentVariable(const char* name, const std::string& value);
  EnvironmentVariable(const EnvironmentVariable&) = delete;
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;
  ~EnvironmentVariable();

 private:
  const char* name_;
  std::optional<std::string> value_before_;
  char** before_;
  char** set_ = nullptr;  // What took its place.
};

// Keeps those apart who let a module read the environment and who change it for
// one: of the first, any number at a time.
//
// A module that hangs may keep its place for good: whoever has had one for
// kLongestUse is waited for no more, and a variable that he has set is put
// back. Modules read the environment when they begin.
class EnvironmentUse {
 public:
  enum class Kind { kRead, kChange };

  // Ours: half of the deadline that a request has by default.
  static constexpr std::chrono::milliseconds kLongestUse{2500};

  // Waits for others. Errors: kNotAvailable where the deadline of a request
  // does not let it wait so long (CallWatch::Wait).
  static Result<EnvironmentUse> Begin(Kind kind);

  // Sets a variable until the end of this use, which is one of kChange, or
  // until others wait for it no more.
  void Set(const char* name, const std::string& value);

  EnvironmentUse(EnvironmentUse&& other) noexcept;
  EnvironmentUse& operator=(EnvironmentUse&&) = delete;
  ~EnvironmentUse();

 private:
  explicit EnvironmentUse(std::uint64_t number) : number_(number) {}

  std::optional<std::uint64_t> number_;
};

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_ENVIRONMENT_H_
