// Table C: what requests answer when a function of the module fails.

#ifndef TESTS_MATRIX_EXPECTED_ANSWERS_H_
#define TESTS_MATRIX_EXPECTED_ANSWERS_H_

#include <p11-kit/pkcs11.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/icsf_code.h"

namespace sigtoken::testing {

// What of a request there is to fail.
enum class RequestKind {
  kOpens,  // A program's first: the module is not loaded yet.
  kReads,  // Changes nothing, and so is repeated where that may help.
  kLists,  // The same, of many objects; what cannot be told of one is left out.
  kChanges,  // Makes or destroys, and is not repeated.
  kTries,    // Finds out what the token can do: what fails is a finding.
};

// Of kTries: the token is of no use (`hsm test` ends with status 4).
inline constexpr IcsfCode kTokenOfNoUse{4, 0};
// Of CSFPTRL, which has no place to name those that it leaves out.
inline constexpr IcsfCode kNotAllListed{4, 1};

// Which calls of the function fail.
enum class When {
  kFirst,   // The first alone.
  kLater,   // One of those behind it alone.
  kAlways,  // All of them.
  kLost,    // From the first on all functions, until C_Finalize.
  kHangs,   // The first does not come back.
};
std::string_view WhenName(When when);

// Nothing where the request is done, and its answer right.
using Answer = std::optional<IcsfCode>;
std::string AnswerText(const Answer& answer);  // "ok", "8/3043".

// The answers that the design allows: more than one where it is the call's
// place that decides, as with a request that has made something already.
struct Expected {
  std::vector<Answer> answers;
  std::string_view why;  // The rule.

  bool Has(const Answer& answer) const;
  std::string Text() const;
};
Expected ExpectedAnswer(std::string_view function, CK_RV rv,
                        std::string_view request, RequestKind kind, When when);

}  // namespace sigtoken::testing

#endif  // TESTS_MATRIX_EXPECTED_ANSWERS_H_
