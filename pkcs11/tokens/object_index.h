// The keys of a token: found by their address and checked, or listed.

#ifndef PKCS11_TOKENS_OBJECT_INDEX_H_
#define PKCS11_TOKENS_OBJECT_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/tokens/address_book.h"
#include "pkcs11/tokens/key_attributes.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// A key as it was found. The object is good for the login in which it was
// found.
struct FoundKey {
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  std::optional<Handle> handle;   // Nothing for a key that nobody adopted.
  Origin origin = Origin::kOurs;  // Of the handle.
  KeyAttributes attributes;
  std::optional<ObjectRecord> record;
  // Nothing where the key cannot make it, and then why not.
  std::optional<std::vector<std::uint8_t>> check_mac;
  std::string no_check_mac;
  // Empty or of zeros alone: everybody can sign with it.
  bool worthless = false;
  // It belongs to another ICSF token that lives in the same PKCS#11 token.
  bool of_another_name = false;

  // As generated or imported; 0 where nobody knows.
  std::size_t bytes() const;
  bool disabled() const { return record && record->disabled; }
};

// Exactly one secret key with the attributes `wanted`. What is not found is
// looked for twice: a module can be busy with another process's change.
// Errors: kObjectNotFound; kHandleInvalid when there are several; kNotAvailable
// where the login was lost. `what` names it in messages, `several` is what to
// do about several. Where they are searched for by the address `id` of ours, a
// copy that was not finished does not count (tokens/pending.h).
Result<CK_OBJECT_HANDLE> FindOne(const Token& token, Session& session,
                                 const Attributes& wanted,
                                 const std::string& what,
                                 const std::string& several,
                                 std::optional<ObjectId> id = std::nullopt);

// Exactly one secret key with the handle `id`, whoever made it. `session` is
// one that searches only. Errors: as FindOne.
Result<CK_OBJECT_HANDLE> FindObject(Token& token, Session& session,
                                    ObjectId id);

// The key behind an object, checked: its attributes agree with its category,
// and its check value is the one in the store, which a key that may not sign
// has to verify (tokens/same_key.h). A key that fails is refused:
// another key has taken its place, or it is not whole. What has no handle is
// taken as it is.
//
// The caller holds the host lock and is logged in. Errors: kObjectNotFound;
// kNotAvailable; as the module gave them.
Result<FoundKey> Examine(Token& token, const HostLock::Shared& held,
                         CK_OBJECT_HANDLE object);

// As Examine, of an object that was found by the handle `id`: a module that
// does not say so of it when it is read has not shown which record is its own.
Result<FoundKey> ExamineAs(Token& token, const HostLock::Shared& held,
                           CK_OBJECT_HANDLE object, ObjectId id);

// As Examine, by a book that was read for several.
Result<FoundKey> ExamineBy(const AddressBook& book, Token& token,
                           const HostLock::Shared& held,
                           CK_OBJECT_HANDLE object);

// What the state store is to know of a key that it does not know yet, as far as
// the key itself tells. Precondition: it has a handle.
ObjectRecord RecordFor(const FoundKey& key, const AddressBook& book);

// All secret keys of the token, of whatever type.
Result<std::vector<CK_OBJECT_HANDLE>> KeyObjects(Session& session);

// FindObject and ExamineAs.
Result<FoundKey> FindKey(Token& token, const HostLock::Shared& held,
                         Session& session, ObjectId id);

// All keys for HMAC in a token, in the order of their handles; those that
// others made come last, by label.
struct KeyList {
  std::vector<FoundKey> keys;
  // Keys that cannot be used, each with the reason: what Examine() refuses, and
  // those that share a handle.
  std::vector<std::string> left_out;
  // What a killed process left half made.
  std::vector<std::string> half_made;
};

// Called behind each object: looking at a key takes milliseconds in an HSM.
using ListProgress = std::function<void(std::size_t done, std::size_t all)>;
Result<KeyList> ListKeys(Token& token, const ListProgress& progress = nullptr);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_OBJECT_INDEX_H_
