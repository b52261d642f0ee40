// SafSystem: what initACEE and RACROUTE work with.

#ifndef SIGNER_IDTA_SAF_SYSTEM_H_
#define SIGNER_IDTA_SAF_SYSTEM_H_

#include <optional>
#include <string>

#include "pkcs11/base/clock.h"
#include "signer/audit/audit_log.h"
#include "signer/idt/key_choice.h"
#include "signer/racf/users/user_registry.h"

namespace sigtoken {

// For one request. What is pointed at is the caller's, and outlives it.
struct SafSystem {
  KeyChoice key;
  UserRegistry* users = nullptr;  // Null: nobody is defined.
  bool strict_users = false;      // Who is not defined is refused: 4/4/0.
  AuditLog* audit = nullptr;      // Null: nothing is recorded.
  std::string default_appl = "OMVSAPPL";
  Instant now = Now();  // When tokens are made, or judged.
  // When a token was judged that was captured then: nobody comes in by that, so
  // no user changes.
  std::optional<Instant> judged_at = std::nullopt;
};

}  // namespace sigtoken

#endif  // SIGNER_IDTA_SAF_SYSTEM_H_
