#include "pkcs11/tokens/object_index.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/address_search.h"
#include "pkcs11/tokens/check_value.h"
#include "pkcs11/tokens/pending.h"
#include "pkcs11/tokens/same_key.h"

namespace sigtoken {
namespace {

Attributes SecretKeys() {
  Attributes wanted;
  wanted.Number(CKA_CLASS, CKO_SECRET_KEY);
  return wanted;
}

// A key that cannot sign can still tell whether a MAC is that of a worthless
// key. What it answers otherwise does not matter here: some modules have an
// error for each wrong MAC.
Status CheckNotWorthless(Token& token, const HostLock::Shared& held,
                         FoundKey& key) {
  if (!key.attributes.Is(CKA_VERIFY)) return Ok();
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  const auto found =
      VerifiesForEverybody(session, key.object, key.attributes.value_bytes);
  if (!found || !*found) return Ok();
  key.worthless = true;
  const Error why = WorthlessKey();
  key.no_check_mac = why.message;
  return why;
}

// Makes the check value, or says in `key` why there is none.
Result<std::monostate> MakeCheckMac(Token& token, const HostLock::Shared& held,
                                    FoundKey& key) {
  if (!key.attributes.Is(CKA_SIGN)) {
    key.no_check_mac = "the key may not sign";
    return CheckNotWorthless(token, held, key);
  }
  // A session of its own: the search's is of no use while a MAC is made.
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  auto mac = CheckMac(session, key.object, key.attributes.value_bytes);
  if (mac) {
    key.check_mac = *std::move(mac);
    return Ok();
  }
  key.no_check_mac = mac.error().message;
  key.worthless = ToIcsf(mac.error()) == kAttributeValueInvalid;
  return std::move(mac).error();
}

// The record, unless it is that of another key which the configuration bound to
// the handle before.
Result<std::optional<ObjectRecord>> RecordOf(Token& token, const FoundKey& key,
                                             const AddressBook& book) {
  const ObjectId id = *key.handle->object();
  SIGTOKEN_ASSIGN(auto record,
                  FindObjectRecord(token.database(), token.name(), id));
  const AddressBook::Entry* entry =
      key.origin == Origin::kOurs ? nullptr : book.Find(id);
  const auto foreign =
      entry != nullptr ? std::optional(entry->address) : std::nullopt;
  if (record && record->foreign != foreign) record.reset();
  return record;
}

Expected ExpectedOf(const FoundKey& key) {
  if (key.origin != Origin::kOurs) return Expected::kOfOthers;
  return key.record && !key.record->exportable ? Expected::kOursNotExportable
                                               : Expected::kOurs;
}

// Fills in what the store knows and what the key itself proves.
Status Prove(Token& token, const HostLock::Shared& held,
             const AddressBook& book, FoundKey& key) {
  SIGTOKEN_ASSIGN(key.record, RecordOf(token, key, book));
  SIGTOKEN_TRY(CheckAgainstCategory(
      key.attributes, key.handle->object()->category, ExpectedOf(key)));
  auto made = MakeCheckMac(token, held, key);
  // Others' keys may be bound to another hash than that of the check value.
  if (!made && (key.origin == Origin::kOurs || key.worthless ||
                made.error().rv != CKR_KEY_TYPE_INCONSISTENT)) {
    return made;
  }
  if (!key.record || !key.record->check_mac) return Ok();
  return CheckSameKey(token, held, key, key.handle->FormatShort(),
                      *key.record->check_mac);
}

// The handle in an object's CKA_ID.
Result<std::optional<Handle>> OwnHandle(const Token& token, Session& session,
                                        CK_OBJECT_HANDLE object) {
  SIGTOKEN_ASSIGN(const auto id, AddressIn(session, object, CKA_ID));
  return id ? HandleOfId(token.name(), *id) : std::nullopt;
}

// The handle, or nothing, for messages.
std::string NameOf(const Token& token, Session& session,
                   CK_OBJECT_HANDLE object) {
  const auto handle = OwnHandle(token, session, object);
  return handle && *handle ? (*handle)->FormatShort() : "";
}

// Two keys of one handle can neither be told apart nor be used.
void LeaveOutTwins(KeyList& list) {
  auto key = list.keys.begin();
  while (key != list.keys.end()) {
    const auto end = std::find_if(key, list.keys.end(), [&](const auto& other) {
      return !key->handle || other.handle != key->handle;
    });
    if (end - key < 2) {
      ++key;
      continue;
    }
    list.left_out.push_back(std::to_string(end - key) + " keys are " +
                            key->handle->FormatShort() +
                            ": delete the others with the tool that made them");
    key = list.keys.erase(key, end);
  }
}

}  // namespace

std::size_t FoundKey::bytes() const {
  if (record) return record->bytes;
  return attributes.value_bytes.value_or(0);
}

Result<CK_OBJECT_HANDLE> FindOne(const Token& token, Session& session,
                                 const Attributes& wanted,
                                 const std::string& what,
                                 const std::string& several,
                                 std::optional<ObjectId> id) {
  SIGTOKEN_ASSIGN(auto found, FindForSure(token, session, wanted));
  if (id) {
    SIGTOKEN_ASSIGN(found,
                    WithoutCopies(token, session, *id, std::move(found)));
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return Refusal(kObjectNotFound, CKR_OBJECT_HANDLE_INVALID,
                   "there is no key " + what,
                   "list the keys with 'sigtoken key list': name, sequence "
                   "number and category must all fit");
  }
  return Refusal(kHandleInvalid, CKR_OBJECT_HANDLE_INVALID,
                 std::to_string(found.size()) + " keys are " + what, several);
}

Result<CK_OBJECT_HANDLE> FindObject(Token& token, Session& session,
                                    ObjectId id) {
  const std::string name = Handle(token.name(), id).FormatShort();
  const Attributes ours = AddressOf(token.name(), id);
  SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
  const AddressBook::Entry* entry = book.Find(id);
  const std::string several =
      "only one key may carry an address: delete the others with the tool that "
      "made them";
  if (entry == nullptr) {
    return FindOne(token, session, ours, name, several, id);
  }
  if (entry->address.object_class != CKO_SECRET_KEY) {
    return Refusal(kObjectNotFound, CKR_OBJECT_HANDLE_INVALID,
                   name + " is no secret key",
                   "list the keys with 'sigtoken key list'");
  }
  SIGTOKEN_ASSIGN(const auto rivals, FindObjects(session, ours));
  if (!rivals.empty()) {
    return Refusal(
        kHandleInvalid, CKR_OBJECT_HANDLE_INVALID,
        "two keys are " + name + ": one of the token's own, and one that " +
            (entry->origin == Origin::kBound ? "the configuration binds"
                                             : "was adopted"),
        "give the other key another handle");
  }
  return FindOne(token, session, SearchFor(entry->address), name, several);
}

Result<FoundKey> ExamineBy(const AddressBook& book, Token& token,
                           const HostLock::Shared& held,
                           CK_OBJECT_HANDLE object) {
  FoundKey key;
  key.object = object;
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  SIGTOKEN_ASSIGN(key.attributes, ReadKeyAttributes(session, object));
  if (const auto found = book.HandleOf(key.attributes)) {
    key.handle = found->handle;
    key.origin = found->origin;
    SIGTOKEN_TRY(Prove(token, held, book, key));
    return key;
  }
  key.of_another_name = book.IsOfAnotherName(key.attributes);
  // Without a check value it is shown all the same.
  static_cast<void>(MakeCheckMac(token, held, key).has_value());
  return key;
}

ObjectRecord RecordFor(const FoundKey& key, const AddressBook& book) {
  ObjectRecord record;
  record.id = *key.handle->object();
  record.bytes = key.bytes();
  record.check_mac = key.check_mac;
  record.created = Now();
  if (const auto* entry = book.Find(record.id)) record.foreign = entry->address;
  record.adopted = key.origin == Origin::kAdopted;
  record.exportable = key.attributes.MayBeRead();
  return record;
}

Result<std::vector<CK_OBJECT_HANDLE>> KeyObjects(Session& session) {
  return FindObjects(session, SecretKeys());
}

Result<FoundKey> Examine(Token& token, const HostLock::Shared& held,
                         CK_OBJECT_HANDLE object) {
  SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
  return ExamineBy(book, token, held, object);
}

Result<FoundKey> ExamineAs(Token& token, const HostLock::Shared& held,
                           CK_OBJECT_HANDLE object, ObjectId id) {
  SIGTOKEN_ASSIGN(FoundKey key, Examine(token, held, object));
  if (key.handle && key.handle->object() == id) return key;
  return Error{CKR_DEVICE_ERROR, "C_GetAttributeValue",
               "the module shows the key " +
                   Handle(token.name(), id).FormatShort() +
                   " and does not say that it is that one",
               "try again; look at the module's device", kNotAvailable};
}

Result<FoundKey> FindKey(Token& token, const HostLock::Shared& held,
                         Session& session, ObjectId id) {
  SIGTOKEN_ASSIGN(const CK_OBJECT_HANDLE object,
                  FindObject(token, session, id));
  return ExamineAs(token, held, object, id);
}

namespace {

Result<KeyList> ListOnce(Token& token, const ListProgress& progress) {
  SIGTOKEN_TRY(token.Login());
  SIGTOKEN_ASSIGN(const auto held, token.Look());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  SIGTOKEN_ASSIGN(const auto objects, KeyObjects(session));
  // Without a login there is nothing to see.
  SIGTOKEN_TRY(token.CheckShowsAll(session));
  SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
  KeyList list;
  std::size_t done = 0;
  for (const CK_OBJECT_HANDLE object : objects) {
    auto key = ExamineBy(book, token, held, object);
    if (progress) progress(++done, objects.size());
    if (!key) {
      Error& error = key.error();
      // NSS has a device error for a MAC that does not fit a verify-only key.
      if (!IsOfTheObject(error) && error.call != "C_Verify") {
        return std::move(error);
      }
      const std::string name = NameOf(token, session, object);
      if (error.message.find(name) == std::string::npos) {
        error.message = name + ": " + error.message;
      }
      list.left_out.push_back(ToText(error));
      continue;
    }
    if (!key->handle && key->attributes.label.empty() &&
        key->attributes.id.empty()) {
      list.half_made.emplace_back(
          "an object with neither label nor CKA_ID, as a process leaves it "
          "that is killed while it makes a key");
      continue;
    }
    if (key->of_another_name) continue;
    if (key->attributes.IsHmacKey()) list.keys.push_back(*std::move(key));
  }
  std::sort(list.keys.begin(), list.keys.end(),
            [](const FoundKey& a, const FoundKey& b) {
              if (a.handle && b.handle) return *a.handle < *b.handle;
              if (a.handle || b.handle) return a.handle.has_value();
              return a.attributes.label < b.attributes.label;
            });
  LeaveOutTwins(list);
  return list;
}

}  // namespace

Result<KeyList> ListKeys(Token& token, const ListProgress& progress) {
  return token.WithRecovery([&] { return ListOnce(token, progress); });
}

}  // namespace sigtoken
