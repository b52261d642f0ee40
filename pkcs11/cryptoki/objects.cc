#include "pkcs11/cryptoki/objects.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/call.h"

namespace sigtoken {
namespace {

// No attribute that sigtoken reads is longer; a module that says otherwise is
// not followed.
constexpr CK_ULONG kMaxAttributeBytes = 1 << 20;

constexpr const char* kSearching = "search the token";

// Of C_GetAttributeValue, whose buffers are ours: no caller's is too small.
Status CheckRead(const Answered& answered, std::string_view doing) {
  auto good = Check(answered, doing);
  if (answered == CKR_BUFFER_TOO_SMALL) good.error().icsf = kNotAvailable;
  return good;
}

std::string Reading(CK_ATTRIBUTE_TYPE type) {
  return "read the attribute X'" + Hex(type, 8) + "' of an object";
}

// "The module does not say" as against "the module cannot be asked".
bool IsSilence(CK_RV rv) {
  return rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE ||
         rv == CKR_ATTRIBUTE_VALUE_INVALID || rv == CKR_GENERAL_ERROR;
}

// Room for any attribute that sigtoken looks for.
using Room = std::array<std::uint8_t, 256>;

// Nothing where the module does not give all of them in one call.
Result<std::optional<AttributeValues>> ReadTogether(
    Session& session, CK_OBJECT_HANDLE object,
    std::span<const CK_ATTRIBUTE_TYPE> types) {
  std::vector<Room> rooms(types.size());
  std::vector<CK_ATTRIBUTE> list;
  for (std::size_t i = 0; i < types.size(); ++i) {
    list.push_back({types[i], rooms[i].data(), rooms[i].size()});
  }
  const Answered answered =
      Call("C_GetAttributeValue", session.functions().C_GetAttributeValue,
           session.handle(), object, list.data(), list.size());
  if (IsSilence(answered) || answered == CKR_BUFFER_TOO_SMALL) {
    return std::optional<AttributeValues>();
  }
  SIGTOKEN_TRY(Check(answered, "read the attributes of an object"));
  AttributeValues values;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::size_t bytes = list[i].ulValueLen;
    // CK_UNAVAILABLE_INFORMATION beside CKR_OK lands here too.
    if (bytes > rooms[i].size()) return std::optional<AttributeValues>();
    values[types[i]].assign(rooms[i].data(), rooms[i].data() + bytes);
  }
  return std::optional(std::move(values));
}

}  // namespace

Result<std::vector<CK_OBJECT_HANDLE>> FindObjects(Session& session,
                                                  const Attributes& wanted) {
  auto& functions = session.functions();
  auto list = wanted.ForCall();
  const auto begin = [&] {
    return Call("C_FindObjectsInit", functions.C_FindObjectsInit,
                session.handle(), list.data(), list.size());
  };
  // What it answers does not matter: what was found is found, and a search that
  // goes on is ended by the next one.
  const auto end = [&] {
    Call("C_FindObjectsFinal", functions.C_FindObjectsFinal, session.handle());
  };
  Answered begun = begin();
  if (begun == CKR_OPERATION_ACTIVE) {
    end();
    begun = begin();
  }
  std::vector<CK_OBJECT_HANDLE> found;
  Status searched = Check(begun, kSearching);
  while (searched) {
    std::array<CK_OBJECT_HANDLE, 64> page{};
    CK_ULONG count = 0;
    searched = Check(Call("C_FindObjects", functions.C_FindObjects,
                          session.handle(), page.data(), page.size(), &count),
                     kSearching);
    if (!searched || count == 0) break;
    found.insert(found.end(), page.begin(), page.begin() + count);
  }
  // SoftHSM2 keeps the session busy even after a C_FindObjectsInit that failed.
  end();
  SIGTOKEN_TRY(searched);
  return found;
}

Result<std::vector<std::uint8_t>> ReadBytes(Session& session,
                                            CK_OBJECT_HANDLE object,
                                            CK_ATTRIBUTE_TYPE type) {
  auto& functions = session.functions();
  CK_ATTRIBUTE attribute{type, nullptr, 0};
  SIGTOKEN_TRY(
      CheckRead(Call("C_GetAttributeValue", functions.C_GetAttributeValue,
                     session.handle(), object, &attribute, 1),
                Reading(type)));
  if (attribute.ulValueLen > kMaxAttributeBytes) {
    // CK_UNAVAILABLE_INFORMATION beside CKR_OK lands here too.
    return Error{CKR_ATTRIBUTE_TYPE_INVALID,
                 "C_GetAttributeValue",
                 "could not " + Reading(type),
                 "the module gave no length",
                 {}};
  }
  std::vector<std::uint8_t> value(attribute.ulValueLen);
  if (value.empty()) return value;
  attribute.pValue = value.data();
  SIGTOKEN_TRY(
      CheckRead(Call("C_GetAttributeValue", functions.C_GetAttributeValue,
                     session.handle(), object, &attribute, 1),
                Reading(type)));
  if (attribute.ulValueLen < value.size()) value.resize(attribute.ulValueLen);
  return value;
}

