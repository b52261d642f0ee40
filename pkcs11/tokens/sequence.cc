#include "pkcs11/tokens/sequence.h"

#include <algorithm>
#include <limits>

#include "pkcs11/cryptoki/call.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/address_search.h"
#include "pkcs11/tokens/object_index.h"

namespace sigtoken {
namespace {

// Whether an object of the token has the number, in whatever category.
Result<bool> IsTaken(Token& token, Session& session, std::uint32_t sequence) {
  for (const char category : {'T', 'Y'}) {
    SIGTOKEN_ASSIGN(
        const auto objects,
        FindObjects(session, AddressOf(token.name(), {sequence, category})));
    if (!objects.empty()) return true;
    SIGTOKEN_ASSIGN(const auto data, FindDataObjects(session, token.name(),
                                                     {sequence, category}));
    if (!data.empty()) return true;
  }
  return false;
}

}  // namespace

Result<bool> StoreWasLost(Token& token, const HostLock::Exclusive& held,
                          Session& session) {
  SIGTOKEN_ASSIGN(const auto record,
                  FindTokenRecord(token.database(), token.name()));
  if (record && record->identity == token.identity()) return false;
  // A record of the embedded store is as old as its token.
  if (token.backend().embedded()) return true;
  SIGTOKEN_ASSIGN(const auto ours, FindObjectsOf(token, held, session));
  return !ours.empty();
}

Result<TokenRecord> RebuildRecords(Token& token,
                                   const HostLock::Exclusive& held,
                                   Session& session, TokenRecord record) {
  const CallWatch::CallByCall unhurried;
  SIGTOKEN_ASSIGN(const auto highest, HighestSequence(token, held, session));
  record.last_sequence = highest.number;
  SIGTOKEN_TRY(PutTokenRecord(token.database(), record));
  SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
  SIGTOKEN_ASSIGN(const auto objects, KeyObjects(session));
  for (const CK_OBJECT_HANDLE object : objects) {
    // What is not whole gets no record, and is refused wherever it is used.
    const auto key = ExamineBy(book, token, held, object);
    if (!key || !key->handle || key->record) continue;
    if (!IsTokenCategory(key->handle->object()->category)) continue;
    SIGTOKEN_TRY(
        PutObjectRecord(token.database(), token.name(), RecordFor(*key, book)));
  }
  return record;
}

Result<TokenRecord> EnsureRecord(Token& token, const HostLock::Exclusive& held,
                                 Session& session) {
  SIGTOKEN_ASSIGN(auto record, FindTokenRecord(token.database(), token.name()));
  if (record && record->identity == token.identity()) {
    return *std::move(record);
  }
  return RebuildRecords(token, held, session,
                        {token.name(), "", "", "", 0, Now(), token.identity()});
}

Result<ObjectId> NextObjectId(Token& token, const HostLock::Exclusive& held,
                              Session& session, char category) {
  SIGTOKEN_ASSIGN(const TokenRecord record, EnsureRecord(token, held, session));
  // Others may have made keys with no part in this store.
  SIGTOKEN_ASSIGN(const auto highest, HighestSequence(token, held, session));
  std::uint32_t number = std::max(record.last_sequence, highest.number);
  while (number != std::numeric_limits<std::uint32_t>::max()) {
    ++number;
    if (!highest.may_be_higher) return ObjectId{number, category};
    // A search finds what did not say so itself. A module with one key a CKA_ID
    // would overwrite it (NSS).
    SIGTOKEN_ASSIGN(const bool taken, IsTaken(token, session, number));
    if (!taken) return ObjectId{number, category};
  }
  return Refusal(kParameterInvalid, CKR_DEVICE_MEMORY,
                 "the token " + token.name().text() +
                     " has given out all its sequence numbers",
                 "make a new token");
}

Status SpendSequence(Token& token, const HostLock::Exclusive& held,
                     Session& session, std::uint32_t sequence) {
  SIGTOKEN_ASSIGN(const TokenRecord record, EnsureRecord(token, held, session));
  return SetLastSequence(token.database(), token.name(),
                         std::max(record.last_sequence, sequence), Now());
}

Result<ReservedNumber> ReserveNumber(Token& token,
                                     const HostLock::Exclusive& held,
                                     Session& session, char category) {
  SIGTOKEN_ASSIGN(auto transaction, token.database().Begin());
  SIGTOKEN_ASSIGN(const auto before,
                  FindTokenRecord(token.database(), token.name()));
  SIGTOKEN_ASSIGN(const ObjectId id,
                  NextObjectId(token, held, session, category));
  // No lower than any other, as it was just found.
  SIGTOKEN_TRY(
      SetLastSequence(token.database(), token.name(), id.sequence, Now()));
  SIGTOKEN_TRY(transaction.Commit());
  return ReservedNumber{id, before};
}

Status GiveBack(Token& token, const HostLock::Exclusive& /*held*/,
                const ReservedNumber& number) {
  SIGTOKEN_ASSIGN(auto transaction, token.database().Begin());
  const auto& before = number.before;
  // A record of another token that had the name before is not put back: its
  // keys' records are gone.
  SIGTOKEN_TRY(before && before->identity == token.identity()
                   ? SetLastSequence(token.database(), token.name(),
                                     before->last_sequence, before->updated)
                   : DeleteTokenRecord(token.database(), token.name()));
  return transaction.Commit();
}

}  // namespace sigtoken
