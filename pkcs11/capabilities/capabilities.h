// Capabilities: what a token of a module can do for sigtoken, found by trying.

#ifndef PKCS11_CAPABILITIES_CAPABILITIES_H_
#define PKCS11_CAPABILITIES_CAPABILITIES_H_

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/capabilities/finding.h"
#include "pkcs11/capabilities/scratch.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

struct CheckResult {
  std::string_view name;
  Finding finding;
};

struct Capabilities {
  // Whether sigtoken can sign with a key of this token that somebody can check:
  // one that it makes or imports there, or one that others made.
  bool ok = false;
  std::string verdict;  // In a phrase, as those of a Finding.
  // Scratch objects may be in the token still.
  bool left_any = false;
  std::vector<CheckResult> checks;
};

// How the checks are made.
struct TryOptions {
  // Told of each check before it is tried, with what the ones before have
  // found, from the thread that tries them; null for nobody.
  std::function<void(std::string_view name,
                     const std::vector<CheckResult>& found)>
      on_check = nullptr;
  std::chrono::milliseconds measured = kMeasured;
};

// The names of the checks, in their order.
std::vector<std::string_view> CheckNames();

// Tries all of it in objects of its own, which are gone afterwards; nothing
// else in the token is touched, and the state store is not looked at. The host
// lock is held for one check after the other, so that others get through in
// between. What an interrupted run has left is removed first.
//
// The token is logged in to by Token::LoginUntried().
//
// Errors: kNotAvailable where the device goes away in the middle.
Result<Capabilities> TryModule(Token& token, const KeyRecipe& recipe,
                               const TryOptions& options = {});

}  // namespace sigtoken

#endif  // PKCS11_CAPABILITIES_CAPABILITIES_H_
