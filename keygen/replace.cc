#include "keygen/replace.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "keygen/data_object.h"
#include "pkcs11/objects/locate.h"
#include "pkcs11/tokens/check_value.h"
#include "pkcs11/tokens/object_index.h"
#include "pkcs11/tokens/pending.h"
#include "pkcs11/tokens/sequence.h"

namespace sigtoken {
namespace {

// One object on its way to other attributes. The guard is held by the caller.
class Replacement {
 public:
  // `exclusive` is null for a session object, of which the store knows nothing.
  Replacement(Icsf& icsf, Token& token, const HostLock::Shared& held,
              const HostLock::Exclusive* exclusive, Session& session,
              const Handle& handle, const ObjectChange& change)
      : icsf_(icsf),
        token_(token),
        held_(held),
        exclusive_(exclusive),
        session_(session),
        handle_(handle),
        change_(change) {}

  Status Run() {
    const ObjectId id = *handle_.object();
    SIGTOKEN_ASSIGN(located_, Locate(token_, held_, session_, id));
    if (located_.origin != Origin::kOurs) {
      return Refusal(kAttributeReadOnly, CKR_ATTRIBUTE_READ_ONLY,
                     "others made the object " + handle_.FormatShort() +
                         ", and it is not changed here",
                     "change it with the tool that made it");
    }
    if (located_.object_class == CKO_SECRET_KEY) {
      SIGTOKEN_ASSIGN(key_, ExamineAs(token_, held_, located_.object, id));
    }
    if (exclusive_ != nullptr) SIGTOKEN_TRY(EnsureRecord());
    SIGTOKEN_TRY(DestroyOthers(located_.object));
    if (!change_.in_token.empty()) SIGTOKEN_TRY(Exchange());
    return Finish();
  }

 private:
  Attributes Address() const {
    return located_.object_class == CKO_DATA
               ? DataAddressOf(token_.name(), *handle_.object())
               : AddressOf(token_.name(), *handle_.object());
  }

  // A store that was lost knows nothing of the object.
  Status EnsureRecord() {
    const ObjectId id = *handle_.object();
    SIGTOKEN_ASSIGN(const auto record,
                    FindObjectRecord(token_.database(), token_.name(), id));
    if (record) return Ok();
    SIGTOKEN_ASSIGN(auto transaction, token_.database().Begin());
    SIGTOKEN_TRY(SpendSequence(token_, *exclusive_, session_, id.sequence));
    ObjectRecord fresh;
    if (key_) {
      SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token_));
      fresh = RecordFor(*key_, book);
    } else {
      fresh.id = id;
      fresh.object_class = located_.object_class;
      fresh.created = Now();
    }
    SIGTOKEN_TRY(PutObjectRecord(token_.database(), token_.name(), fresh));
    return transaction.Commit();
  }

  Status WritePending(const std::optional<std::vector<std::uint8_t>>& pending) {
    if (exclusive_ == nullptr) return Ok();
    SIGTOKEN_ASSIGN(auto transaction, token_.database().Begin());
    SIGTOKEN_TRY(SetPending(token_.database(), token_.name(), *handle_.object(),
                            pending));
    return transaction.Commit();
  }

  // What carries the address beside `kept`: copies that were not finished, or
  // the original of one that was. Where the module does not show `kept`, what
  // else there is may be all that is left of the object, and stays.
  Status DestroyOthers(CK_OBJECT_HANDLE kept) {
    SIGTOKEN_ASSIGN(auto objects, FindObjects(session_, Address()));
    if (std::erase(objects, kept) != 1) return NotAlone(objects.size());
    for (const CK_OBJECT_HANDLE object : objects) {
      SIGTOKEN_TRY(DestroyObject(session_, object));
    }
    SIGTOKEN_ASSIGN(const auto left, FindObjects(session_, Address()));
    if (left.size() == 1 && left.front() == kept) return Ok();
    return NotAlone(left.size());
  }

  Error NotAlone(std::size_t count) const {
    return Error{CKR_FUNCTION_FAILED, "C_DestroyObject",
                 "of " + handle_.FormatShort() + " the module shows " +
                     std::to_string(count) +
                     " objects, and not the one that is to stay alone",
                 "look at the module's device: it may be full or read-only; "
                 "then set the attributes again",
                 kNotAvailable};
  }

  // No attribute of a data object changes on the way of C_CopyObject
  // (SoftHSM2), and all of them can be read.
  Result<CK_OBJECT_HANDLE> MakeData() {
    SIGTOKEN_ASSIGN(
        auto values,
        ReadAttributes(session_, located_.object,
                       {{CKA_PRIVATE, CKA_LABEL, CKA_APPLICATION, CKA_VALUE}}));
    for (const auto& [type, value] : change_.in_token) values[type] = value;
    DataSpec spec;
    spec.category = handle_.object()->category;
    const auto& is_private = values[CKA_PRIVATE];
    spec.is_private = is_private.size() != 1 || is_private.front() != CK_FALSE;
    spec.label = values[CKA_LABEL];
    spec.application = values[CKA_APPLICATION];
    spec.value = values[CKA_VALUE];
    return CreateObject(session_, DataAttributes(spec, handle_));
  }

