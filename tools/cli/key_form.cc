#include "tools/cli/key_form.h"

#include <simdjson.h>
#include <sodium.h>

#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "pkcs11/base/printable.h"

namespace sigtoken::cli {
namespace {

const char* Chars(const Secret& secret) {
  return reinterpret_cast<const char*>(secret.data());
}

std::string_view View(const Secret& secret) {
  return {Chars(secret), secret.size()};
}

Error BadText(const std::string& why) {
  return Refusal(kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
                 "the key is not " + why,
                 "check --format, and that the text is whole");
}

Result<Secret> FromHex(std::string_view text) {
  SIGTOKEN_ASSIGN(Secret key, Secret::OfSize(text.size() / 2));
  std::size_t size = 0;
  if (sodium_hex2bin(key.data(), key.size(), text.data(), text.size(), nullptr,
                     &size, nullptr) != 0) {
    return BadText("hexadecimal: two digits a byte, and nothing in between");
  }
  key.Shorten(size);
  return key;
}

std::optional<Result<Secret>> FromBase64(std::string_view text, int variant) {
  auto key = Secret::OfSize(text.size());
  if (!key) return key;
  std::size_t size = 0;
  if (sodium_base642bin(key->data(), key->size(), text.data(), text.size(),
                        nullptr, &size, nullptr, variant) != 0) {
    return std::nullopt;
  }
  key->Shorten(size);
  return key;
}

// What is between the quotation marks of a JSON string that has no escapes:
// none is needed in what is looked for here.
std::optional<std::string_view> Plain(std::string_view token) {
  const std::size_t end = token.rfind('"');
  if (token.size() < 2 || token.front() != '"' || end == 0) return std::nullopt;
  const std::string_view text = token.substr(1, end - 1);
  if (text.find_first_of("\\\"") != std::string_view::npos) return std::nullopt;
  return text;
}

struct Jwk {
  std::optional<std::string_view> kty, k;
};

// Raw views only: what the library unescapes it writes into memory of its own,
// which nobody cleanses.
simdjson::error_code ReadJwk(simdjson::ondemand::parser& parser,
                             simdjson::padded_string_view text, Jwk& jwk) {
  simdjson::ondemand::document document;
  SIMDJSON_TRY(parser.iterate(text).get(document));
  simdjson::ondemand::object object;
  SIMDJSON_TRY(document.get_object().get(object));
  for (auto field : object) {
    simdjson::ondemand::raw_json_string name;
    SIMDJSON_TRY(field.key().get(name));
    simdjson::ondemand::value value;
    SIMDJSON_TRY(field.value().get(value));
    auto* wanted = name.unsafe_is_equal("kty") ? &jwk.kty
                   : name.unsafe_is_equal("k") ? &jwk.k
                                               : nullptr;
    if (wanted == nullptr) continue;
    // Once each.
    if (*wanted) return simdjson::INCORRECT_TYPE;
    *wanted = Plain(value.raw_json_token());
    if (!*wanted) return simdjson::INCORRECT_TYPE;
  }
  // Out of bounds at the end of the text.
  return document.current_location().error() == simdjson::SUCCESS
             ? simdjson::TRAILING_CONTENT
             : simdjson::SUCCESS;
}

Result<Secret> FromJwk(const Secret& text) {
  SIGTOKEN_ASSIGN(Secret padded,
                  Secret::OfSize(text.size() + simdjson::SIMDJSON_PADDING));
  std::memcpy(padded.data(), text.data(), text.size());
  simdjson::ondemand::parser parser;
  Jwk jwk;
  const auto failed = ReadJwk(
      parser,
      simdjson::padded_string_view(Chars(padded), text.size(), padded.size()),
      jwk);
  if (failed == simdjson::SUCCESS && jwk.kty == "oct" && jwk.k) {
    if (auto key =
            FromBase64(*jwk.k, sodium_base64_VARIANT_URLSAFE_NO_PADDING)) {
      return *std::move(key);
    }
  }
  return BadText(R"(a JWK of the form {"kty":"oct","k":"..."})");
}

Result<Secret> ToBase64(std::string_view before, const Secret& key, int variant,
                        std::string_view behind) {
  const std::size_t size = sodium_base64_encoded_len(key.size(), variant) - 1;
  // The encoder ends with a NUL, for which a Secret has room.
  SIGTOKEN_ASSIGN(Secret text,
                  Secret::OfSize(before.size() + size + behind.size()));
  std::memcpy(text.data(), before.data(), before.size());
  sodium_bin2base64(reinterpret_cast<char*>(text.data()) + before.size(),
                    size + 1, key.data(), key.size(), variant);
  std::memcpy(text.data() + before.size() + size, behind.data(), behind.size());
  return text;
}

Result<Secret> ToHex(const Secret& key) {
  SIGTOKEN_ASSIGN(Secret text, Secret::OfSize(2 * key.size() + 1));
  sodium_bin2hex(reinterpret_cast<char*>(text.data()), text.size(), key.data(),
                 key.size());
  text.data()[2 * key.size()] = '\n';
  return text;
}

}  // namespace

Result<KeyForm> ParseKeyForm(std::string_view name) {
  if (name == "raw") return KeyForm::kRaw;
  if (name == "hex") return KeyForm::kHex;
  if (name == "base64") return KeyForm::kBase64;
  if (name == "jwk") return KeyForm::kJwk;
  return Refusal(kRuleArrayInvalid, CKR_ARGUMENTS_BAD,
                 Quoted(name) + " is not a form of keys",
                 "use raw, hex, base64 or jwk");
}

SecretForm SecretFormOf(KeyForm form) {
  return form == KeyForm::kRaw ? SecretForm::kBytes : SecretForm::kText;
}

Result<Secret> DecodeKey(Secret text, KeyForm form) {
  switch (form) {
    case KeyForm::kRaw:
      return text;
    case KeyForm::kHex:
      return FromHex(View(text));
    case KeyForm::kBase64:
      for (const int variant : {sodium_base64_VARIANT_ORIGINAL,
                                sodium_base64_VARIANT_ORIGINAL_NO_PADDING}) {
        if (auto key = FromBase64(View(text), variant)) return *std::move(key);
      }
      return BadText("base64 (RFC 4648, 4)");
    case KeyForm::kJwk:
      return FromJwk(text);
  }
  return Fault("there is a form of keys that nobody reads");
}

Result<Secret> EncodeKey(Secret key, KeyForm form) {
  switch (form) {
    case KeyForm::kRaw:
      return key;
    case KeyForm::kHex:
      return ToHex(key);
    case KeyForm::kBase64:
      return ToBase64("", key, sodium_base64_VARIANT_ORIGINAL, "\n");
    case KeyForm::kJwk:
      return ToBase64(R"({"kty":"oct","k":")", key,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING, "\"}\n");
  }
  return Fault("there is a form of keys that nobody writes");
}

}  // namespace sigtoken::cli
