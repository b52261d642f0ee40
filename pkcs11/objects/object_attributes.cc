#include "pkcs11/objects/object_attributes.h"

#include <array>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "pkcs11/icsf/attribute_types.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/tokens/object_index.h"

namespace sigtoken {
namespace {

// What a token is asked for. Not the dates: SoftHSM2 cannot read those of a
// private object. Nor a key's value, which has a place of its own.
constexpr auto kSecretKey =
    std::to_array<CK_ATTRIBUTE_TYPE>({CKA_CLASS,
                                      CKA_TOKEN,
                                      CKA_PRIVATE,
                                      CKA_LABEL,
                                      CKA_KEY_TYPE,
                                      CKA_ID,
                                      CKA_SENSITIVE,
                                      CKA_ENCRYPT,
                                      CKA_DECRYPT,
                                      CKA_WRAP,
                                      CKA_UNWRAP,
                                      CKA_SIGN,
                                      CKA_VERIFY,
                                      CKA_DERIVE,
                                      CKA_VALUE_LEN,
                                      CKA_EXTRACTABLE,
                                      CKA_LOCAL,
                                      CKA_NEVER_EXTRACTABLE,
                                      CKA_ALWAYS_SENSITIVE,
                                      CKA_KEY_GEN_MECHANISM,
                                      CKA_MODIFIABLE});
constexpr auto kData = std::to_array<CK_ATTRIBUTE_TYPE>(
    {CKA_CLASS, CKA_TOKEN, CKA_PRIVATE, CKA_LABEL, CKA_APPLICATION, CKA_VALUE,
     CKA_OBJECT_ID, CKA_MODIFIABLE});
constexpr auto kPublicKey = std::to_array<CK_ATTRIBUTE_TYPE>(
    {CKA_CLASS, CKA_TOKEN, CKA_PRIVATE, CKA_LABEL, CKA_KEY_TYPE, CKA_SUBJECT,
     CKA_ID, CKA_ENCRYPT, CKA_WRAP, CKA_VERIFY, CKA_VERIFY_RECOVER, CKA_DERIVE,
     CKA_MODULUS, CKA_MODULUS_BITS, CKA_PUBLIC_EXPONENT, CKA_LOCAL,
     CKA_KEY_GEN_MECHANISM, CKA_MODIFIABLE});
constexpr auto kPrivateKey =
    std::to_array<CK_ATTRIBUTE_TYPE>({CKA_CLASS,
                                      CKA_TOKEN,
                                      CKA_PRIVATE,
                                      CKA_LABEL,
                                      CKA_KEY_TYPE,
                                      CKA_SUBJECT,
                                      CKA_ID,
                                      CKA_SENSITIVE,
                                      CKA_DECRYPT,
                                      CKA_UNWRAP,
                                      CKA_SIGN,
                                      CKA_SIGN_RECOVER,
                                      CKA_DERIVE,
                                      CKA_MODULUS,
                                      CKA_PUBLIC_EXPONENT,
                                      CKA_EXTRACTABLE,
                                      CKA_LOCAL,
                                      CKA_NEVER_EXTRACTABLE,
                                      CKA_ALWAYS_SENSITIVE,
                                      CKA_KEY_GEN_MECHANISM,
                                      CKA_MODIFIABLE});

std::span<const CK_ATTRIBUTE_TYPE> TypesOf(CK_OBJECT_CLASS object_class) {
  switch (object_class) {
    case CKO_DATA:
      return kData;
    case CKO_PUBLIC_KEY:
      return kPublicKey;
    case CKO_PRIVATE_KEY:
      return kPrivateKey;
    default:
      return kSecretKey;
  }
}

std::vector<std::uint8_t> FlagValue(bool flag) {
  return {static_cast<std::uint8_t>(flag ? CK_TRUE : CK_FALSE)};
}

std::vector<std::uint8_t> NumberValue(CK_ULONG number) {
  std::vector<std::uint8_t> value(sizeof number);
  std::memcpy(value.data(), &number, sizeof number);
  return value;
}

// Its true length, where the key lies in the token with zeros behind it; 0
// where nobody knows.
Result<std::size_t> TrueBytes(Icsf& icsf, Token& token, const Handle& handle) {
  if (!IsTokenCategory(handle.object()->category)) {
    const auto session = icsf.sessions().Find(handle);
    return session ? session->bytes : 0;
  }
  SIGTOKEN_ASSIGN(
      const auto record,
      FindObjectRecord(token.database(), token.name(), *handle.object()));
  return record ? record->bytes : 0;
}

}  // namespace

bool ObjectAttributes::Is(CK_ATTRIBUTE_TYPE flag) const {
  const auto found = values.find(flag);
  return found != values.end() && found->second.size() == 1 &&
         found->second.front() != CK_FALSE;
}

Result<KeptAttributes> FindKept(Icsf& icsf, Token& token,
                                const Handle& handle) {
  if (IsTokenCategory(handle.object()->category)) {
    return FindKeptAttributes(token.database(), token.name(), *handle.object());
  }
  const auto session = icsf.sessions().Find(handle);
  return session ? session->kept : KeptAttributes();
}

Result<ObjectAttributes> ReadSearchAttributes(Icsf& icsf, Token& token,
                                              Session& session,
                                              const Handle& handle,
                                              const Located& located) {
  ObjectAttributes attributes{located.object_class, {}, {}};
  AttributeValues& values = attributes.values;
  SIGTOKEN_ASSIGN(values, ReadAttributes(session, located.object,
                                         TypesOf(located.object_class)));
  if (located.object_class != CKO_DATA) {
    values.try_emplace(CKA_APPLICATION);
    values.try_emplace(CKA_START_DATE);
    values.try_emplace(CKA_END_DATE);
  }
  if (located.object_class == CKO_SECRET_KEY) {
    SIGTOKEN_ASSIGN(const std::size_t bytes, TrueBytes(icsf, token, handle));
    if (bytes != 0) values[CKA_VALUE_LEN] = NumberValue(bytes);
    const char category = handle.object()->category;
    values[kCkaIbmSecure] = FlagValue(category == 'Y' || category == 'X');
  }
  SIGTOKEN_ASSIGN(const auto kept, FindKept(icsf, token, handle));
  for (const auto& [type, value] : kept) values[type] = value;
  return attributes;
}

Result<ObjectAttributes> ReadObjectAttributes(Icsf& icsf, Token& token,
                                              Session& session,
                                              const Handle& handle,
                                              const Located& located) {
  SIGTOKEN_ASSIGN(auto attributes,
                  ReadSearchAttributes(icsf, token, session, handle, located));
  if (located.object_class != CKO_SECRET_KEY || attributes.Is(CKA_SENSITIVE) ||
      !attributes.Is(CKA_EXTRACTABLE)) {
    return attributes;
  }
  SIGTOKEN_ASSIGN(Secret value, ReadSecretValue(session, located.object));
  SIGTOKEN_ASSIGN(const std::size_t bytes, TrueBytes(icsf, token, handle));
  if (bytes != 0 && bytes < value.size()) value.Shorten(bytes);
  attributes.key_value = std::move(value);
  return attributes;
}

namespace {

Result<ObjectAttributes> ReadOnce(Icsf& icsf, Token& token,
                                  const Handle& handle) {
  SIGTOKEN_TRY(token.Login());
  SIGTOKEN_ASSIGN(const auto held, token.Look());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  const ObjectId id = *handle.object();
  SIGTOKEN_ASSIGN(const Located located, Locate(token, held, session, id));
  if (located.object_class == CKO_SECRET_KEY) {
    SIGTOKEN_TRY(ExamineAs(token, held, located.object, id));
  }
  auto attributes = ReadObjectAttributes(icsf, token, session, handle, located);
  if (!attributes || attributes->values.contains(CKA_CLASS)) return attributes;
  // It lacks nothing but an answer: a module that fails may refuse each
  // attribute as if the object had it not.
  return Error{CKR_GENERAL_ERROR,
               "C_GetAttributeValue",
               "could not read the attributes of " + handle.FormatShort(),
               "see whether the device still answers, then try again",
               {}};
}

}  // namespace

Result<ObjectAttributes> ReadObject(Icsf& icsf, const Handle& handle) {
  SIGTOKEN_TRY(CheckIsNoState(handle));
  SIGTOKEN_ASSIGN(const auto token,
                  icsf.directory().FindToken(handle.token_name()));
  auto read =
      token->WithRecovery([&] { return ReadOnce(icsf, *token, handle); });
  if (read) return read;
  return ExplainMissing(icsf, handle, std::move(read).error());
}

CleansedBytes FormatAttributes(const ObjectAttributes& attributes,
                               ByteOrder order) {
  std::vector<ListedAttribute> listed;
  for (const auto& [type, value] : attributes.values) {
    listed.push_back(ToIcsfList(type, value, order));
  }
  if (attributes.key_value) {
    listed.push_back(ToIcsfList(
        CKA_VALUE, {attributes.key_value->data(), attributes.key_value->size()},
        order));
  }
  return FormatAttributeList(listed, order);
}

}  // namespace sigtoken
