// What an attribute list says of a secret key that is to be made.

#ifndef KEYGEN_SERVICES_SECRET_KEY_TEMPLATE_H_
#define KEYGEN_SERVICES_SECRET_KEY_TEMPLATE_H_

#include <cstddef>
#include <optional>
#include <span>

#include "keygen/key_spec.h"
#include "pkcs11/base/result.h"
#include "pkcs11/base/secret.h"
#include "pkcs11/icsf/attribute_list.h"

namespace sigtoken {

// CSFPGSK's, CSFPTRC's and, with what it overrides, CSFPTRC COPY's.
//
// CKA_TOKEN FALSE, which PKCS #11 has for its default, makes a session object;
// CKA_IBM_SECURE TRUE one of category Y or X. What is left out is safer here
// than on z/OS: sensitive and not extractable. CKA_EXTRACTABLE TRUE or
// CKA_SENSITIVE FALSE alone ask for a key whose value may be read, as there.
// CKA_ID, CKA_APPLICATION, the dates and CKA_DERIVE are kept in the state
// store: no module keeps them all, and CKA_ID is ours there.
struct SecretKeyTemplate {
  KeySpec spec;  // `bytes` is CKA_VALUE_LEN, where it is there.
  bool has_class = false;
  bool has_key_type = false;
  bool has_value_len = false;
  std::optional<Secret> value;  // CKA_VALUE
};

// `base` is what is not said; one that says CKA_SENSITIVE says CKA_EXTRACTABLE
// too. CKA_VALUE is taken out of `attributes`.
//
// Errors: kAttributeTypeInvalid and kAttributeValueInvalid for what such a key
// cannot have: another class or type, a use other than to sign, to verify and
// to derive, CKA_PRIVATE FALSE, a label of more than 32 bytes;
// kAttributeReadOnly for what only a token says; kTemplateInconsistent for a
// key that may neither sign nor verify.
Result<SecretKeyTemplate> ReadSecretKeyTemplate(
    std::span<ListedAttribute> attributes, ByteOrder order,
    const KeySpec& base);

// What is not said of a new key: it is a session object, as PKCS #11 has it for
// its default, and may be changed by CSFPSAV.
KeySpec DefaultsOfServices();

// Errors: kTemplateIncomplete where CKA_CLASS or CKA_KEY_TYPE is missing.
Status CheckClassAndType(const SecretKeyTemplate& wanted);

}  // namespace sigtoken

#endif  // KEYGEN_SERVICES_SECRET_KEY_TEMPLATE_H_
