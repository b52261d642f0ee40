// Objects of a token: find, make, read, destroy.

#ifndef PKCS11_CRYPTOKI_OBJECTS_H_
#define PKCS11_CRYPTOKI_OBJECTS_H_

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/base/secret.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/cryptoki/session.h"

namespace sigtoken {

// All of these take a session that is not in the middle of an operation; the
// caller holds the host lock of the token, shared to find and read, exclusive
// to make and destroy (store/host_lock.h says why).

// All objects with the attributes `wanted`. On a token that nobody is logged in
// to, private objects look as if they were not there.
Result<std::vector<CK_OBJECT_HANDLE>> FindObjects(Session& session,
                                                  const Attributes& wanted);

// The value of one attribute. Errors: CKR_ATTRIBUTE_TYPE_INVALID where the
// object has none, CKR_ATTRIBUTE_SENSITIVE where it stays in the token.
Result<std::vector<std::uint8_t>> ReadBytes(Session& session,
                                            CK_OBJECT_HANDLE object,
                                            CK_ATTRIBUTE_TYPE type);

// The values of several attributes, by type; those that the object has not or
// does not give are left out. One call, where the module gives all of them.
// Errors: those of a session or device that is gone.
using AttributeValues = std::map<CK_ATTRIBUTE_TYPE, std::vector<std::uint8_t>>;
Result<AttributeValues> ReadAttributes(
    Session& session, CK_OBJECT_HANDLE object,
    std::span<const CK_ATTRIBUTE_TYPE> types);

// Whether a call that was to make an object may have been refused for one of
// the attributes, rather than for all of it: modules use any of these codes for
// an attribute that they do not know (NSS CKR_GENERAL_ERROR, measured).
bool MayBeTheTemplate(CK_RV rv);

// C_GenerateKey with CKM_GENERIC_SECRET_KEY_GEN, the one mechanism for secret
// keys that SoftHSM2, NSS, openCryptoki and p11-kit's remoting all have.
Result<CK_OBJECT_HANDLE> GenerateGenericSecret(Session& session,
                                               const Attributes& attributes);

// C_CreateObject with CKA_VALUE, which is handed to the module where it lies.
// CKA_VALUE_LEN must not be among `attributes`: SoftHSM2 refuses it here.
Result<CK_OBJECT_HANDLE> CreateSecretKey(Session& session,
                                         const Attributes& attributes,
                                         Secret& value);

// C_CreateObject of an object that is no key.
Result<CK_OBJECT_HANDLE> CreateObject(Session& session,
                                      const Attributes& attributes);

// C_CopyObject, with the attributes that are to differ.
Result<CK_OBJECT_HANDLE> CopyObject(Session& session, CK_OBJECT_HANDLE object,
                                    const Attributes& changed);

// CKA_VALUE of a key that is not sensitive. Errors: CKR_ATTRIBUTE_SENSITIVE.
Result<Secret> ReadSecretValue(Session& session, CK_OBJECT_HANDLE object);

Status DestroyObject(Session& session, CK_OBJECT_HANDLE object);

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_OBJECTS_H_
