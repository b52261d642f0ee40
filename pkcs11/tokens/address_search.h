// The objects of a token by the addresses that they carry: keys and data
// objects.

#ifndef PKCS11_TOKENS_ADDRESS_SEARCH_H_
#define PKCS11_TOKENS_ADDRESS_SEARCH_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/session.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/store/host_lock.h"
#include "pkcs11/tokens/address_book.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// All of these: the caller holds the host lock and is logged in; `session` is
// one that searches only. Errors: as the module gave them.

// All objects with the attributes `wanted`. That there are none is believed of
// a token that is logged in to, and when it was said twice: a module can be
// busy with another process's change. Errors: also kNotAvailable for a login
// that was lost.
Result<std::vector<CK_OBJECT_HANDLE>> FindForSure(const Token& token,
                                                  Session& session,
                                                  const Attributes& wanted);

// Whether `error` says that one object is of no use, and not that the device or
// the store is gone. SoftHSM2 answers CKR_GENERAL_ERROR for an object without a
// value.
bool IsOfTheObject(const Error& error);

// The value of CKA_ID, or of CKA_OBJECT_ID for a data object; nothing where the
// object does not give it, or is gone.
Result<std::optional<std::vector<std::uint8_t>>> AddressIn(
    Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

// The data objects of ours that `id` addresses; none where the module has no
// such objects (NSS).
Result<std::vector<CK_OBJECT_HANDLE>> FindDataObjects(Session& session,
                                                      const TokenName& token,
                                                      ObjectId id);

// The token objects that carry one of the token's handles in their CKA_ID, or
// their CKA_OBJECT_ID where they are data objects, whole or not: those that
// sigtoken made.
Result<std::vector<CK_OBJECT_HANDLE>> FindObjectsOf(
    Token& token, const HostLock::Shared& held, Session& session);

struct HighestSequenceNumber {
  std::uint32_t number = 0;
  // An object did not give its address: it may have a higher one.
  bool may_be_higher = false;
};

// The highest sequence number that a token object or a handle of others' keys
// has, 0 if none. Session objects have a count of their own, in each process.
Result<HighestSequenceNumber> HighestSequence(Token& token,
                                              const HostLock::Shared& held,
                                              Session& session);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_ADDRESS_SEARCH_H_
