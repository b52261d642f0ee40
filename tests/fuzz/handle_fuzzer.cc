// Can a handle's text break the reader, or be read in two ways?

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "pkcs11/icsf/handle.h"

namespace sigtoken {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void IsWellFormed(const Handle& handle) {
  Require(TokenName::Parse(handle.token_name().text()).has_value());
  Require(handle.Format().size() == Handle::kLength);
  const Result<Handle> again = Handle::Parse(handle.Format());
  Require(again.has_value() && *again == handle);
  if (!handle.object()) return;
  Require(handle.object()->sequence > 0);
  Require(CheckCategory(handle.object()->category).has_value());
  const Result<Handle> short_again = Handle::ParseShort(handle.FormatShort());
  Require(short_again.has_value() && *short_again == handle);
}

void Try(std::string_view text) {
  const Result<Handle> long_form = Handle::Parse(text);
  const Result<Handle> short_form = Handle::ParseShort(text);
  const Result<Handle> any = Handle::ParseAny(text);
  // One text, one meaning.
  Require(!long_form || !short_form);
  Require(any.has_value() == (long_form || short_form));
  if (long_form) {
    Require(*any == *long_form && long_form->Format() == text);
    IsWellFormed(*long_form);
  }
  if (short_form) {
    Require(*any == *short_form && short_form->object());
    IsWellFormed(*short_form);
  }
}

}  // namespace
}  // namespace sigtoken

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  sigtoken::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}
