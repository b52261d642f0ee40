// Give an object other attributes: ICSF's CSFPSAV.

#ifndef KEYGEN_REPLACE_H_
#define KEYGEN_REPLACE_H_

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/objects/icsf.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// What is to differ.
struct ObjectChange {
  AttributeValues in_token;  // What the module keeps.
  KeptAttributes kept;       // What it does not.
};

// Nothing is changed in place: a module may answer that it has written what it
// has not, and lose the key on the way. The object is copied with what differs,
// the copy is compared with it, and then the original is destroyed. A process
// that is killed before that has changed nothing (tokens/pending.h); one that
// is killed behind it may not have written `kept`.
//
// `handle` is that of a secret key or a data object of ours; its category
// decides whether it is in the token or ends with the process.
//
// Errors: kObjectNotFound, kSessionObjectGone; kAttributeReadOnly for an object
// that others made; kNotAvailable where the copy is not what was asked for, and
// then the original is as it was; as the module gave them.
Status ReplaceObject(Icsf& icsf, Token& token, const Handle& handle,
                     const ObjectChange& change);

}  // namespace sigtoken

#endif  // KEYGEN_REPLACE_H_
