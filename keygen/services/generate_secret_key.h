// CSFPGSK: ICSF's callable service PKCS #11 Generate Secret Key.

#ifndef KEYGEN_SERVICES_GENERATE_SECRET_KEY_H_
#define KEYGEN_SERVICES_GENERATE_SECRET_KEY_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "keygen/key_spec.h"
#include "pkcs11/base/result.h"
#include "pkcs11/icsf/attribute_list.h"
#include "pkcs11/tokens/directory.h"

namespace sigtoken {

// What the caller hands over (z/OS ICSF Application Programmer's Guide,
// CSFPGSK).
struct GenerateSecretKeyCall {
  // 44 characters, of which the first 32 name the token; callers leave blanks,
  // NULs or a category in the others, and ICSF does not look at them.
  std::string_view handle;
  std::string_view rule_array;  // "KEY     "; PARMS, SSL and TLS are refused.
  std::span<const std::uint8_t> attribute_list;
  ByteOrder order = ByteOrder::kBigEndian;
};

// Makes a generic secret key as the attributes say, which must have CKA_CLASS
// CKO_SECRET_KEY, CKA_KEY_TYPE CKK_GENERIC_SECRET, CKA_TOKEN TRUE and
// CKA_VALUE_LEN, and may have CKA_LABEL, CKA_SIGN, CKA_VERIFY, CKA_PRIVATE,
// CKA_SENSITIVE, CKA_EXTRACTABLE and CKA_IBM_SECURE. What is left out is safer
// here than there: sensitive and not extractable. CKA_IBM_SECURE TRUE makes a
// key of category Y. The handle that ICSF gives back is `key.handle`, which is
// always there; what else is in the answer, ICSF has no parameter for.
//
// Errors: kHandleInvalid, kRuleArrayInvalid, kTokenNotFound; those of
// ParseAttributeList(); kTemplateIncomplete; kAttributeTypeInvalid and
// kAttributeValueInvalid for what no such key can have; as GenerateKey().
Result<MadeKey> GenerateSecretKey(Directory& directory,
                                  const GenerateSecretKeyCall& call);

}  // namespace sigtoken

#endif  // KEYGEN_SERVICES_GENERATE_SECRET_KEY_H_
