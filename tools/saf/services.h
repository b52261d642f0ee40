// What initACEE and RACROUTE of this library work on.

#ifndef TOOLS_SAF_SERVICES_H_
#define TOOLS_SAF_SERVICES_H_

#include <optional>
#include <string>

#include "pkcs11/setup/configuration.h"
#include "pkcs11/tokens/directory.h"
#include "signer/audit/audit_log.h"
#include "signer/idt/key_choice.h"
#include "signer/idta/saf_system.h"
#include "signer/racf/users/stored_users.h"
#include "signer/racf/users/unavailable_users.h"
#include "tools/c_library/process.h"

namespace sigtoken::c_library {

struct Services {
  // The directory outlives them; the tables of the RACF layer are there.
  Services(Directory& directory, const Configuration& configuration);

  // For one request. A rotation of the audit file that is wanted comes with it.
  SafSystem System();

  StoredUsers users;
  AuditLog audit;
  KeyChoice key;
  bool strict_users;
  std::string default_appl;
};

}  // namespace sigtoken::c_library

namespace sigtoken::saf {

// In their place where they cannot be opened: whatever is asked for has one
// answer, the error. The services make of that what they make of a store that
// goes away under them, and put it on record where the configuration says how.
class ClosedSystem {
 public:
  explicit ClosedSystem(const Error& error);

  SafSystem System();

 private:
  KeyChoice key_;
  UnavailableUsers users_;
  std::optional<AuditLog> audit_;
  bool strict_users_ = false;
  std::string default_appl_;
};

// One call of a service, and the system that it has. Both end together.
class CallWithSystem {
 public:
  SafSystem System();

 private:
  c_library::Call call_;
  std::optional<ClosedSystem> closed_;
};

}  // namespace sigtoken::saf

#endif  // TOOLS_SAF_SERVICES_H_
