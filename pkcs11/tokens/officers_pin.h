// OfficersPin: the PIN of a bound token's security officer.

#ifndef PKCS11_TOKENS_OFFICERS_PIN_H_
#define PKCS11_TOKENS_OFFICERS_PIN_H_

#include <optional>

#include "pkcs11/base/result.h"
#include "pkcs11/base/secret.h"
#include "pkcs11/setup/configuration.h"
#include "pkcs11/store/database.h"
#include "pkcs11/store/refused_pins.h"
#include "pkcs11/store/token_records.h"

namespace sigtoken {

// As the user's PIN, a wrong one is not tried again by any process that uses
// the same state store, until the file that holds it changes. What is
// remembered goes by what the URI says, for a token that is still to be made
// has no serial number. For one attempt; not thread safe.
class OfficersPin {
 public:
  // `bound` has an so_pin_source; both outlive it.
  OfficersPin(Database& database, const BoundToken& bound);

  // Errors: as PinSource::Read(), and as CheckNotRefused().
  Result<Secret> Read();

  // Once more under the host lock: another process may just have been refused.
  // Errors: kNotAuthorized; kNotAvailable for the store.
  Status CheckNotRefused() const;

  // What C_InitToken, or C_Login as the security officer, gave: where it is
  // that the PIN was refused, that is remembered.
  Error Judge(Error error) const;

 private:
  Database& database_;
  const BoundToken& bound_;
  const TokenIdentity token_;
  std::optional<PinFile> file_;  // As it was before it was read.
};

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_OFFICERS_PIN_H_
