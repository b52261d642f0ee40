#include "pkcs11/tokens/object_index.h"

#include <sodium.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/check_value.h"

namespace sigtoken {
namespace {

Attributes SecretKeys() {
  Attributes wanted;
  wanted.Number(CKA_CLASS, CKO_SECRET_KEY);
  return wanted;
}

// The address in a CKA_ID, if it is one of this token.
std::optional<Handle> HandleOf(const TokenName& token,
                               const std::vector<std::uint8_t>& id) {
  const std::string text(id.begin(), id.end());
  const auto handle = Handle::ParseShort(text);
  // Only the form that we write: 1T is not 00000001T there.
  if (!handle || handle->FormatShort() != text) return std::nullopt;
  if (handle->token_name() != token) return std::nullopt;
  return *handle;
}

Error AnotherKey(const Handle& handle) {
  return Refusal(
      kObjectNotFound, CKR_KEY_CHANGED,
      "the key " + handle.FormatShort() +
          " has another check value than the one that was made: its place in "
          "the token was taken by another key",
      "restore the token from a backup, or delete the key with --force and "
      "generate a new one");
}

// Whether `error` says that one object is of no use, and not that the device or
// the store is gone. SoftHSM2 answers CKR_GENERAL_ERROR for an object without a
// value.
bool IsOfTheObject(const Error& error) {
  if (ToIcsf(error).return_code == 8) return true;
  return (error.call == "C_SignInit" || error.call == "C_Sign" ||
          error.call == "C_GetAttributeValue") &&
         (error.rv == CKR_GENERAL_ERROR || error.rv == CKR_FUNCTION_FAILED);
}

// Fills in what the store knows and what the key itself proves.
Status Prove(Token& token, const HostLock::Shared& held, FoundKey& key) {
  SIGTOKEN_TRY(
      CheckAgainstCategory(key.attributes, key.handle->object()->category));
  SIGTOKEN_ASSIGN(key.record, FindObjectRecord(token.database(), token.name(),
                                               *key.handle->object()));
  if (!key.attributes.Is(CKA_SIGN)) {
    key.no_check_mac = "the key may not sign";
    return Ok();
  }
  // A session of its own: the search's is of no use while a MAC is made.
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  auto mac = CheckMac(session, key.object);
  if (!mac) return std::move(mac).error();
  key.check_mac = *std::move(mac);
  const auto* expected =
      key.record && key.record->check_mac ? &*key.record->check_mac : nullptr;
  if (expected != nullptr &&
      (expected->size() != key.check_mac->size() ||
       sodium_memcmp(expected->data(), key.check_mac->data(),
                     expected->size()) != 0)) {
    return AnotherKey(*key.handle);
  }
  return Ok();
}

}  // namespace

std::size_t FoundKey::bytes() const {
  if (record) return record->bytes;
  return attributes.value_bytes.value_or(0);
}

Attributes AddressOf(const TokenName& token, ObjectId id) {
  return SecretKeys().Text(CKA_ID, Handle(token, id).FormatShort());
}

Result<CK_OBJECT_HANDLE> FindOne(Session& session, const Attributes& wanted,
                                 const std::string& what) {
  SIGTOKEN_ASSIGN(const auto found, FindObjects(session, wanted));
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return Refusal(kObjectNotFound, CKR_OBJECT_HANDLE_INVALID,
                   "there is no key " + what,
                   "list the keys with 'sigtoken key list': name, sequence "
                   "number and category must all fit");
  }
  return Refusal(
      kHandleInvalid, CKR_OBJECT_HANDLE_INVALID,
      std::to_string(found.size()) + " keys are " + what,
      "only one key may carry an address: delete the others with the "
      "tool that made them");
}

Result<FoundKey> Examine(Token& token, const HostLock::Shared& held,
                         CK_OBJECT_HANDLE object) {
  FoundKey key;
  key.object = object;
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  SIGTOKEN_ASSIGN(key.attributes, ReadKeyAttributes(session, object));
  key.handle = HandleOf(token.name(), key.attributes.id);
  if (key.handle) {
    SIGTOKEN_TRY(Prove(token, held, key));
    return key;
  }
  // What others made is taken as it is.
  if (!key.attributes.Is(CKA_SIGN)) {
    key.no_check_mac = "the key may not sign";
  } else if (auto mac = CheckMac(session, object)) {
    key.check_mac = *std::move(mac);
  } else {
    key.no_check_mac = mac.error().message;
  }
  return key;
}

Result<FoundKey> FindKey(Token& token, const HostLock::Shared& held,
                         Session& session, ObjectId id) {
  SIGTOKEN_ASSIGN(const CK_OBJECT_HANDLE object,
                  FindOne(session, AddressOf(token.name(), id),
                          Handle(token.name(), id).FormatShort()));
  return Examine(token, held, object);
}

Result<KeyList> ListKeys(Token& token) {
  SIGTOKEN_TRY(token.Login());
  SIGTOKEN_ASSIGN(const auto held, token.Look());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  SIGTOKEN_ASSIGN(const auto objects, FindObjects(session, SecretKeys()));
  KeyList list;
  for (const CK_OBJECT_HANDLE object : objects) {
    auto key = Examine(token, held, object);
    if (!key) {
      if (!IsOfTheObject(key.error())) return std::move(key).error();
      list.left_out.push_back(ToText(key.error()));
      continue;
    }
    if (!key->handle && key->attributes.label.empty() &&
        key->attributes.id.empty()) {
      list.left_out.emplace_back(
          "an object with neither label nor CKA_ID, as a process leaves it "
          "that "
          "is killed while it makes a key");
      continue;
    }
    if (key->attributes.IsHmacKey()) list.keys.push_back(*std::move(key));
  }
  std::sort(list.keys.begin(), list.keys.end(),
            [](const FoundKey& a, const FoundKey& b) {
              if (a.handle && b.handle) return *a.handle < *b.handle;
              if (a.handle || b.handle) return a.handle.has_value();
              return a.attributes.label < b.attributes.label;
            });
  return list;
}

Result<std::vector<CK_OBJECT_HANDLE>> FindObjectsOf(
    Token& token, const HostLock::Shared& /*held*/, Session& session) {
  SIGTOKEN_ASSIGN(const auto objects, FindObjects(session, SecretKeys()));
  std::vector<CK_OBJECT_HANDLE> ours;
  for (const CK_OBJECT_HANDLE object : objects) {
    const auto id = ReadBytes(session, object, CKA_ID);
    if (id && HandleOf(token.name(), *id)) ours.push_back(object);
  }
  return ours;
}

Result<std::uint32_t> HighestSequence(Token& token,
                                      const HostLock::Shared& held,
                                      Session& session) {
  SIGTOKEN_ASSIGN(const auto ours, FindObjectsOf(token, held, session));
  std::uint32_t highest = 0;
  for (const CK_OBJECT_HANDLE object : ours) {
    SIGTOKEN_ASSIGN(const auto id, ReadBytes(session, object, CKA_ID));
    const auto handle = HandleOf(token.name(), id);
    if (handle) highest = std::max(highest, handle->object()->sequence);
  }
  return highest;
}

}  // namespace sigtoken
