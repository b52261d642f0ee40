// base64url without padding, as JWS writes it (RFC 7515, section 2).

#ifndef SIGNER_JWS_BASE64URL_H_
#define SIGNER_JWS_BASE64URL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sigtoken {

// How many characters `bytes` bytes have: four for three, and no padding.
constexpr std::size_t Base64UrlLength(std::size_t bytes) {
  return bytes / 3 * 4 + (bytes % 3 == 0 ? 0 : bytes % 3 + 1);
}

// The bytes of `text`, which must outlive the span.
inline std::span<const std::uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string EncodeBase64Url(std::span<const std::uint8_t> bytes);

// Appends to `text`, so that a token is built in one buffer.
void AppendBase64Url(std::string& text, std::span<const std::uint8_t> bytes);

// Strict to the last bit: no padding, no white space, no other alphabet, and
// the unused bits of the last character are zero. So no two texts give the same
// bytes, and EncodeBase64Url() gives `text` back. Nothing for any other text.
std::optional<std::string> DecodeBase64Url(std::string_view text);

// What is wrong with a text that DecodeBase64Url() did not take: "it has
// padding (=)". It repeats nothing of the text but such characters.
std::string_view WhyNotBase64Url(std::string_view text);

}  // namespace sigtoken

#endif  // SIGNER_JWS_BASE64URL_H_
