// CSFPTRD: ICSF's callable service PKCS #11 Token record delete.

#ifndef KEYGEN_SERVICES_TOKEN_RECORD_DELETE_H_
#define KEYGEN_SERVICES_TOKEN_RECORD_DELETE_H_

#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/objects/icsf.h"

namespace sigtoken {

// What the caller hands over (z/OS ICSF Application Programmer's Guide,
// CSFPTRD).
struct TokenRecordDeleteCall {
  std::string_view handle;      // 44 characters.
  std::string_view rule_array;  // TOKEN or OBJECT.
};

// Deletes a token with all that is in it, or an object.
Status TokenRecordDelete(Icsf& icsf, const TokenRecordDeleteCall& call);

}  // namespace sigtoken

#endif  // KEYGEN_SERVICES_TOKEN_RECORD_DELETE_H_