Result<AttributeValues> ReadAttributes(
    Session& session, CK_OBJECT_HANDLE object,
    std::span<const CK_ATTRIBUTE_TYPE> types) {
  SIGTOKEN_ASSIGN(auto together, ReadTogether(session, object, types));
  if (together) return *std::move(together);
  // One attribute a call: in a longer list one that the module cannot read may
  // spoil the others.
  AttributeValues values;
  bool unclear = false;
  for (const CK_ATTRIBUTE_TYPE type : types) {
    auto value = ReadBytes(session, object, type);
    if (value) {
      values[type] = *std::move(value);
    } else if (!IsSilence(value.error().rv)) {
      return std::move(value).error();
    } else if (value.error().rv == CKR_GENERAL_ERROR) {
      unclear = true;
    }
  }
  // A module may say so of an attribute, and of a device that is gone.
  if (unclear) SIGTOKEN_TRY(session.IsLoggedIn());
  return values;
}

bool MayBeTheTemplate(CK_RV rv) {
  return rv == CKR_ATTRIBUTE_TYPE_INVALID ||
         rv == CKR_ATTRIBUTE_VALUE_INVALID || rv == CKR_ATTRIBUTE_READ_ONLY ||
         rv == CKR_TEMPLATE_INCONSISTENT || rv == CKR_TEMPLATE_INCOMPLETE ||
         rv == CKR_GENERAL_ERROR;
}

Result<CK_OBJECT_HANDLE> GenerateGenericSecret(Session& session,
                                               const Attributes& attributes) {
  CK_MECHANISM mechanism{CKM_GENERIC_SECRET_KEY_GEN, nullptr, 0};
  auto list = attributes.ForCall();
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  SIGTOKEN_TRY(
      Check(Call("C_GenerateKey", session.functions().C_GenerateKey,
                 session.handle(), &mechanism, list.data(), list.size(), &key),
            "generate a key"));
  return key;
}

Result<CK_OBJECT_HANDLE> CreateSecretKey(Session& session,
                                         const Attributes& attributes,
                                         Secret& value) {
  auto list = attributes.ForCall();
  list.push_back({CKA_VALUE, value.data(), value.size()});
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  SIGTOKEN_TRY(Check(Call("C_CreateObject", session.functions().C_CreateObject,
                          session.handle(), list.data(), list.size(), &key),
                     "import a key"));
  return key;
}

Result<CK_OBJECT_HANDLE> CreateObject(Session& session,
                                      const Attributes& attributes) {
  auto list = attributes.ForCall();
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  SIGTOKEN_TRY(Check(Call("C_CreateObject", session.functions().C_CreateObject,
                          session.handle(), list.data(), list.size(), &object),
                     "make an object"));
  return object;
}

Result<CK_OBJECT_HANDLE> CopyObject(Session& session, CK_OBJECT_HANDLE object,
                                    const Attributes& changed) {
  auto list = changed.ForCall();
  CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
  SIGTOKEN_TRY(
      Check(Call("C_CopyObject", session.functions().C_CopyObject,
                 session.handle(), object, list.data(), list.size(), &copy),
            "copy an object"));
  return copy;
}

Result<Secret> ReadSecretValue(Session& session, CK_OBJECT_HANDLE object) {
  auto& functions = session.functions();
  const std::string doing = "read the value of a key";
  CK_ATTRIBUTE attribute{CKA_VALUE, nullptr, 0};
  SIGTOKEN_TRY(
      CheckRead(Call("C_GetAttributeValue", functions.C_GetAttributeValue,
                     session.handle(), object, &attribute, 1),
                doing));
  if (attribute.ulValueLen > kMaxAttributeBytes) {
    return Error{CKR_ATTRIBUTE_SENSITIVE,
                 "C_GetAttributeValue",
                 "could not " + doing,
                 "the module gave no length",
                 {}};
  }
  SIGTOKEN_ASSIGN(Secret value, Secret::OfSize(attribute.ulValueLen));
  attribute.pValue = value.data();
  SIGTOKEN_TRY(
      CheckRead(Call("C_GetAttributeValue", functions.C_GetAttributeValue,
                     session.handle(), object, &attribute, 1),
                doing));
  value.Shorten(attribute.ulValueLen);
  return value;
}

Status DestroyObject(Session& session, CK_OBJECT_HANDLE object) {
  return Check(Call("C_DestroyObject", session.functions().C_DestroyObject,
                    session.handle(), object),
               "destroy an object");
}

}  // namespace sigtoken
