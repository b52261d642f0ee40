// Can a configuration file break the reader, or get past its rules?

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/setup/configuration.h"

namespace sigtoken {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

bool IsPrintable(std::string_view text) {
  for (const char c : text) {
    if (c < ' ' || c > '~') return false;
  }
  return true;
}

void IsARefusal(const Error& error) {
  Require(ToIcsf(error) == kParameterInvalid);
  Require(IsPrintable(error.message) && IsPrintable(error.cure));
  Require(error.message.rfind("'/f'", 0) == 0 && !error.cure.empty());
}

void IsBound(const BoundToken& token) {
  Require(TokenName::Parse(token.name.text()).has_value());
  const auto module = token.uri.module_path();
  Require(module && module->front() == '/');
  Require(token.uri.search_attributes().empty());
  Require(token.pin_source.has_value() == token.uri.pin_source().has_value());
  std::set<ObjectId> handles;
  for (const BoundKey& key : token.keys) {
    Require(IsTokenCategory(key.object.category) && key.object.sequence > 0);
    Require(key.uri.object_label() || key.uri.id());
    Require(handles.insert(key.object).second);
  }
}

// What a URI says is what it says when its parts are written again.
void UriComesBack(std::string_view text) {
  const auto uri = Uri::Parse(text);
  if (!uri) {
    Require(IsPrintable(uri.error().message));
    return;
  }
  const auto id = uri->id().value_or(std::vector<std::uint8_t>());
  const std::string label = uri->object_label().value_or("");
  const auto again = Uri::Parse(FormatKeyUri(CK_TOKEN_INFO{}, id, label));
  Require(again.has_value());
  Require(id.empty() ? again->object_label() == label : again->id() == id);
}

void Try(std::string_view text) {
  UriComesBack(text);
  const auto source = PinSource::Parse(text);
  if (source) {
    const auto again = PinSource::Parse(source->Format());
    Require(again.has_value() && *again == *source);
  }

  const auto configuration = ParseConfiguration(text, "/f", "/home");
  if (!configuration) return IsARefusal(configuration.error());
  Require(configuration->store_path.is_absolute());
  std::set<TokenName> names;
  for (const BoundToken& token : configuration->tokens) {
    Require(names.insert(token.name).second);
    IsBound(token);
  }
}

}  // namespace
}  // namespace sigtoken

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  sigtoken::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}
