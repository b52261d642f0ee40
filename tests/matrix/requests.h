// Table B: what is asked of sigtoken while its module fails.

#ifndef TESTS_MATRIX_REQUESTS_H_
#define TESTS_MATRIX_REQUESTS_H_

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "tests/matrix/expected_answers.h"
#include "tests/matrix/world.h"

namespace sigtoken::testing {

struct Request {
  std::string_view name;
  RequestKind kind;
  // Makes the world what the request begins in.
  std::function<void(World&)> prepare;
  // A wrong answer fails the test; an error is the answer. A right MAC that is
  // refused is the error kMacNotVerified.
  std::function<Status(World&)> run;
  // With the fault gone: what it has left is whole, or is not there. Then puts
  // back what was there before, unless null.
  std::function<void(World&, bool done)> settle = nullptr;
  // A fault that is there already when it begins.
  std::string_view fault = "";
};

// All of them, in the order of their columns.
std::span<const Request> Requests();

// Those that change nothing, those that do, and those of further callable
// services and objects.
std::vector<Request> ReadingRequests();
std::vector<Request> ChangingRequests();
std::vector<Request> ServiceRequests();
std::vector<Request> ObjectRequests();
// `sigtoken hsm test`.
Request HsmTestRequest();

}  // namespace sigtoken::testing

#endif  // TESTS_MATRIX_REQUESTS_H_
