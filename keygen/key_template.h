// The template of the keys that sigtoken makes.

#ifndef KEYGEN_KEY_TEMPLATE_H_
#define KEYGEN_KEY_TEMPLATE_H_

#include <string>
#include <string_view>
#include <vector>

#include "keygen/key_spec.h"
#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/tokens/key_attributes.h"

namespace sigtoken {

// Given in full, because what modules take for what is left out differs:
// NSS makes keys extractable that may not sign, openCryptoki public ones. The
// value, or its length, is the caller's to add.
Attributes RequiredAttributes(const KeySpec& spec, const Handle& handle);

// A protection that a module may lack.
struct OptionalProtection {
  CK_ATTRIBUTE_TYPE type;
  std::string_view name;
};

// Adds all that is optional: CKA_ALLOWED_MECHANISMS, the six HMACs of CSFPHMG,
// and CKA_MODIFIABLE FALSE unless the spec says otherwise. ICSF's keys know no
// such restriction: whatever CSFPHMG can do with any of them must work.
// SSL 3.0's MACs, which few modules have, are left out: they would let what a
// broken protocol leaks about a key stand beside its HMACs.
void AddOptionalProtections(const KeySpec& spec, Attributes& attributes);

// In the order in which they are given up. The date attributes, CKA_COPYABLE
// and CKA_DESTROYABLE are not among them: SoftHSM2 cannot read the dates of a
// private object, and keeps a key that is not destroyable for good.
const std::vector<OptionalProtection>& OptionalProtections();

// Whether the token keeps what RequiredAttributes() asked for, and a value of
// `stored_bytes`. Errors: kAttributeValueInvalid, with the attribute in the
// message.
Status CheckReadBack(const KeySpec& spec, std::size_t stored_bytes,
                     const Handle& handle, const KeyAttributes& attributes);

}  // namespace sigtoken

#endif  // KEYGEN_KEY_TEMPLATE_H_
