#include "pkcs11/setup/uri.h"

#include <p11-kit/uri.h>

#include <cstring>
#include <utility>

#include "pkcs11/base/printable.h"
#include "pkcs11/setup/uri_syntax.h"

namespace sigtoken {
namespace {

constexpr CK_SLOT_ID kNoSlot = static_cast<CK_SLOT_ID>(-1);

template <std::size_t kSize>
std::string_view WithoutPadding(const CK_UTF8CHAR (&field)[kSize]) {
  std::string_view text(reinterpret_cast<const char*>(field), kSize);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) {
    text.remove_suffix(1);
  }
  return text;
}

// p11-kit fills a field that the URI names with blanks, so only one that it
// does not name begins with NUL.
template <std::size_t kSize>
std::optional<std::string> Field(const CK_UTF8CHAR (&field)[kSize]) {
  if (field[0] == '\0') return std::nullopt;
  return std::string(WithoutPadding(field));
}

template <std::size_t kSize>
void PadWithBlanks(CK_UTF8CHAR (&field)[kSize]) {
  const std::size_t length = WithoutPadding(field).size();
  std::memset(field + length, ' ', kSize - length);
}

std::optional<std::string> Text(const char* text) {
  if (text == nullptr) return std::nullopt;
  return text;
}

std::optional<std::vector<std::uint8_t>> Bytes(p11_kit_uri* uri,
                                               CK_ATTRIBUTE_TYPE type) {
  const CK_ATTRIBUTE* found = p11_kit_uri_get_attribute(uri, type);
  if (found == nullptr) return std::nullopt;
  const auto* bytes = static_cast<const std::uint8_t*>(found->pValue);
  return std::vector<std::uint8_t>(bytes, bytes + found->ulValueLen);
}

// RFC 7512, 2.3: unreserved characters, pk11-res-avail and, in the path, "&".
bool IsPlain(char c) {
  constexpr std::string_view kPlain = "-._~:[]@!$'()*+,=&";
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c >= '0' && c <= '9') || kPlain.find(c) != std::string_view::npos;
}

std::string PercentEncoded(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (IsPlain(c)) {
      text += c;
    } else {
      text += "%" + Hex(static_cast<std::uint8_t>(c), 2);
    }
  }
  return text;
}

void Append(std::string& uri, std::string_view name, std::string_view value) {
  if (uri.size() > kUriScheme.size()) uri += ';';
  uri.append(name).append("=").append(PercentEncoded(value));
}

}  // namespace

Result<Uri> Uri::Parse(std::string_view text) {
  SIGTOKEN_TRY(CheckUriSyntax(text));
  const std::shared_ptr<p11_kit_uri> parsed(p11_kit_uri_new(),
                                            p11_kit_uri_free);
  if (parsed == nullptr) {
    return Error{CKR_HOST_MEMORY, "", "no memory for a URI", "free memory", {}};
  }
  const int result = p11_kit_uri_parse(std::string(text).c_str(),
                                       P11_KIT_URI_FOR_ANY, parsed.get());
  if (result != P11_KIT_URI_OK) {
    return NotAUri(p11_kit_uri_message(result),
                   "compare it with RFC 7512: pkcs11:token=NAME;serial=NUMBER");
  }
  // The names are known: this is a label of 33 bytes, or a type of object that
  // there is not.
  if (p11_kit_uri_any_unrecognized(parsed.get()) != 0) {
    return NotAUri("a value is longer than any token's, or not a known type",
                   "a token's label and manufacturer have at most 32 bytes, "
                   "its model and serial 16; a key's type is secret-key");
  }
  return Uri(parsed);
}

std::optional<std::string> Uri::token_label() const {
  return Field(p11_kit_uri_get_token_info(parsed_.get())->label);
}

std::optional<std::string> Uri::manufacturer() const {
  return Field(p11_kit_uri_get_token_info(parsed_.get())->manufacturerID);
}

std::optional<std::string> Uri::model() const {
  return Field(p11_kit_uri_get_token_info(parsed_.get())->model);
}

