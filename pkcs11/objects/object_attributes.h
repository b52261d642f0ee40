// The attributes of an object, as ICSF shows them.

#ifndef PKCS11_OBJECTS_OBJECT_ATTRIBUTES_H_
#define PKCS11_OBJECTS_OBJECT_ATTRIBUTES_H_

#include <p11-kit/pkcs11.h>

#include <optional>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/base/secret.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/cryptoki/session.h"
#include "pkcs11/icsf/attribute_list.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/objects/icsf.h"
#include "pkcs11/objects/locate.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// What a token says, and over it what the state store or the process keeps in
// its place.
struct ObjectAttributes {
  // By which it was found, whatever of `values` could be read.
  CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
  AttributeValues values;
  // CKA_VALUE of a key, where the token gives it: CKA_SENSITIVE is FALSE and
  // CKA_EXTRACTABLE TRUE.
  std::optional<Secret> key_value;

  // The value of a flag; false where there is none.
  bool Is(CK_ATTRIBUTE_TYPE flag) const;
};

// Reads them all. The caller holds the host lock and is logged in; `located` is
// the object of `handle`. Errors: of a session or device that is gone.
Result<ObjectAttributes> ReadObjectAttributes(Icsf& icsf, Token& token,
                                              Session& session,
                                              const Handle& handle,
                                              const Located& located);

// Without the value of a key: enough to search.
Result<ObjectAttributes> ReadSearchAttributes(Icsf& icsf, Token& token,
                                              Session& session,
                                              const Handle& handle,
                                              const Located& located);

// Of the object of `handle`, wherever it is; a key is examined first
// (tokens/object_index.h). Errors: kHandleInvalid; kSessionObjectGone; as
// Directory::FindToken() and Locate().
Result<ObjectAttributes> ReadObject(Icsf& icsf, const Handle& handle);

// As an attribute list.
CleansedBytes FormatAttributes(const ObjectAttributes& attributes,
                               ByteOrder order);

// What the store, or the process, keeps of an object in the token's place.
Result<KeptAttributes> FindKept(Icsf& icsf, Token& token, const Handle& handle);

}  // namespace sigtoken

#endif  // PKCS11_OBJECTS_OBJECT_ATTRIBUTES_H_
