#include "keygen/key_template.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

namespace sigtoken {
namespace {

// The true-or-false attributes of a key, and what each must be.
std::map<CK_ATTRIBUTE_TYPE, bool> Flags(const KeySpec& spec) {
  return {{CKA_TOKEN, IsTokenCategory(spec.category)},
          {CKA_PRIVATE, true},
          {CKA_SENSITIVE, spec.is_sensitive()},
          {CKA_EXTRACTABLE, spec.exportable},
          {CKA_SIGN, !spec.verify_only},
          {CKA_VERIFY, spec.may_verify},
          {CKA_ENCRYPT, false},
          {CKA_DECRYPT, false},
          {CKA_WRAP, false},
          {CKA_UNWRAP, false},
          {CKA_DERIVE, false}};
}

Error NotKept(std::string_view what) {
  return Refusal(kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
                 "the module made a key whose " + std::string(what) +
                     " is not what was asked for; it was destroyed again",
                 "this module cannot hold keys safely: use another");
}

// NSS makes every token key sensitive, whatever is asked for.
Error KeptInside(std::string_view what) {
  Error error = NotKept(what);
  error.cure = "this module lets no key out: leave --exportable out";
  return error;
}

}  // namespace

Attributes RequiredAttributes(const KeySpec& spec, const Handle& handle) {
  Attributes attributes;
  attributes.Number(CKA_CLASS, CKO_SECRET_KEY)
      .Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET);
  for (const auto& [type, value] : Flags(spec)) attributes.Flag(type, value);
  if (spec.modifiable) attributes.Flag(CKA_MODIFIABLE, true);
  attributes.Text(CKA_LABEL, spec.label).Text(CKA_ID, handle.FormatShort());
  return attributes;
}

void AddOptionalProtections(const KeySpec& spec, Attributes& attributes) {
  std::vector<std::uint8_t> mechanisms;
  for (const MacAlgorithm& algorithm : HmacAlgorithms()) {
    if (algorithm.is_ssl3) continue;
    std::array<std::uint8_t, sizeof algorithm.mechanism> number{};
    std::memcpy(number.data(), &algorithm.mechanism, number.size());
    mechanisms.insert(mechanisms.end(), number.begin(), number.end());
  }
  attributes.Bytes(CKA_ALLOWED_MECHANISMS, mechanisms);
  if (!spec.modifiable) attributes.Flag(CKA_MODIFIABLE, false);
}

const std::vector<OptionalProtection>& OptionalProtections() {
  static const auto* const protections = new std::vector<OptionalProtection>{
      {CKA_ALLOWED_MECHANISMS, "CKA_ALLOWED_MECHANISMS"},
      {CKA_MODIFIABLE, "CKA_MODIFIABLE"}};
  return *protections;
}

Status CheckReadBack(const KeySpec& spec, std::size_t stored_bytes,
                     const Handle& handle, const KeyAttributes& attributes) {
  const std::string id = handle.FormatShort();
  if (!std::equal(id.begin(), id.end(), attributes.id.begin(),
                  attributes.id.end())) {
    return NotKept("CKA_ID");
  }
  if (attributes.label != spec.label) return NotKept("CKA_LABEL");
  if (attributes.type != CKK_GENERIC_SECRET) return NotKept("CKA_KEY_TYPE");
  if (attributes.value_bytes && *attributes.value_bytes != stored_bytes) {
    return NotKept("CKA_VALUE_LEN");
  }
  const auto wanted = Flags(spec);
  for (const KeyFlag& flag : KeyFlags()) {
    const auto asked = wanted.find(flag.type);
    if (asked == wanted.end()) continue;
    const auto kept = attributes.flags.find(flag.type);
    if (kept != attributes.flags.end()) {
      if (asked->second == kept->second) continue;
      if (spec.exportable && flag.type == CKA_SENSITIVE) {
        return KeptInside(flag.name);
      }
      return NotKept(flag.name);
    }
    // What a module does not have at all, such as CKA_DERIVE, it cannot allow;
    // what protects the key must be there to be believed.
    if (flag.type == CKA_TOKEN || flag.type == CKA_PRIVATE ||
        flag.type == CKA_SENSITIVE || flag.type == CKA_EXTRACTABLE) {
      return NotKept(flag.name);
    }
  }
  return Ok();
}

}  // namespace sigtoken
