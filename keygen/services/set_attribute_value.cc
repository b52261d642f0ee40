#include "keygen/services/set_attribute_value.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "keygen/key_spec.h"
#include "keygen/replace.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/icsf/attribute_types.h"
#include "pkcs11/icsf/rule_array.h"
#include "pkcs11/objects/object_attributes.h"

namespace sigtoken {
namespace {

// What CSFPSAV may set, and who keeps it (z/OS ICSF Administrator's Guide,
// "Secret key details": the fields that can be changed).
constexpr auto kKeyInToken = std::to_array<CK_ATTRIBUTE_TYPE>(
    {CKA_LABEL, CKA_SIGN, CKA_VERIFY, CKA_SENSITIVE, CKA_EXTRACTABLE});
constexpr auto kKeyKept = std::to_array<CK_ATTRIBUTE_TYPE>(
    {CKA_ID, CKA_START_DATE, CKA_END_DATE, CKA_DERIVE});
constexpr auto kDataInToken =
    std::to_array<CK_ATTRIBUTE_TYPE>({CKA_LABEL, CKA_APPLICATION, CKA_VALUE});
constexpr auto kDataKept = std::to_array<CK_ATTRIBUTE_TYPE>({CKA_OBJECT_ID});

template <typename List>
bool Has(const List& list, CK_ATTRIBUTE_TYPE type) {
  return std::find(list.begin(), list.end(), type) != list.end();
}

Error ReadOnly(const std::string& message, const std::string& cure) {
  return Refusal(kAttributeReadOnly, CKR_ATTRIBUTE_READ_ONLY, message, cure);
}

bool IsTrue(const std::vector<std::uint8_t>& value) {
  return value.size() == 1 && value.front() != CK_FALSE;
}

// Doors that open to one side (PKCS #11 v2.40, table 15, notes 10 and 11).
Status CheckDoor(CK_ATTRIBUTE_TYPE type,
                 const std::vector<std::uint8_t>& value) {
  if (type == CKA_SENSITIVE && !IsTrue(value)) {
    return ReadOnly("a key that is CKA_SENSITIVE stays so",
                    "make a new key whose value may be read");
  }
  if (type == CKA_EXTRACTABLE && IsTrue(value)) {
    return ReadOnly("a key that is not CKA_EXTRACTABLE stays so",
                    "make a new key whose value may be read");
  }
  return Ok();
}

Status CheckLabel(const std::vector<std::uint8_t>& label) {
  if (label.size() <= kMaxLabelBytes &&
      std::none_of(label.begin(), label.end(),
                   [](std::uint8_t c) { return c < ' ' || c == 0x7F; })) {
    return Ok();
  }
  return Refusal(kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
                 "CKA_LABEL is not printable text of at most 32 bytes",
                 "correct the value");
}

// What of `wanted` differs from `now`. Errors as SetAttributeValue().
Result<ObjectChange> ChangeOf(const ObjectAttributes& now, bool is_key,
                              const AttributeValues& wanted) {
  ObjectChange change;
  for (const auto& [type, value] : wanted) {
    const auto found = now.values.find(type);
    if (found != now.values.end() && found->second == value) continue;
    if (is_key ? Has(kKeyInToken, type) : Has(kDataInToken, type)) {
      if (is_key) SIGTOKEN_TRY(CheckDoor(type, value));
      if (is_key && type == CKA_LABEL) SIGTOKEN_TRY(CheckLabel(value));
      change.in_token[type] = value;
    } else if (is_key ? Has(kKeyKept, type) : Has(kDataKept, type)) {
      change.kept[type] = value;
    } else {
      return ReadOnly(
          AttributeName(type) + " cannot be changed once the object is made",
          "leave it out, or make a new object");
    }
  }
  return change;
}

// A key that does nothing is no key.
Status CheckUses(const ObjectAttributes& now, const ObjectChange& change) {
  const auto then = [&](CK_ATTRIBUTE_TYPE type) {
    const auto found = change.in_token.find(type);
    return found != change.in_token.end() ? IsTrue(found->second)
                                          : now.Is(type);
  };
  if (then(CKA_SIGN) || then(CKA_VERIFY)) return Ok();
  return Refusal(kTemplateInconsistent, CKR_TEMPLATE_INCONSISTENT,
                 "the key could neither sign nor verify",
                 "leave CKA_SIGN or CKA_VERIFY TRUE, or delete the key");
}

}  // namespace

Status SetAttributeValue(Icsf& icsf, const SetAttributeValueCall& call) {
  SIGTOKEN_TRY(ParseRuleArray(call.rule_array, {}));
  SIGTOKEN_ASSIGN(const Handle handle, ObjectHandleOf(call.handle));
  SIGTOKEN_ASSIGN(const auto listed,
                  ParseAttributeList(call.attribute_list, call.order));
  SIGTOKEN_ASSIGN(const auto now, ReadObject(icsf, handle));
  const bool is_key = now.object_class != CKO_DATA;
  AttributeValues wanted;
  for (const ListedAttribute& attribute : listed) {
    // Before it is copied: it may be a key's.
    if (is_key && attribute.type == CKA_VALUE) {
      return ReadOnly("the value of a key cannot be changed",
                      "make a new key of that value");
    }
    SIGTOKEN_ASSIGN(wanted[attribute.type], ToCryptoki(attribute, call.order));
  }
  if (!wanted.empty() && !now.Is(CKA_MODIFIABLE)) {
    return ReadOnly(
        "the object " + handle.FormatShort() + " is not CKA_MODIFIABLE",
        "make a new object");
  }
  SIGTOKEN_ASSIGN(const auto change, ChangeOf(now, is_key, wanted));
  if (change.in_token.empty() && change.kept.empty()) return Ok();
  if (is_key) SIGTOKEN_TRY(CheckUses(now, change));
  SIGTOKEN_ASSIGN(const auto token,
                  icsf.directory().FindToken(handle.token_name()));
  auto done = ReplaceObject(icsf, *token, handle, change);
  // Whatever came of it: its attributes, and the object, may be others now.
  icsf.Forget(handle);
  if (done) return done;
  return ExplainMissing(icsf, handle, done.error());
}

}  // namespace sigtoken
