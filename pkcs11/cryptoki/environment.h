// The environment, from which some modules take what no call can tell them.

#ifndef PKCS11_CRYPTOKI_ENVIRONMENT_H_
#define PKCS11_CRYPTOKI_ENVIRONMENT_H_

#include <optional>
#include <string>

#include "pkcs11/base/result.h"

namespace sigtoken {

// Sets a variable for its lifetime. No other thread may read or write the
// environment meanwhile.
class EnvironmentVariable {
 public:
  EnvironmentVariable(const char* name, const std::string& value);
  EnvironmentVariable(const EnvironmentVariable&) = delete;
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;
  ~EnvironmentVariable();

 private:
  const char* name_;
  std::optional<std::string> before_;
};

// Keeps those apart who let a module read the environment and who change it for
// one: of the first, any number at a time.
class EnvironmentUse {
 public:
  enum class Kind { kRead, kChange };

  // Errors: kNotAvailable where others do not come to an end: one of their
  // modules hangs.
  static Result<EnvironmentUse> Begin(Kind kind);

  EnvironmentUse(EnvironmentUse&& other) noexcept;
  EnvironmentUse& operator=(EnvironmentUse&&) = delete;
  ~EnvironmentUse();

 private:
  explicit EnvironmentUse(Kind kind);

  std::optional<Kind> kind_;
  unsigned fork_generation_;
};

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_ENVIRONMENT_H_