std::optional<std::string> Uri::serial() const {
  return Field(p11_kit_uri_get_token_info(parsed_.get())->serialNumber);
}

std::optional<CK_SLOT_ID> Uri::slot_id() const {
  const CK_SLOT_ID slot = p11_kit_uri_get_slot_id(parsed_.get());
  if (slot == kNoSlot) return std::nullopt;
  return slot;
}

std::optional<std::string> Uri::object_label() const {
  const auto label = Bytes(parsed_.get(), CKA_LABEL);
  if (!label) return std::nullopt;
  return std::string(label->begin(), label->end());
}

std::optional<std::vector<std::uint8_t>> Uri::id() const {
  return Bytes(parsed_.get(), CKA_ID);
}

std::optional<CK_OBJECT_CLASS> Uri::type() const {
  const auto bytes = Bytes(parsed_.get(), CKA_CLASS);
  CK_OBJECT_CLASS type = 0;
  if (!bytes || bytes->size() != sizeof type) return std::nullopt;
  std::memcpy(&type, bytes->data(), sizeof type);
  return type;
}

std::optional<std::string> Uri::module_path() const {
  return Text(p11_kit_uri_get_module_path(parsed_.get()));
}

std::optional<std::string> Uri::module_name() const {
  return Text(p11_kit_uri_get_module_name(parsed_.get()));
}

std::optional<std::string> Uri::pin_source() const {
  return Text(p11_kit_uri_get_pin_source(parsed_.get()));
}

bool Uri::MatchesModule(const CK_INFO& info) const {
  CK_INFO padded = info;
  PadWithBlanks(padded.manufacturerID);
  PadWithBlanks(padded.libraryDescription);
  return p11_kit_uri_match_module_info(parsed_.get(), &padded) != 0;
}

bool Uri::MatchesSlot(CK_SLOT_ID slot, const CK_SLOT_INFO& info) const {
  CK_SLOT_INFO padded = info;
  PadWithBlanks(padded.slotDescription);
  PadWithBlanks(padded.manufacturerID);
  const auto wanted = slot_id();
  return (!wanted || *wanted == slot) &&
         p11_kit_uri_match_slot_info(parsed_.get(), &padded) != 0;
}

bool Uri::MatchesToken(const CK_TOKEN_INFO& info) const {
  CK_TOKEN_INFO padded = info;
  PadWithBlanks(padded.label);
  PadWithBlanks(padded.manufacturerID);
  PadWithBlanks(padded.model);
  PadWithBlanks(padded.serialNumber);
  return p11_kit_uri_match_token_info(parsed_.get(), &padded) != 0;
}

std::vector<SearchAttribute> Uri::search_attributes() const {
  std::vector<SearchAttribute> all;
  for (const CK_ATTRIBUTE_TYPE type : {CKA_CLASS, CKA_ID, CKA_LABEL}) {
    if (auto value = Bytes(parsed_.get(), type)) {
      all.push_back({type, *std::move(value)});
    }
  }
  return all;
}

std::string FormatTokenUri(const CK_TOKEN_INFO& info) {
  std::string uri(kUriScheme);
  const std::pair<std::string_view, std::string_view> fields[] = {
      {"token", WithoutPadding(info.label)},
      {"manufacturer", WithoutPadding(info.manufacturerID)},
      {"serial", WithoutPadding(info.serialNumber)},
  };
  for (const auto& [name, value] : fields) {
    if (!value.empty()) Append(uri, name, value);
  }
  return uri;
}

std::string FormatKeyUri(const CK_TOKEN_INFO& info,
                         std::span<const std::uint8_t> id,
                         std::string_view label) {
  std::string uri = FormatTokenUri(info);
  if (!id.empty()) {
    Append(uri, "id", {reinterpret_cast<const char*>(id.data()), id.size()});
  } else {
    Append(uri, "object", label);
  }
  Append(uri, "type", "secret-key");
  return uri;
}

}  // namespace sigtoken
