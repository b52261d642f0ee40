#include "keygen/services/generate_secret_key.h"

#include <algorithm>
#include <array>
#include <optional>

#include "keygen/generate.h"
#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

constexpr std::string_view kRuleKey = "KEY     ";
// csnpdefs.h of z/OS: true for a key in an Enterprise PKCS #11 coprocessor.
constexpr std::uint32_t kCkaIbmSecure = 0x80000006;

Result<TokenName> NameIn(std::string_view handle) {
  if (handle.size() != Handle::kLength) {
    return Refusal(kHandleInvalid, CKR_ARGUMENTS_BAD,
                   "the handle has " + std::to_string(handle.size()) +
                       " characters, not 44",
                   "pad the token name with blanks");
  }
  std::string_view name = handle.substr(0, TokenName::kMaxLength);
  name = name.substr(0, name.find_last_not_of(' ') + 1);
  return TokenName::Parse(name);
}

Error BadValue(std::string_view attribute, std::string_view wanted) {
  return Refusal(kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
                 std::string(attribute) + " is not " + std::string(wanted),
                 "correct the value, or leave the attribute out");
}

// Reads the attributes one by one into a KeySpec.
class Template {
 public:
  explicit Template(ByteOrder order) : order_(order) {}

  Status Take(const ListedAttribute& attribute) {
    switch (attribute.type) {
      case CKA_CLASS:
        return Is(attribute, "CKA_CLASS", CKO_SECRET_KEY, "CKO_SECRET_KEY",
                  has_class_);
      case CKA_KEY_TYPE:
        return Is(attribute, "CKA_KEY_TYPE", CKK_GENERIC_SECRET,
                  "CKK_GENERIC_SECRET", has_type_);
      case CKA_VALUE_LEN: {
        SIGTOKEN_ASSIGN(spec_.bytes, ParseNumber(attribute, order_));
        has_length_ = true;
        return Ok();
      }
      case CKA_LABEL:
        spec_.label.assign(attribute.value.begin(), attribute.value.end());
        return Ok();
      default:
        return TakeFlag(attribute);
    }
  }

  Result<KeySpec> Finish() const {
    struct Required {
      bool there;
      std::string_view name;
    };
    for (const auto& required :
         std::to_array<Required>({{has_class_, "CKA_CLASS"},
                                  {has_type_, "CKA_KEY_TYPE"},
                                  {token_.has_value(), "CKA_TOKEN"},
                                  {has_length_, "CKA_VALUE_LEN"}})) {
      if (required.there) continue;
      return Refusal(kTemplateIncomplete, CKR_TEMPLATE_INCOMPLETE,
                     "the attribute list lacks " + std::string(required.name),
                     "add it: CSFPGSK has no default for it here");
    }
    if (!*token_) {
      return BadValue("CKA_TOKEN",
                      "TRUE: keys that end with the process are not "
                      "made by this program");
    }
    if (!private_) return BadValue("CKA_PRIVATE", "TRUE");
    if (!verify_) return BadValue("CKA_VERIFY", "TRUE");
    if (sensitive_ == extractable_) {
      return BadValue("CKA_SENSITIVE", "the opposite of CKA_EXTRACTABLE");
    }
    KeySpec spec = spec_;
    spec.exportable = extractable_;
    spec.verify_only = !sign_;
    spec.category = secure_ ? 'Y' : 'T';
    return spec;
  }

 private:
  Status Is(const ListedAttribute& attribute, std::string_view name,
            CK_ULONG wanted, std::string_view wanted_name, bool& seen) {
    SIGTOKEN_ASSIGN(const std::uint32_t value, ParseNumber(attribute, order_));
    if (value != wanted) return BadValue(name, wanted_name);
    seen = true;
    return Ok();
  }

  Status TakeFlag(const ListedAttribute& attribute) {
    bool* flag = nullptr;
    bool token = false;
    switch (attribute.type) {
      case CKA_TOKEN:
        flag = &token;
        break;
      case CKA_PRIVATE:
        flag = &private_;
        break;
      case CKA_SIGN:
        flag = &sign_;
        break;
      case CKA_VERIFY:
        flag = &verify_;
        break;
      case CKA_SENSITIVE:
        flag = &sensitive_;
        break;
      case CKA_EXTRACTABLE:
        flag = &extractable_;
        break;
      case kCkaIbmSecure:
        flag = &secure_;
        break;
      default:
        return Refusal(kAttributeTypeInvalid, CKR_ATTRIBUTE_TYPE_INVALID,
                       "attribute X'" + Hex(attribute.type, 8) +
                           "' is none that a new secret key can be given",
                       "leave it out");
    }
    SIGTOKEN_ASSIGN(*flag, ParseFlag(attribute));
    if (attribute.type == CKA_TOKEN) token_ = token;
    return Ok();
  }

  ByteOrder order_;
  KeySpec spec_;
  bool has_class_ = false;
  bool has_type_ = false;
  bool has_length_ = false;
  std::optional<bool> token_;
  bool private_ = true;
  bool sign_ = true;
  bool verify_ = true;
  bool sensitive_ = true;
  bool extractable_ = false;
  bool secure_ = false;
};

}  // namespace

Result<MadeKey> GenerateSecretKey(Directory& directory,
                                  const GenerateSecretKeyCall& call) {
  SIGTOKEN_ASSIGN(const TokenName name, NameIn(call.handle));
  if (call.rule_array != kRuleKey) {
    return Refusal(
        kRuleArrayInvalid, CKR_ARGUMENTS_BAD,
        "the rule " + Quoted(call.rule_array) + " is none of this service",
        "use 'KEY     '");
  }
  SIGTOKEN_ASSIGN(const auto attributes,
                  ParseAttributeList(call.attribute_list, call.order));
  Template wanted(call.order);
  for (const ListedAttribute& attribute : attributes) {
    SIGTOKEN_TRY(wanted.Take(attribute));
  }
  SIGTOKEN_ASSIGN(const KeySpec spec, wanted.Finish());
  SIGTOKEN_ASSIGN(const auto token, directory.FindToken(name));
  return GenerateKey(*token, spec);
}

}  // namespace sigtoken
