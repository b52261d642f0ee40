// Can a token's text break the reader, or be read in two ways?

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "signer/idt/inspect.h"
#include "signer/jws/base64url.h"
#include "signer/jws/compact.h"
#include "signer/jws/header.h"

namespace sigtoken {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void Base64UrlHasOneTextForEachValue(std::string_view text) {
  const std::string encoded = EncodeBase64Url(AsBytes(text));
  Require(DecodeBase64Url(encoded) == text);
  if (const auto bytes = DecodeBase64Url(text)) {
    Require(EncodeBase64Url(AsBytes(*bytes)) == text);
  }
}

void HeadersReadAsTheyAreWritten(std::string_view text) {
  const Result<JoseHeader> header = ParseJoseHeader(text);
  if (!header) return;
  const Result<JoseHeader> again = ParseJoseHeader(FormatJoseHeader(*header));
  Require(again.has_value() && again->algorithm == header->algorithm);
}

void TokensAreWrittenAsTheyWereRead(std::string_view text) {
  const Result<CompactJws> jws = CompactJws::Parse(text);
  if (!jws) {
    Require(!InspectIdt(text));
    return;
  }
  Require(text.size() <= kMaxTokenBytes);
  std::string again = MakeSigningInput(jws->header(), jws->payload());
  Require(std::string_view(again) ==
          std::string_view(
              reinterpret_cast<const char*>(jws->signing_input().data()),
              jws->signing_input().size()));
  AppendSignature(again, jws->signature());
  Require(again == text);
  HeadersReadAsTheyAreWritten(jws->header());
}

}  // namespace
}  // namespace sigtoken

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  sigtoken::Base64UrlHasOneTextForEachValue(text);
  sigtoken::HeadersReadAsTheyAreWritten(text);
  sigtoken::TokensAreWrittenAsTheyWereRead(text);
  return 0;
}
