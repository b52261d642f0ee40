// The objects of a token that are no keys for HMAC.

#ifndef PKCS11_TOKENS_OTHER_OBJECTS_H_
#define PKCS11_TOKENS_OTHER_OBJECTS_H_

#include <p11-kit/pkcs11.h>

#include <optional>
#include <string>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

struct OtherObject {
  std::optional<Handle> handle;  // Nothing for one that nobody gave a handle.
  CK_OBJECT_CLASS object_class = CK_UNAVAILABLE_INFORMATION;
  std::string label;
};

// All token objects but those that ListKeys() looks at, of whatever class, in
// the order of their handles; those without one come last, by class and label.
// What carries a handle of another ICSF token in the same PKCS#11 token is left
// out. Errors: as Token::Login() and as the module gave them.
Result<std::vector<OtherObject>> ListOtherObjects(Token& token);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_OTHER_OBJECTS_H_
