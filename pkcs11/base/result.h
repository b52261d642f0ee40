// Result and Status: what every function that can fail returns.

#ifndef PKCS11_BASE_RESULT_H_
#define PKCS11_BASE_RESULT_H_

#include <type_traits>
#include <utility>
#include <variant>

#include "pkcs11/base/error.h"

namespace sigtoken {

// Either a value or the Error that stands in its place. Dropping one is a
// compile error under -Werror. The members are named as std::expected's, so
// that one day this can be an alias.
template <typename T>
class [[nodiscard]] Result {
 public:
  // Implicit on purpose: `return value;` and `return Error{...};` both work.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // Precondition of all four: has_value().
  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  // Precondition: !has_value().
  Error& error() & { return *std::get_if<1>(&state_); }
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<std::monostate>;

inline Status Ok() { return std::monostate{}; }

}  // namespace sigtoken

// Leaves the function with the error of `expression`, if it has one.
#define SIGTOKEN_TRY(expression)                 \
  do {                                           \
    auto sigtoken_status = (expression);         \
    if (!sigtoken_status) {                      \
      return std::move(sigtoken_status).error(); \
    }                                            \
  } while (false)

#define SIGTOKEN_JOIN_INNER(a, b) a##b
#define SIGTOKEN_JOIN(a, b) SIGTOKEN_JOIN_INNER(a, b)

// `declaration` becomes the value of `expression`, or the function is left with
// its error: SIGTOKEN_ASSIGN(const Handle handle, Handle::Parse(text));
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration takes none.
#define SIGTOKEN_ASSIGN(declaration, expression)                         \
  auto SIGTOKEN_JOIN(sigtoken_result_, __LINE__) = (expression);         \
  if (!SIGTOKEN_JOIN(sigtoken_result_, __LINE__)) {                      \
    return std::move(SIGTOKEN_JOIN(sigtoken_result_, __LINE__)).error(); \
  }                                                                      \
  declaration = *std::move(SIGTOKEN_JOIN(sigtoken_result_, __LINE__))
// NOLINTEND(bugprone-macro-parentheses)

#endif  // PKCS11_BASE_RESULT_H_
