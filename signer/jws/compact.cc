#include "signer/jws/compact.h"

#include <optional>
#include <utility>

namespace sigtoken {
namespace {

Error Malformed(std::string why) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "the token is malformed: " + std::move(why),
                 "send the token as it was issued, without line breaks");
}

Result<std::string> DecodePart(std::string_view part, const char* name) {
  std::optional<std::string> bytes = DecodeBase64Url(part);
  if (!bytes) {
    return Malformed(std::string(name) + " is not base64url: " +
                     std::string(WhyNotBase64Url(part)));
  }
  return *std::move(bytes);
}

}  // namespace

Result<CompactJws> CompactJws::Parse(std::string_view text) {
  if (text.empty()) return Malformed("it is empty");
  if (text.size() > kMaxTokenBytes) {
    // Not its size: a caller may have stopped to read beyond the limit.
    return Malformed("it has more than " + std::to_string(kMaxTokenBytes) +
                     " bytes");
  }
  // npos + 1 is 0, so a text without a period finds none in both searches.
  const std::size_t first = text.find('.');
  const std::size_t second = text.find('.', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos ||
      text.find('.', second + 1) != std::string_view::npos) {
    return Malformed("it does not have three parts");
  }
  if (first > kMaxHeaderBytes) {
    return Malformed("its encoded header has " + std::to_string(first) +
                     " bytes, and " + std::to_string(kMaxHeaderBytes) +
                     " is the limit");
  }
  if (first == 0) return Malformed("its header is empty");
  if (second == first + 1) return Malformed("its payload is empty");

  CompactJws jws;
  SIGTOKEN_ASSIGN(jws.header_, DecodePart(text.substr(0, first), "its header"));
  SIGTOKEN_ASSIGN(
      jws.payload_,
      DecodePart(text.substr(first + 1, second - first - 1), "its payload"));
  SIGTOKEN_ASSIGN(jws.signature_,
                  DecodePart(text.substr(second + 1), "its signature"));
  jws.signing_input_ = text.substr(0, second);
  return jws;
}

std::string MakeSigningInput(std::string_view header,
                             std::string_view payload) {
  std::string text;
  // Room for the signature too: 64 bytes are the longest.
  text.reserve((header.size() + payload.size()) * 4 / 3 + 96);
  AppendBase64Url(text, AsBytes(header));
  text += '.';
  AppendBase64Url(text, AsBytes(payload));
  return text;
}

void AppendSignature(std::string& signing_input,
                     std::span<const std::uint8_t> signature) {
  signing_input += '.';
  AppendBase64Url(signing_input, signature);
}

}  // namespace sigtoken
