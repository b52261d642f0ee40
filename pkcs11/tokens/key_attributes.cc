#include "pkcs11/tokens/key_attributes.h"

#include <array>
#include <cstring>
#include <utility>

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/objects.h"

namespace sigtoken {
namespace {

constexpr auto kFlags = std::to_array<KeyFlag>({
    {CKA_TOKEN, "CKA_TOKEN"},
    {CKA_PRIVATE, "CKA_PRIVATE"},
    {CKA_MODIFIABLE, "CKA_MODIFIABLE"},
    {CKA_SENSITIVE, "CKA_SENSITIVE"},
    {CKA_EXTRACTABLE, "CKA_EXTRACTABLE"},
    {CKA_ALWAYS_SENSITIVE, "CKA_ALWAYS_SENSITIVE"},
    {CKA_NEVER_EXTRACTABLE, "CKA_NEVER_EXTRACTABLE"},
    {CKA_LOCAL, "CKA_LOCAL"},
    {CKA_SIGN, "CKA_SIGN"},
    {CKA_VERIFY, "CKA_VERIFY"},
    {CKA_ENCRYPT, "CKA_ENCRYPT"},
    {CKA_DECRYPT, "CKA_DECRYPT"},
    {CKA_WRAP, "CKA_WRAP"},
    {CKA_UNWRAP, "CKA_UNWRAP"},
    {CKA_DERIVE, "CKA_DERIVE"},
});

std::vector<CK_ATTRIBUTE_TYPE> TypesToRead() {
  std::vector<CK_ATTRIBUTE_TYPE> types = {CKA_LABEL, CKA_ID, CKA_KEY_TYPE,
                                          CKA_VALUE_LEN};
  for (const KeyFlag& flag : kFlags) types.push_back(flag.type);
  return types;
}

// Nothing also for a value of another width.
template <typename T>
std::optional<T> ValueOf(const AttributeValues& values,
                         CK_ATTRIBUTE_TYPE type) {
  const auto found = values.find(type);
  T value{};
  if (found == values.end() || found->second.size() != sizeof value) {
    return std::nullopt;
  }
  std::memcpy(&value, found->second.data(), sizeof value);
  return value;
}

}  // namespace

std::span<const KeyFlag> KeyFlags() { return kFlags; }

bool KeyAttributes::Is(CK_ATTRIBUTE_TYPE flag) const {
  const auto found = flags.find(flag);
  return found != flags.end() && found->second;
}

bool KeyAttributes::IsHmacKey() const {
  return type == CKK_GENERIC_SECRET || type == CKK_SHA256_HMAC ||
         type == CKK_SHA384_HMAC || type == CKK_SHA512_HMAC;
}

bool KeyAttributes::MayBeRead() const {
  return !Is(CKA_SENSITIVE) || Is(CKA_EXTRACTABLE);
}

Result<KeyAttributes> ReadKeyAttributes(Session& session,
                                        CK_OBJECT_HANDLE object) {
  SIGTOKEN_ASSIGN(auto values, ReadAttributes(session, object, TypesToRead()));
  KeyAttributes attributes;
  const auto& label = values[CKA_LABEL];
  attributes.label.assign(label.begin(), label.end());
  attributes.id = std::move(values[CKA_ID]);
  if (const auto type = ValueOf<CK_ULONG>(values, CKA_KEY_TYPE)) {
    attributes.type = *type;
  }
  const auto bytes = ValueOf<CK_ULONG>(values, CKA_VALUE_LEN);
  // openCryptoki says 0 of keys that were imported.
  if (bytes && *bytes != 0) attributes.value_bytes = *bytes;
  for (const KeyFlag& flag : kFlags) {
    if (const auto value = ValueOf<CK_BBOOL>(values, flag.type)) {
      attributes.flags[flag.type] = *value != CK_FALSE;
    }
  }
  return attributes;
}

Status CheckAgainstCategory(const KeyAttributes& attributes, char category,
                            Expected expected) {
  const bool ours = expected != Expected::kOfOthers;
  const bool secure = category == 'Y' || category == 'X' ||
                      expected == Expected::kOursNotExportable;
  struct Promise {
    CK_ATTRIBUTE_TYPE type;
    std::string_view name;
    bool value;
  };
  std::vector<Promise> promises = {
      {CKA_TOKEN, "CKA_TOKEN", IsTokenCategory(category)}};
  if (ours || secure) promises.push_back({CKA_PRIVATE, "CKA_PRIVATE", true});
  if (secure) {
    promises.push_back({CKA_SENSITIVE, "CKA_SENSITIVE", true});
    promises.push_back({CKA_EXTRACTABLE, "CKA_EXTRACTABLE", false});
  }
  for (const Promise& promise : promises) {
    const auto found = attributes.flags.find(promise.type);
    if (found != attributes.flags.end() && found->second == promise.value) {
      continue;
    }
    const std::string value = std::string(promise.name) + " is not " +
                              (promise.value ? "TRUE" : "FALSE");
    const bool by_category = promise.type == CKA_TOKEN ||
                             promise.type == CKA_PRIVATE || category != 'T';
    return Refusal(kObjectNotFound, CKR_ATTRIBUTE_VALUE_INVALID,
                   by_category
                       ? "the object is not what category " +
                             Quoted({&category, 1}) + " says: its " + value
                       : "nobody asked for a key whose value may be read, and "
                         "its " +
                             value,
                   ours ? "somebody changed it or made it with other tools: "
                          "delete it with --force and generate a new key"
                        : "use category T, or a key that was made private, "
                          "sensitive and not extractable");
  }
  return Ok();
}

}  // namespace sigtoken
