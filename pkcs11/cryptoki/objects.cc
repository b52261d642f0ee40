#include "pkcs11/cryptoki/objects.h"

#include <array>
#include <cstring>
#include <string>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

// No attribute that sigtoken reads is longer; a module that says otherwise is
// not followed.
constexpr CK_ULONG kMaxAttributeBytes = 1 << 20;

std::string Reading(CK_ATTRIBUTE_TYPE type) {
  return "read the attribute X'" + Hex(type, 8) + "' of an object";
}

template <typename T>
Result<T> ReadFixed(Session& session, CK_OBJECT_HANDLE object,
                    CK_ATTRIBUTE_TYPE type) {
  SIGTOKEN_ASSIGN(const auto bytes, ReadBytes(session, object, type));
  T value{};
  if (bytes.size() != sizeof value) {
    return Error{CKR_ATTRIBUTE_VALUE_INVALID,
                 "C_GetAttributeValue",
                 "could not " + Reading(type),
                 "the module gave " + std::to_string(bytes.size()) +
                     " bytes, not " + std::to_string(sizeof value),
                 {}};
  }
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

Result<std::vector<CK_OBJECT_HANDLE>> FindObjects(Session& session,
                                                  const Attributes& wanted) {
  auto& functions = session.functions();
  auto list = wanted.ForCall();
  const Status begun = Check(
      functions.C_FindObjectsInit(session.handle(), list.data(), list.size()),
      "C_FindObjectsInit", "search the token");
  std::vector<CK_OBJECT_HANDLE> found;
  Status searched = Ok();
  while (begun) {
    std::array<CK_OBJECT_HANDLE, 64> page{};
    CK_ULONG count = 0;
    searched = Check(functions.C_FindObjects(session.handle(), page.data(),
                                             page.size(), &count),
                     "C_FindObjects", "search the token");
    if (!searched || count == 0) break;
    found.insert(found.end(), page.begin(), page.begin() + count);
  }
  // SoftHSM2 keeps the session busy even after a C_FindObjectsInit that failed.
  const CK_RV ended = functions.C_FindObjectsFinal(session.handle());
  SIGTOKEN_TRY(begun);
  SIGTOKEN_TRY(searched);
  SIGTOKEN_TRY(Check(ended, "C_FindObjectsFinal", "search the token"));
  return found;
}

Result<std::vector<std::uint8_t>> ReadBytes(Session& session,
                                            CK_OBJECT_HANDLE object,
                                            CK_ATTRIBUTE_TYPE type) {
  auto& functions = session.functions();
  CK_ATTRIBUTE attribute{type, nullptr, 0};
  // One attribute a call: in a longer list one that the module cannot read
  // spoils the others.
  SIGTOKEN_TRY(Check(
      functions.C_GetAttributeValue(session.handle(), object, &attribute, 1),
      "C_GetAttributeValue", Reading(type)));
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
  SIGTOKEN_TRY(Check(
      functions.C_GetAttributeValue(session.handle(), object, &attribute, 1),
      "C_GetAttributeValue", Reading(type)));
  if (attribute.ulValueLen < value.size()) value.resize(attribute.ulValueLen);
  return value;
}

Result<bool> ReadFlag(Session& session, CK_OBJECT_HANDLE object,
                      CK_ATTRIBUTE_TYPE type) {
  SIGTOKEN_ASSIGN(const CK_BBOOL value,
                  ReadFixed<CK_BBOOL>(session, object, type));
  return value != CK_FALSE;
}

Result<CK_ULONG> ReadNumber(Session& session, CK_OBJECT_HANDLE object,
                            CK_ATTRIBUTE_TYPE type) {
  return ReadFixed<CK_ULONG>(session, object, type);
}

Result<CK_OBJECT_HANDLE> GenerateGenericSecret(Session& session,
                                               const Attributes& attributes) {
  CK_MECHANISM mechanism{CKM_GENERIC_SECRET_KEY_GEN, nullptr, 0};
  auto list = attributes.ForCall();
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  SIGTOKEN_TRY(
      Check(session.functions().C_GenerateKey(session.handle(), &mechanism,
                                              list.data(), list.size(), &key),
            "C_GenerateKey", "generate a key"));
  return key;
}

Result<CK_OBJECT_HANDLE> CreateSecretKey(Session& session,
                                         const Attributes& attributes,
                                         Secret& value) {
  auto list = attributes.ForCall();
  list.push_back({CKA_VALUE, value.data(), value.size()});
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  SIGTOKEN_TRY(Check(session.functions().C_CreateObject(
                         session.handle(), list.data(), list.size(), &key),
                     "C_CreateObject", "import a key"));
  return key;
}

Result<Secret> ReadSecretValue(Session& session, CK_OBJECT_HANDLE object) {
  auto& functions = session.functions();
  const std::string doing = "read the value of a key";
  CK_ATTRIBUTE attribute{CKA_VALUE, nullptr, 0};
  SIGTOKEN_TRY(Check(
      functions.C_GetAttributeValue(session.handle(), object, &attribute, 1),
      "C_GetAttributeValue", doing));
  if (attribute.ulValueLen > kMaxAttributeBytes) {
    return Error{CKR_ATTRIBUTE_SENSITIVE,
                 "C_GetAttributeValue",
                 "could not " + doing,
                 "the module gave no length",
                 {}};
  }
  SIGTOKEN_ASSIGN(Secret value, Secret::OfSize(attribute.ulValueLen));
  attribute.pValue = value.data();
  SIGTOKEN_TRY(Check(
      functions.C_GetAttributeValue(session.handle(), object, &attribute, 1),
      "C_GetAttributeValue", doing));
  value.Shorten(attribute.ulValueLen);
  return value;
}

Status DestroyObject(Session& session, CK_OBJECT_HANDLE object) {
  return Check(session.functions().C_DestroyObject(session.handle(), object),
               "C_DestroyObject", "destroy an object");
}

}  // namespace sigtoken
