#include "keygen/services/secret_key_template.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "pkcs11/base/printable.h"
#include "pkcs11/icsf/attribute_types.h"

namespace sigtoken {
namespace {

Error BadValue(CK_ATTRIBUTE_TYPE type, std::string_view wanted) {
  return Refusal(kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
                 AttributeName(type) + " is not " + std::string(wanted),
                 "correct the value, or leave the attribute out");
}

Error Missing(CK_ATTRIBUTE_TYPE type) {
  return Refusal(kTemplateIncomplete, CKR_TEMPLATE_INCOMPLETE,
                 "the attribute list lacks " + AttributeName(type),
                 "add it: it has no default");
}

CK_ULONG NumberOf(const std::vector<std::uint8_t>& value) {
  CK_ULONG number = 0;
  std::memcpy(&number, value.data(), sizeof number);
  return number;
}

// Reads the attributes one by one.
class Reader {
 public:
  Reader(ByteOrder order, const KeySpec& base) : order_(order) {
    wanted_.spec = base;
    token_ = IsTokenCategory(base.category);
    secure_ = base.category == 'Y' || base.category == 'X';
    sign_ = !base.verify_only;
    if (!base.sensitive) return;
    sensitive_ = base.sensitive;
    extractable_ = base.exportable;
  }

  Status Take(ListedAttribute& attribute) {
    if (attribute.type == CKA_VALUE) {
      SIGTOKEN_ASSIGN(wanted_.value, Secret::Take(attribute.value));
      return Ok();
    }
    SIGTOKEN_ASSIGN(const auto value, ToCryptoki(attribute, order_));
    return TakeValue(attribute.type, value);
  }

  Result<SecretKeyTemplate> Finish() {
    KeySpec& spec = wanted_.spec;
    if (token_) {
      spec.category = secure_ ? 'Y' : 'T';
    } else {
      spec.category = secure_ ? 'X' : 'S';
    }
    // What was said alone decides the other one too.
    if (sensitive_ && !extractable_) {
      extractable_ = !*sensitive_;
    }
    if (extractable_) spec.exportable = *extractable_;
    spec.sensitive = sensitive_;
    spec.verify_only = !sign_;
    SIGTOKEN_TRY(CheckLabel());
    SIGTOKEN_TRY(CheckSpec(spec));
    return std::move(wanted_);
  }

 private:
  Status TakeValue(CK_ATTRIBUTE_TYPE type,
                   const std::vector<std::uint8_t>& value) {
    switch (type) {
      case CKA_CLASS:
        if (NumberOf(value) != CKO_SECRET_KEY) {
          return BadValue(type, "CKO_SECRET_KEY");
        }
        wanted_.has_class = true;
        return Ok();
      case CKA_KEY_TYPE:
        if (NumberOf(value) != CKK_GENERIC_SECRET) {
          return BadValue(type, "CKK_GENERIC_SECRET");
        }
        wanted_.has_key_type = true;
        return Ok();
      case CKA_VALUE_LEN:
        wanted_.spec.bytes = NumberOf(value);
        wanted_.has_value_len = true;
        return Ok();
      case CKA_LABEL:
        wanted_.spec.label.assign(value.begin(), value.end());
        return Ok();
      case CKA_ID:
      case CKA_APPLICATION:
      case CKA_START_DATE:
      case CKA_END_DATE:
      case CKA_DERIVE:
        wanted_.spec.kept[type] = value;
        return Ok();
      case CKA_LOCAL:
      case CKA_NEVER_EXTRACTABLE:
      case CKA_ALWAYS_SENSITIVE:
      case CKA_KEY_GEN_MECHANISM:
        return Refusal(kAttributeReadOnly, CKR_ATTRIBUTE_READ_ONLY,
                       AttributeName(type) + " is the token's to say",
                       "leave it out");
      default:
        return TakeFlag(type, value);
    }
  }

  Status TakeFlag(CK_ATTRIBUTE_TYPE type,
                  const std::vector<std::uint8_t>& value) {
    const AttributeType* known = FindAttributeType(type);
    const bool flag = value.size() == 1 && value.front() != CK_FALSE;
    switch (type) {
      case CKA_TOKEN:
        token_ = flag;
        return Ok();
      case CKA_SIGN:
        sign_ = flag;
        return Ok();
      case CKA_VERIFY:
        wanted_.spec.may_verify = flag;
        return Ok();
      case CKA_MODIFIABLE:
        wanted_.spec.modifiable = flag;
        return Ok();
      case CKA_SENSITIVE:
        sensitive_ = flag;
        return Ok();
      case CKA_EXTRACTABLE:
        extractable_ = flag;
        return Ok();
      case kCkaIbmSecure:
        secure_ = flag;
        return Ok();
      case CKA_PRIVATE:
        return flag ? Ok() : BadValue(type, "TRUE: keys here are private");
      case CKA_ENCRYPT:
      case CKA_DECRYPT:
      case CKA_WRAP:
      case CKA_UNWRAP:
        return flag ? BadValue(type, "FALSE: keys here are for HMAC") : Ok();
      case kCkaIbmFips140:
        return flag ? BadValue(type, "FALSE: no module here is asked for it")
                    : Ok();
      default:
        return Refusal(kAttributeTypeInvalid, CKR_ATTRIBUTE_TYPE_INVALID,
                       std::string(known->name) +
                           " is none that a secret key can be given",
                       "leave it out");
    }
  }

  Status CheckLabel() const {
    const std::string& label = wanted_.spec.label;
    if (label.size() <= kMaxLabelBytes &&
        std::none_of(label.begin(), label.end(), [](char c) {
          return (c >= 0 && c < ' ') || c == '\x7F';
        })) {
      return Ok();
    }
    return BadValue(CKA_LABEL, "printable text of at most 32 bytes");
  }

  ByteOrder order_;
  SecretKeyTemplate wanted_;
  bool token_;
  bool secure_;
  bool sign_;
  std::optional<bool> sensitive_;
  std::optional<bool> extractable_;
};

}  // namespace

Result<SecretKeyTemplate> ReadSecretKeyTemplate(
    std::span<ListedAttribute> attributes, ByteOrder order,
    const KeySpec& base) {
  Reader reader(order, base);
  for (ListedAttribute& attribute : attributes) {
    SIGTOKEN_TRY(reader.Take(attribute));
  }
  return reader.Finish();
}

KeySpec DefaultsOfServices() {
  KeySpec spec;
  spec.category = 'S';
  spec.modifiable = true;
  return spec;
}

Status CheckClassAndType(const SecretKeyTemplate& wanted) {
  if (!wanted.has_class) return Missing(CKA_CLASS);
  if (!wanted.has_key_type) return Missing(CKA_KEY_TYPE);
  return Ok();
}

}  // namespace sigtoken
