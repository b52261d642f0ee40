// Sequence numbers: which one a token gives out next.

#ifndef PKCS11_TOKENS_SEQUENCE_H_
#define PKCS11_TOKENS_SEQUENCE_H_

#include <cstdint>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// A token's record holds the last number that was assigned (z/OS ICSF System
// Programmer's Guide, "TKDS token record"); the next object gets one more. Nor
// does it get a number that an object of the token carries or is below one: a
// process that was killed may have made an object that no record knows.
//
// All of these: the caller holds the guard and has begun a transaction.
// `session` is one that searches only.

// The record of the token, made if there is none or if it is that of another
// token which had the name before.
Result<TokenRecord> EnsureRecord(Token& token, const HostLock::Exclusive& held,
                                 Session& session);

// Whether the state store has no record of the token, or that of another token
// which had its name, and a key has a handle all the same: numbers were given
// out that nobody remembers.
Result<bool> StoreWasLost(Token& token, const HostLock::Exclusive& held,
                          Session& session);

// Writes `record` with the highest number that the token knows, and a record of
// each key that has a handle and none yet: what can be told from the token
// alone. Not the numbers of keys that were deleted, nor the true length of a
// padded one.
Result<TokenRecord> RebuildRecords(Token& token,
                                   const HostLock::Exclusive& held,
                                   Session& session, TokenRecord record);

// The address of the next object: a number that no object carries. It is spent
// by SpendSequence().
// Errors: kParameterInvalid when FFFFFFFF was given out.
Result<ObjectId> NextObjectId(Token& token, const HostLock::Exclusive& held,
                              Session& session, char category);

// From here on `sequence` and all below it count as given out.
Status SpendSequence(Token& token, const HostLock::Exclusive& held,
                     Session& session, std::uint32_t sequence);

// A number that is spent before the module hears of it. A module behind a
// daemon or a network goes on with what it was asked for after the process that
// asked was killed: if the next process took the same number, two keys would
// carry it.
struct ReservedNumber {
  ObjectId id;
  std::optional<TokenRecord> before;  // As it was.
};

// These two have transactions of their own. Errors: as NextObjectId.
Result<ReservedNumber> ReserveNumber(Token& token,
                                     const HostLock::Exclusive& held,
                                     Session& session, char category);

// Undoes it, for the caller who knows that the module has made nothing and is
// not about to; `held` has not been let go meanwhile.
Status GiveBack(Token& token, const HostLock::Exclusive& held,
                const ReservedNumber& number);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_SEQUENCE_H_
