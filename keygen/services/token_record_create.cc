#include "keygen/services/token_record_create.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "keygen/copy.h"
#include "keygen/data_object.h"
#include "keygen/import.h"
#include "keygen/services/data_template.h"
#include "keygen/services/secret_key_template.h"
#include "keygen/session_key.h"
#include "pkcs11/icsf/rule_array.h"
#include "pkcs11/objects/object_attributes.h"

namespace sigtoken {
namespace {

constexpr std::array<std::string_view, 2> kKinds = {"TOKEN", "OBJECT"};
constexpr std::array<std::string_view, 2> kWays = {"RECREATE", "COPY"};

// The attribute string of a token, which is no list.
constexpr std::size_t kTokenBytes = 68;
constexpr std::size_t kReservedBytes = 4;

std::string Field(std::span<const std::uint8_t> bytes) {
  std::string text(bytes.begin(), bytes.end());
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

Result<TokenDescription> DescriptionIn(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != kTokenBytes) {
    return Refusal(kLengthInvalid, CKR_ARGUMENTS_BAD,
                   "the attributes of a token have " +
                       std::to_string(bytes.size()) + " bytes, not 68",
                   "pass manufacturer 32, model 16, serial number 16, and 4 "
                   "zeros");
  }
  const auto reserved = bytes.last(kReservedBytes);
  if (std::any_of(reserved.begin(), reserved.end(),
                  [](std::uint8_t byte) { return byte != 0; })) {
    return Refusal(kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
                   "the last 4 bytes of the attributes of a token are not zero",
                   "they are reserved");
  }
  return TokenDescription{Field(bytes.subspan(0, 32)),
                          Field(bytes.subspan(32, 16)),
                          Field(bytes.subspan(48, 16))};
}

Result<Handle> CreateToken(Icsf& icsf, const TokenRecordCreateCall& call,
                           bool again) {
  SIGTOKEN_ASSIGN(const TokenName name, TokenNameOf(call.handle));
  SIGTOKEN_ASSIGN(const auto description, DescriptionIn(call.attributes));
  if (!again) {
    SIGTOKEN_TRY(icsf.directory().CreateToken(name, description));
    return Handle(name);
  }
  icsf.ForgetAllOf(name);
  SIGTOKEN_TRY(icsf.directory().RecreateToken(name, description));
  icsf.ForgetAllOf(name);
  icsf.sessions().RemoveAllOf(name);
  icsf.states().DeleteAllOf(name);
  return Handle(name);
}

// CKA_CLASS of a list; nothing where it is not in it.
Result<std::optional<CK_OBJECT_CLASS>> ClassIn(
    std::span<const ListedAttribute> attributes, ByteOrder order) {
  const auto found = std::find_if(
      attributes.begin(), attributes.end(),
      [](const ListedAttribute& a) { return a.type == CKA_CLASS; });
  if (found == attributes.end()) return std::optional<CK_OBJECT_CLASS>();
  SIGTOKEN_ASSIGN(const std::uint32_t number, ParseNumber(*found, order));
  return std::optional<CK_OBJECT_CLASS>(number);
}

Result<Handle> CreateKey(Icsf& icsf, Token& token,
                         std::span<ListedAttribute> attributes,
                         ByteOrder order) {
  SIGTOKEN_ASSIGN(auto wanted, ReadSecretKeyTemplate(attributes, order,
                                                     DefaultsOfServices()));
  SIGTOKEN_TRY(CheckClassAndType(wanted));
  if (wanted.has_value_len) {
    return Refusal(kAttributeReadOnly, CKR_ATTRIBUTE_READ_ONLY,
                   "CKA_VALUE_LEN is that of CKA_VALUE",
                   "leave it out; CSFPGSK makes a key of a length");
  }
  if (!wanted.value) {
    return Refusal(kTemplateIncomplete, CKR_TEMPLATE_INCOMPLETE,
                   "the attribute list lacks CKA_VALUE",
                   "add it, or have CSFPGSK make a random key");
  }
  SIGTOKEN_ASSIGN(const MadeKey made,
                  ImportKey(MakerFor(icsf, token, wanted.spec), wanted.spec,
                            *wanted.value));
  return *made.key.handle;
}

Result<Handle> CreateData(Icsf& icsf, Token& token,
                          std::span<const ListedAttribute> attributes,
                          ByteOrder order) {
  DataSpec base;
  base.category = 'S';  // PKCS #11's default for CKA_TOKEN.
  SIGTOKEN_ASSIGN(const auto spec, ReadDataTemplate(attributes, order, base));
  return MakeDataObject(icsf, token, spec);
}

Result<Handle> CreateObject(Icsf& icsf, const TokenRecordCreateCall& call) {
  SIGTOKEN_ASSIGN(const TokenName name, TokenNameOf(call.handle));
  SIGTOKEN_ASSIGN(auto attributes,
                  ParseAttributeList(call.attributes, call.order));
  SIGTOKEN_ASSIGN(const auto object_class, ClassIn(attributes, call.order));
  if (!object_class) {
    return Refusal(kTemplateIncomplete, CKR_TEMPLATE_INCOMPLETE,
                   "the attribute list lacks CKA_CLASS",
                   "add CKO_SECRET_KEY or CKO_DATA");
  }
  if (*object_class != CKO_SECRET_KEY && *object_class != CKO_DATA) {
    return Refusal(kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
                   "CKA_CLASS is neither CKO_SECRET_KEY nor CKO_DATA",
                   "other objects are put into the token with other tools");
  }
  SIGTOKEN_ASSIGN(const auto token, icsf.directory().FindToken(name));
  return *object_class == CKO_DATA
             ? CreateData(icsf, *token, attributes, call.order)
             : CreateKey(icsf, *token, attributes, call.order);
}

// What the copy of a key is, but for what the list overrides.
// Whether the module has said all that SpecOf() takes over.
Status CheckIsKnown(const ObjectAttributes& source, const Handle& handle) {
  for (const CK_ATTRIBUTE_TYPE type :
       {CKA_LABEL, CKA_SIGN, CKA_VERIFY, CKA_SENSITIVE, CKA_EXTRACTABLE}) {
    if (source.values.contains(type)) continue;
    return Unavailable("the module does not say what the key " +
                           handle.FormatShort() + " may do",
                       "see whether its device still answers, then try again");
  }
  return Ok();
}

KeySpec SpecOf(const ObjectAttributes& source, const Handle& handle) {
  KeySpec spec;
  spec.category = handle.object()->category;
  const auto& label = source.values.at(CKA_LABEL);
  spec.label.assign(label.begin(), label.end());
  spec.verify_only = !source.Is(CKA_SIGN);
  spec.may_verify = source.Is(CKA_VERIFY);
  spec.sensitive = source.Is(CKA_SENSITIVE);
  spec.exportable = source.Is(CKA_EXTRACTABLE);
  spec.modifiable = source.Is(CKA_MODIFIABLE);
  return spec;
}

Error OneWay(std::string_view attribute) {
  return Refusal(
      kAttributeReadOnly, CKR_ATTRIBUTE_READ_ONLY,
      "a copy is no laxer than its original: " + std::string(attribute),
      "leave it out of the list");
}

Result<Handle> CopyKey(Icsf& icsf, Token& token, const Handle& handle,
                       const ObjectAttributes& source,
                       std::span<ListedAttribute> attributes, ByteOrder order) {
  SIGTOKEN_TRY(CheckIsKnown(source, handle));
  KeySpec base = SpecOf(source, handle);
  SIGTOKEN_ASSIGN(base.kept, FindKept(icsf, token, handle));
  SIGTOKEN_ASSIGN(auto wanted, ReadSecretKeyTemplate(attributes, order, base));
  const KeySpec& spec = wanted.spec;
  if (wanted.value || wanted.has_value_len)
    return OneWay("its value is the same");
  if (source.Is(CKA_SENSITIVE) && !spec.is_sensitive()) {
    return OneWay("CKA_SENSITIVE stays TRUE");
  }
  if (!source.Is(CKA_EXTRACTABLE) && spec.exportable) {
    return OneWay("CKA_EXTRACTABLE stays FALSE");
  }
  SIGTOKEN_ASSIGN(const MadeKey made, CopyKeyTo(MakerFor(icsf, token, spec),
                                                token, *handle.object(), spec));
  return *made.key.handle;
}

Result<Handle> CopyData(Icsf& icsf, Token& token, const Handle& handle,
                        const ObjectAttributes& source,
                        std::span<const ListedAttribute> attributes,
                        ByteOrder order) {
  DataSpec base;
  base.category = handle.object()->category;
  base.is_private = source.Is(CKA_PRIVATE);
  const auto value = [&](CK_ATTRIBUTE_TYPE type) {
    const auto found = source.values.find(type);
    return found == source.values.end() ? std::vector<std::uint8_t>()
                                        : found->second;
  };
  base.label = value(CKA_LABEL);
  base.application = value(CKA_APPLICATION);
  base.value = value(CKA_VALUE);
  SIGTOKEN_ASSIGN(base.kept, FindKept(icsf, token, handle));
  SIGTOKEN_ASSIGN(const auto spec, ReadDataTemplate(attributes, order, base));
  return MakeDataObject(icsf, token, spec);
}

Result<Handle> CopyObject(Icsf& icsf, const TokenRecordCreateCall& call) {
  SIGTOKEN_ASSIGN(const Handle handle, ObjectHandleOf(call.handle));
  SIGTOKEN_ASSIGN(auto attributes,
                  ParseAttributeList(call.attributes, call.order));
  SIGTOKEN_ASSIGN(const auto source, ReadObject(icsf, handle));
  SIGTOKEN_ASSIGN(const auto token,
                  icsf.directory().FindToken(handle.token_name()));
  if (source.object_class == CKO_DATA) {
    return CopyData(icsf, *token, handle, source, attributes, call.order);
  }
  if (source.object_class != CKO_SECRET_KEY) {
    return Refusal(kKeyTypeInconsistent, CKR_KEY_TYPE_INCONSISTENT,
                   "the object " + handle.FormatShort() +
                       " is neither a secret key nor a data object",
                   "copy it with the tool that made it");
  }
  return CopyKey(icsf, *token, handle, source, attributes, call.order);
}

}  // namespace

Result<Handle> TokenRecordCreate(Icsf& icsf,
                                 const TokenRecordCreateCall& call) {
  SIGTOKEN_ASSIGN(
      const auto rules,
      ParseRuleArray(call.rule_array, {{{"kind of what is made", kKinds},
                                        {"way", kWays, "neither"}}}));
  const bool token = rules[0] == "TOKEN";
  if (rules[1] == (token ? "COPY" : "RECREATE")) {
    return Refusal(
        kRuleArrayInvalid, CKR_ARGUMENTS_BAD,
        std::string(rules[1]) + " does not go with " + std::string(rules[0]),
        "RECREATE is for tokens and COPY for objects");
  }
  if (token) return CreateToken(icsf, call, rules[1] == "RECREATE");
  return rules[1] == "COPY" ? CopyObject(icsf, call) : CreateObject(icsf, call);
}

}  // namespace sigtoken
