// Pending changes: an object that is being replaced by one with other
// attributes.

#ifndef PKCS11_TOKENS_PENDING_H_
#define PKCS11_TOKENS_PENDING_H_

#include <cstdint>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/cryptoki/session.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// No object of a token is changed: one with the new attributes and the same
// address takes its place (keygen/replace.h). What is written down before it
// is made: by this the two are told apart if the process is killed between.
//
// An attribute list (icsf/attribute_list.h, big-endian) of `changed`; in the
// place of CKA_VALUE stands its SHA-256, for the store holds no secret.
std::vector<std::uint8_t> FormatPending(const AttributeValues& changed);

// Whether `object` has all that `pending` says. Errors: of a session or device
// that is gone.
Result<bool> HasPending(Session& session, CK_OBJECT_HANDLE object,
                        const std::vector<std::uint8_t>& pending);

// Of several objects with the address `id` of which the store says that a
// change is pending, the one that is not the unfinished copy. All of them where
// it says nothing, and where there is one alone.
Result<std::vector<CK_OBJECT_HANDLE>> WithoutCopies(
    const Token& token, Session& session, ObjectId id,
    std::vector<CK_OBJECT_HANDLE> objects);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_PENDING_H_
