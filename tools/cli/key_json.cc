#include "tools/cli/key_json.h"

#include <array>

#include "pkcs11/base/printable.h"
#include "pkcs11/setup/uri.h"
#include "pkcs11/tokens/check_value.h"

namespace sigtoken::cli {
namespace {

struct TypeName {
  CK_KEY_TYPE type;
  const char* name;
};

constexpr auto kTypeNames = std::to_array<TypeName>({
    {CKK_GENERIC_SECRET, "CKK_GENERIC_SECRET"},
    {CKK_SHA256_HMAC, "CKK_SHA256_HMAC"},
    {CKK_SHA384_HMAC, "CKK_SHA384_HMAC"},
    {CKK_SHA512_HMAC, "CKK_SHA512_HMAC"},
});

std::string NameOfType(CK_KEY_TYPE type) {
  for (const TypeName& row : kTypeNames) {
    if (row.type == type) return row.name;
  }
  return "0x" + Hex(type, 8);
}

Json AttributesJson(const KeyAttributes& attributes) {
  Json json = {{"CKA_KEY_TYPE", NameOfType(attributes.type)}};
  json["CKA_VALUE_LEN"] =
      attributes.value_bytes ? Json(*attributes.value_bytes) : Json();
  json["CKA_ID"] = Hex(attributes.id);
  for (const KeyFlag& flag : KeyFlags()) {
    const auto value = attributes.flags.find(flag.type);
    json[std::string(flag.name)] =
        value != attributes.flags.end() ? Json(value->second) : Json();
  }
  return json;
}

std::string UriOf(const Token& token, const FoundKey& key) {
  return FormatKeyUri(token.info(), key.attributes.id, key.attributes.label);
}

std::string Algorithm(const FoundKey& key) {
  return key.record ? key.record->algorithm : "";
}

}  // namespace

std::string IdtParms(const Handle& handle, const FoundKey& key) {
  const std::string algorithm = Algorithm(key);
  return "IDTPARMS(SIGTOKEN(" + handle.token_name().text() + ") SIGSEQNUM(" +
         Hex(handle.object()->sequence, 8) + ") SIGCAT(" +
         handle.object()->category + ") SIGALG(" +
         (algorithm.empty() ? std::string(Hs256().name) : algorithm) + "))";
}

Json KeyJson(const Token& token, const FoundKey& key, bool with_attributes) {
  Json json;
  const auto& handle = key.handle;
  json["handle"] = handle ? Json(handle->Format()) : Json();
  json["token"] = token.name().text();
  json["sequence"] = handle ? Json(Hex(handle->object()->sequence, 8)) : Json();
  json["category"] =
      handle ? Json(std::string(1, handle->object()->category)) : Json();
  json["bytes"] = key.bytes() != 0 ? Json(key.bytes()) : Json();
  json["label"] = key.attributes.label;
  json["uri"] = UriOf(token, key);
  json["kcv"] = key.check_mac ? Json(KeyCheckValue(*key.check_mac)) : Json();
  if (!key.check_mac) json["kcv_reason"] = key.no_check_mac;
  json["idtparms"] = handle ? Json(IdtParms(*handle, key)) : Json();
  json["not_kept"] =
      key.record ? key.record->not_kept : std::vector<std::string>();
  json["disabled"] = key.disabled();
  if (with_attributes) json["attributes"] = AttributesJson(key.attributes);
  return json;
}

std::string KeyText(const Token& token, const FoundKey& key) {
  std::string text;
  const auto line = [&](const std::string& name, const std::string& value) {
    text += name + std::string(12 - name.size(), ' ') + value + "\n";
  };
  line("key",
       key.handle ? key.handle->FormatShort() : "(no handle: made by others)");
  if (key.handle) line("handle", "'" + key.handle->Format() + "'");
  line("label", Printable(key.attributes.label));
  line("bytes", key.bytes() != 0 ? std::to_string(key.bytes()) : "unknown");
  line("kcv", key.check_mac ? KeyCheckValue(*key.check_mac)
                            : "none: " + key.no_check_mac);
  if (key.disabled()) line("state", "disabled: neither signs nor verifies");
  line("uri", UriOf(token, key));
  if (key.handle) line("idtparms", IdtParms(*key.handle, key));
  return text;
}

void TellWhatIsLeftOut(const Token& token, const KeyList& list,
                       Answer& answer) {
  const std::string start = token.name().text() + ": left out: ";
  for (const std::string& why : list.left_out) {
    answer.warnings.emplace_back(start + why);
  }
  for (const std::string& why : list.half_made) {
    answer.details.emplace_back(start + why);
  }
}

Answer MadeKeyAnswer(const Token& token, const MadeKey& made) {
  Answer answer;
  answer.json = KeyJson(token, made.key, false);
  answer.json["existed"] = made.existed;
  answer.text = KeyText(token, made.key);
  for (const std::string& protection : made.not_kept) {
    answer.text += "not kept    " + protection + "\n";
  }
  if (made.existed) {
    answer.warnings.emplace_back(
        "a key of that label was there already: nothing was generated");
  }
  if (made.store_was_lost) {
    answer.warnings.emplace_back(
        "THE STATE STORE HAD NO RECORD of the token " + token.name().text() +
        ": it was made from the token's keys. Numbers of keys that were "
        "deleted before, which keys were disabled or adopted, and the true "
        "length of short ones are not known any more");
  }
  if (made.key.attributes.Is(CKA_EXTRACTABLE) && !made.existed) {
    answer.warnings.emplace_back(
        "THIS KEY IS EXPORTABLE: whoever has the token's PIN can read its "
        "value and sign elsewhere");
  }
  if (!made.key.attributes.Is(CKA_PRIVATE)) {
    answer.warnings.emplace_back(
        "THIS KEY IS PUBLIC, its CKA_PRIVATE is FALSE: whoever reaches the "
        "token can sign with it without a PIN");
  }
  const std::size_t bytes = made.key.bytes();
  if (bytes != 0 && bytes < Hs256().mac_bytes) {
    answer.warnings.emplace_back(
        "the key is shorter than 32 bytes, which RFC 7518, 3.2, asks for with "
        "HS256");
  }
  return answer;
}

}  // namespace sigtoken::cli
