#include "pkcs11/tokens/address_search.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "pkcs11/cryptoki/call.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/object_index.h"

namespace sigtoken {
namespace {

// What a module answers to a search for a class or an attribute that it has
// not.
bool IsOfTheTemplate(CK_RV rv) {
  return rv == CKR_ATTRIBUTE_TYPE_INVALID ||
         rv == CKR_ATTRIBUTE_VALUE_INVALID || rv == CKR_TEMPLATE_INCONSISTENT;
}

// Data objects; none where the module has no such objects.
Result<std::vector<CK_OBJECT_HANDLE>> FindData(Session& session,
                                               const Attributes& wanted) {
  auto found = FindObjects(session, wanted);
  if (found || !IsOfTheTemplate(found.error().rv)) return found;
  return std::vector<CK_OBJECT_HANDLE>();
}

using Address = std::optional<std::vector<std::uint8_t>>;

// Calls `look` with each key and data object and what it says of its address.
Status EachAddress(
    const Token& token, Session& session,
    const std::function<void(CK_OBJECT_HANDLE, const Address&)>& look) {
  // Without a login a token that is full looks empty.
  SIGTOKEN_TRY(token.CheckShowsAll(session));
  SIGTOKEN_ASSIGN(const auto keys, KeyObjects(session));
  for (const CK_OBJECT_HANDLE object : keys) {
    SIGTOKEN_ASSIGN(const Address id, AddressIn(session, object, CKA_ID));
    look(object, id);
  }
  Attributes wanted;
  wanted.Number(CKA_CLASS, CKO_DATA);
  SIGTOKEN_ASSIGN(const auto data, FindData(session, wanted));
  for (const CK_OBJECT_HANDLE object : data) {
    SIGTOKEN_ASSIGN(const Address id,
                    AddressIn(session, object, CKA_OBJECT_ID));
    look(object, id);
  }
  return Ok();
}

// The address of an object of ours that lasts. Session objects of this process
// are in sight too.
std::optional<ObjectId> TokenObjectOf(const Token& token, const Address& id) {
  const auto handle = id ? HandleOfId(token.name(), *id) : std::nullopt;
  if (!handle || !IsTokenCategory(handle->object()->category)) {
    return std::nullopt;
  }
  return handle->object();
}

}  // namespace

Result<std::vector<CK_OBJECT_HANDLE>> FindForSure(const Token& token,
                                                  Session& session,
                                                  const Attributes& wanted) {
  auto found = FindObjects(session, wanted);
  if (!found || !found->empty()) return found;
  SIGTOKEN_TRY(token.CheckShowsAll(session));
  return FindObjects(session, wanted);
}

bool IsOfTheObject(const Error& error) {
  const bool asked_of_it =
      error.call.empty() || error.call == "C_SignInit" ||
      error.call == "C_Sign" || error.call == "C_VerifyInit" ||
      error.call == "C_Verify" || error.call == "C_GetAttributeValue";
  if (!asked_of_it) return false;
  const IcsfCode code = ToIcsf(error);
  if (code.return_code == 8) return code != kNotAuthorized;
  return !error.call.empty() &&
         (error.rv == CKR_GENERAL_ERROR || error.rv == CKR_FUNCTION_FAILED);
}

Result<std::optional<std::vector<std::uint8_t>>> AddressIn(
    Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  std::optional<std::vector<std::uint8_t>> id;
  auto values = ReadAttributes(session, object, {{type}});
  if (!values && !IsOfTheObject(values.error())) {
    return std::move(values).error();
  }
  if (values && values->contains(type)) id = std::move(values->at(type));
  return id;
}

Result<std::vector<CK_OBJECT_HANDLE>> FindDataObjects(Session& session,
                                                      const TokenName& token,
                                                      ObjectId id) {
  return FindData(session, DataAddressOf(token, id));
}

Result<std::vector<CK_OBJECT_HANDLE>> FindObjectsOf(
    Token& token, const HostLock::Shared& /*held*/, Session& session) {
  std::set<CK_OBJECT_HANDLE> ours;
  bool silent = false;
  SIGTOKEN_TRY(EachAddress(
      token, session, [&](CK_OBJECT_HANDLE object, const Address& address) {
        if (!address) silent = true;
        if (TokenObjectOf(token, address)) ours.insert(object);
      }));
  if (!silent) return std::vector<CK_OBJECT_HANDLE>(ours.begin(), ours.end());
  // A search finds what did not say so itself.
  SIGTOKEN_ASSIGN(const auto records,
                  ObjectRecords(token.database(), token.name()));
  for (const ObjectRecord& record : records) {
    if (record.foreign) continue;
    SIGTOKEN_ASSIGN(
        const auto found,
        record.object_class == CKO_DATA
            ? FindDataObjects(session, token.name(), record.id)
            : FindObjects(session, AddressOf(token.name(), record.id)));
    ours.insert(found.begin(), found.end());
  }
  return std::vector<CK_OBJECT_HANDLE>(ours.begin(), ours.end());
}

Result<HighestSequenceNumber> HighestSequence(Token& token,
                                              const HostLock::Shared& /*held*/,
                                              Session& session) {
  const CallWatch::CallByCall unhurried;
  HighestSequenceNumber highest;
  SIGTOKEN_TRY(EachAddress(
      token, session, [&](CK_OBJECT_HANDLE /*object*/, const Address& id) {
        if (!id) highest.may_be_higher = true;
        if (const auto ours = TokenObjectOf(token, id)) {
          highest.number = std::max(highest.number, ours->sequence);
        }
      }));
  SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
  for (const AddressBook::Entry& entry : book.entries()) {
    highest.number = std::max(highest.number, entry.id.sequence);
  }
  return highest;
}

}  // namespace sigtoken
