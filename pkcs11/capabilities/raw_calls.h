// Calls of Cryptoki that a test of a module makes, and nobody else does.

#ifndef PKCS11_CAPABILITIES_RAW_CALLS_H_
#define PKCS11_CAPABILITIES_RAW_CALLS_H_

#include <p11-kit/pkcs11.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/cryptoki/mac_algorithm.h"
#include "pkcs11/cryptoki/session.h"

namespace sigtoken {

// C_SetAttributeValue. Keys that are used are never changed: SoftHSM2 loses
// them (disk full, or killed meanwhile; measured).
Status ChangeAttributes(Session& session, CK_OBJECT_HANDLE object,
                        const Attributes& changed);

// What the token's list has, which says little of what works.
Result<std::vector<CK_MECHANISM_TYPE>> ListedMechanisms(Session& session);

// The least key size that is given for a mechanism, in whatever unit; NSS names
// limits that it goes beyond, openCryptoki counts bits (measured).
Result<CK_ULONG> ListedKeySize(Session& session, CK_MECHANISM_TYPE mechanism);

// What C_Sign did that was told of less room than the MAC needs. The buffer
// itself has room for every MAC, since openCryptoki writes all of it (3.8.1,
// measured). The session is of no more use.
struct ShortSign {
  CK_RV rv;
  CK_ULONG length;  // That the module gave back.
  bool overran;     // It wrote behind the room that it was told of.
};
Result<ShortSign> SignIntoShortBuffer(Session& session, CK_OBJECT_HANDLE key,
                                      const MacAlgorithm& algorithm,
                                      std::size_t room);

// What C_Verify answers to `bytes` bytes that begin with `mac` and go on with
// zeros, which lie in a buffer with room for every MAC: NSS and openCryptoki
// read on behind a shorter one (measured). The session is of no more use.
// Errors: those of C_VerifyInit.
Result<CK_RV> VerifyOfLength(Session& session, CK_OBJECT_HANDLE key,
                             const MacAlgorithm& algorithm,
                             std::span<const std::uint8_t> data,
                             std::span<const std::uint8_t> mac,
                             std::size_t bytes);

}  // namespace sigtoken

#endif  // PKCS11_CAPABILITIES_RAW_CALLS_H_
