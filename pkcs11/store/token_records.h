// Token records: what the TKDS says of a token, kept in the state store.

#ifndef PKCS11_STORE_TOKEN_RECORDS_H_
#define PKCS11_STORE_TOKEN_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "pkcs11/base/clock.h"
#include "pkcs11/base/file_check.h"
#include "pkcs11/base/result.h"
#include "pkcs11/icsf/token_name.h"
#include "pkcs11/store/database.h"

namespace sigtoken {

// What tells one PKCS#11 token from another.
struct TokenIdentity {
  std::string module_path;  // As it was typed (ModuleSpec).
  std::string init;
  std::string label;
  std::string serial;

  // Whether both are of one token: its module may have several paths.
  friend bool operator==(const TokenIdentity& one, const TokenIdentity& other) {
    return one.init == other.init && one.label == other.label &&
           one.serial == other.serial &&
           IsSamePath(one.module_path, other.module_path);
  }
};

// The record of an ICSF token (z/OS ICSF Application Programmer's Guide,
// CSFPTRC: manufacturer 32, model 16, serial 16 characters; z/OS ICSF System
// Programmer's Guide, "TKDS token record": last assigned sequence number).
struct TokenRecord {
  TokenName name;
  std::string manufacturer;
  std::string model;
  std::string serial;
  std::uint32_t last_sequence = 0;
  Instant updated;
  TokenIdentity identity;
};

Result<std::optional<TokenRecord>> FindTokenRecord(Database& database,
                                                   const TokenName& name);

// The caller has begun a transaction for the rest.

// Takes the place of a record of that name, and of its objects' records.
Status PutTokenRecord(Database& database, const TokenRecord& record);

// Also marks the token as updated `now`.
Status SetLastSequence(Database& database, const TokenName& name,
                       std::uint32_t last_sequence, Instant now);

// With its objects' records. Fine where there is none.
Status DeleteTokenRecord(Database& database, const TokenName& name);

}  // namespace sigtoken

#endif  // PKCS11_STORE_TOKEN_RECORDS_H_