  Result<CK_OBJECT_HANDLE> Copy() {
    if (located_.object_class == CKO_DATA) return MakeData();
    Attributes changed;
    for (const auto& [type, value] : change_.in_token) {
      changed.Bytes(type, value);
    }
    return CopyObject(session_, located_.object, changed);
  }

  Error NotAsked(const std::string& what) const {
    return Error{CKR_FUNCTION_FAILED, "C_CopyObject",
                 "the module's copy of " + handle_.FormatShort() + " " + what,
                 "this module cannot change its objects: make a new one",
                 kNotAvailable};
  }

  // The copy has what was asked for, and is the same object else.
  Status CheckCopy(CK_OBJECT_HANDLE copy) {
    SIGTOKEN_ASSIGN(
        const bool changed,
        HasPending(session_, copy, FormatPending(change_.in_token)));
    if (!changed) return NotAsked("has not the attributes that were asked for");
    if (!key_) return Ok();
    SIGTOKEN_ASSIGN(const auto now, ReadKeyAttributes(session_, copy));
    for (const auto& [type, value] : key_->attributes.flags) {
      // Whether it was always so is the module's to say.
      if (change_.in_token.contains(type) || type == CKA_ALWAYS_SENSITIVE ||
          type == CKA_NEVER_EXTRACTABLE || type == CKA_LOCAL ||
          type == CKA_MODIFIABLE) {
        continue;
      }
      if (now.Is(type) != value) return NotAsked("has another attribute too");
    }
    if (now.id != key_->attributes.id) return NotAsked("has another CKA_ID");
    if (!key_->check_mac || !now.Is(CKA_SIGN)) return Ok();
    SIGTOKEN_ASSIGN(Session trial,
                    token_.OpenSession(held_, Access::kReadOnly));
    SIGTOKEN_ASSIGN(const auto mac, CheckMac(trial, copy, now.value_bytes));
    return mac == *key_->check_mac ? Ok() : NotAsked("is another key");
  }

  Status Exchange() {
    SIGTOKEN_TRY(WritePending(FormatPending(change_.in_token)));
    auto copy = Copy();
    Status good = copy ? CheckCopy(*copy) : Status(copy.error());
    // A module with one object an address has changed it by now.
    const bool same = copy && *copy == located_.object;
    if (good && !same) good = DestroyOthers(*copy);
    if (good) return Ok();
    // Back to the original, where it is still there. Else the change stays
    // pending, and whichever is shown is the object.
    const auto undone = same ? Ok() : DestroyOthers(located_.object);
    if (!undone) {
      good.error().cure += "; " + undone.error().message;
      return good;
    }
    if (const auto cleared = WritePending(std::nullopt); !cleared) {
      good.error().cure += "; " + cleared.error().message;
    }
    return good;
  }

  Status Finish() {
    if (exclusive_ == nullptr) {
      auto record = icsf_.sessions().Find(handle_).value_or(SessionRecord());
      for (const auto& [type, value] : change_.kept) record.kept[type] = value;
      icsf_.sessions().Put(handle_, std::move(record));
      return Ok();
    }
    Database& database = token_.database();
    const ObjectId id = *handle_.object();
    SIGTOKEN_ASSIGN(auto transaction, database.Begin());
    SIGTOKEN_TRY(SetPending(database, token_.name(), id, std::nullopt));
    SIGTOKEN_TRY(PutKeptAttributes(database, token_.name(), id, change_.kept));
    const auto value = change_.in_token.find(CKA_VALUE);
    if (value != change_.in_token.end()) {
      SIGTOKEN_TRY(SetBytes(database, token_.name(), id, value->second.size()));
    }
    if (key_) {
      SIGTOKEN_TRY(
          SetExportable(database, token_.name(), id,
                        !Then(CKA_SENSITIVE) || Then(CKA_EXTRACTABLE)));
    }
    // Marks the token as changed.
    SIGTOKEN_TRY(SpendSequence(token_, *exclusive_, session_, id.sequence));
    return transaction.Commit();
  }

  // The flag of a key, as it is from now on.
  bool Then(CK_ATTRIBUTE_TYPE flag) const {
    const auto found = change_.in_token.find(flag);
    return found == change_.in_token.end()
               ? key_->attributes.Is(flag)
               : found->second.size() == 1 && found->second.front() != CK_FALSE;
  }

  Icsf& icsf_;
  Token& token_;
  const HostLock::Shared& held_;
  const HostLock::Exclusive* exclusive_;
  Session& session_;
  const Handle& handle_;
  const ObjectChange& change_;
  Located located_;
  std::optional<FoundKey> key_;
};

}  // namespace

Status ReplaceObject(Icsf& icsf, Token& token, const Handle& handle,
                     const ObjectChange& change) {
  if (!IsTokenCategory(handle.object()->category)) {
    return token.MakeInLogin([&](Session& session,
                                 const HostLock::Shared& held) {
      return Replacement(icsf, token, held, nullptr, session, handle, change)
          .Run();
    });
  }
  SIGTOKEN_TRY(token.Ready());
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadWrite));
  return Replacement(icsf, token, held, &held, session, handle, change).Run();
}

}  // namespace sigtoken
