// CSFPGSK: ICSF's callable service PKCS #11 Generate Secret Key.

#ifndef KEYGEN_SERVICES_GENERATE_SECRET_KEY_H_
#define KEYGEN_SERVICES_GENERATE_SECRET_KEY_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "keygen/key_spec.h"
#include "pkcs11/base/result.h"
#include "pkcs11/icsf/attribute_list.h"
#include "pkcs11/objects/icsf.h"

namespace sigtoken {

// What the caller hands over (z/OS ICSF Application Programmer's Guide,
// CSFPGSK).
struct GenerateSecretKeyCall {
  // 44 characters, of which the first 32 name the token; callers leave blanks,
  // NULs or a category in the others, and ICSF does not look at them.
  std::string_view handle;
  std::string_view rule_array;  // KEY; PARMS, SSL and TLS are not available.
  std::span<const std::uint8_t> attribute_list;
  std::span<const std::uint8_t> parms_list = {};  // Empty.
  ByteOrder order = ByteOrder::kBigEndian;
};

// Makes a generic secret key as the attributes say (secret_key_template.h); it
// must have CKA_CLASS, CKA_KEY_TYPE and CKA_VALUE_LEN. The handle that ICSF
// gives back is `key.handle`, which is always there; what else is in the
// answer, ICSF has no parameter for.
//
// Errors: kHandleInvalid, kRuleArrayInvalid, kTokenNotFound;
// kServiceNotAvailable for the other rules; those of ParseAttributeList() and
// ReadSecretKeyTemplate(); kTemplateIncomplete; as GenerateKey().
Result<MadeKey> GenerateSecretKey(Icsf& icsf,
                                  const GenerateSecretKeyCall& call);

}  // namespace sigtoken

#endif  // KEYGEN_SERVICES_GENERATE_SECRET_KEY_H_
