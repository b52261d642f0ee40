#include "pkcs11/tokens/sequence.h"

#include <algorithm>
#include <limits>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/object_index.h"

namespace sigtoken {
namespace {

// Whether a key has the number, in whatever category.
Result<bool> IsTaken(Token& token, Session& session, const AddressBook& book,
                     std::uint32_t sequence) {
  for (const char category : {'T', 'Y'}) {
    if (book.Find({sequence, category}) != nullptr) return true;
    SIGTOKEN_ASSIGN(
        const auto objects,
        FindObjects(session, AddressOf(token.name(), {sequence, category})));
    if (!objects.empty()) return true;
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
  SIGTOKEN_ASSIGN(record.last_sequence, HighestSequence(token, held, session));
  SIGTOKEN_TRY(PutTokenRecord(token.database(), record));
  SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
  SIGTOKEN_ASSIGN(const auto objects, KeyObjects(session));
  for (const CK_OBJECT_HANDLE object : objects) {
    // What is not whole gets no record, and is refused wherever it is used.
    const auto key = ExamineBy(book, token, held, object);
    if (!key || !key->handle || key->record) continue;
    SIGTOKEN_TRY(
        PutObjectRecord(token.database(), token.name(), RecordFor(*key, book)));
  }
  return record;
}

Result<TokenRecord> EnsureRecord(Token& token, const HostLock::Exclusive& held,
                                 Session& session) {
  SIGTOKEN_ASSIGN(auto record, FindTokenRecord(token.database(), token.name()));
  if (record && record->identity == token.identity()) return *std::move(record);
  // Only here is the whole token looked through, for that is slow.
  return RebuildRecords(token, held, session,
                        {token.name(), "", "", "", 0, Now(), token.identity()});
}

Result<ObjectId> NextObjectId(Token& token, const HostLock::Exclusive& held,
                              Session& session, char category) {
  SIGTOKEN_ASSIGN(const TokenRecord record, EnsureRecord(token, held, session));
  SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
  std::uint32_t number = record.last_sequence;
  while (number != std::numeric_limits<std::uint32_t>::max()) {
    ++number;
    SIGTOKEN_ASSIGN(const bool taken, IsTaken(token, session, book, number));
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
  SIGTOKEN_ASSIGN(const TokenRecord record, EnsureRecord(token, held, session));
  SIGTOKEN_ASSIGN(const ObjectId id,
                  NextObjectId(token, held, session, category));
  SIGTOKEN_TRY(SpendSequence(token, held, session, id.sequence));
  SIGTOKEN_TRY(transaction.Commit());
  return ReservedNumber{id, record.last_sequence, before.has_value()};
}

Status GiveBack(Token& token, const HostLock::Exclusive& /*held*/,
                const ReservedNumber& number) {
  SIGTOKEN_ASSIGN(auto transaction, token.database().Begin());
  SIGTOKEN_TRY(number.had_record
                   ? SetLastSequence(token.database(), token.name(),
                                     number.last_before, Now())
                   : DeleteTokenRecord(token.database(), token.name()));
  return transaction.Commit();
}

}  // namespace sigtoken
