#include "signer/jws/base64url.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace sigtoken {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Above every value of a character: 6 bits.
constexpr std::uint8_t kNoCharacter = 0x80;

constexpr std::array<std::uint8_t, 256> MakeValues() {
  std::array<std::uint8_t, 256> values{};
  for (std::uint8_t& value : values) value = kNoCharacter;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(kAlphabet[i])] =
        static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr std::array<std::uint8_t, 256> kValues = MakeValues();

std::uint32_t ValueOf(char c) { return kValues[static_cast<std::uint8_t>(c)]; }

// How many characters `size` bytes become: 8 bits in groups of 6.
std::size_t EncodedSize(std::size_t size) {
  return size / 3 * 4 + (size % 3 == 0 ? 0 : size % 3 + 1);
}

}  // namespace

void AppendBase64Url(std::string& text, std::span<const std::uint8_t> bytes) {
  const std::size_t start = text.size();
  text.resize(start + EncodedSize(bytes.size()));
  char* out = text.data() + start;
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16 |
                                static_cast<std::uint32_t>(bytes[i + 1]) << 8 |
                                bytes[i + 2];
    *out++ = kAlphabet[group >> 18];
    *out++ = kAlphabet[group >> 12 & 0x3F];
    *out++ = kAlphabet[group >> 6 & 0x3F];
    *out++ = kAlphabet[group & 0x3F];
  }
  if (i == bytes.size()) return;
  const bool two = i + 2 == bytes.size();
  const std::uint32_t group =
      static_cast<std::uint32_t>(bytes[i]) << 16 |
      (two ? static_cast<std::uint32_t>(bytes[i + 1]) << 8 : 0U);
  *out++ = kAlphabet[group >> 18];
  *out++ = kAlphabet[group >> 12 & 0x3F];
  if (two) *out = kAlphabet[group >> 6 & 0x3F];
}

std::string EncodeBase64Url(std::span<const std::uint8_t> bytes) {
  std::string text;
  AppendBase64Url(text, bytes);
  return text;
}

std::optional<std::string> DecodeBase64Url(std::string_view text) {
  const std::size_t rest = text.size() % 4;
  if (rest == 1) return std::nullopt;  // 6 bits make no byte.

  std::string bytes(text.size() / 4 * 3 + (rest == 0 ? 0 : rest - 1), '\0');
  char* out = bytes.data();
  // All characters are looked up before the first is judged: one test a text
  // instead of one a character.
  std::uint32_t seen = 0;
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const std::uint32_t a = ValueOf(text[i]);
    const std::uint32_t b = ValueOf(text[i + 1]);
    const std::uint32_t c = ValueOf(text[i + 2]);
    const std::uint32_t d = ValueOf(text[i + 3]);
    seen |= a | b | c | d;
    *out++ = static_cast<char>(a << 2 | b >> 4);
    *out++ = static_cast<char>(b << 4 | c >> 2);
    *out++ = static_cast<char>(c << 6 | d);
  }
  if (rest != 0) {
    const std::uint32_t a = ValueOf(text[i]);
    const std::uint32_t b = ValueOf(text[i + 1]);
    const std::uint32_t c = rest == 3 ? ValueOf(text[i + 2]) : 0;
    seen |= a | b | c;
    // RFC 4648, 3.5 lets decoders overlook these bits; then one token has many
    // texts.
    const std::uint32_t unused = rest == 3 ? c & 0x3 : b & 0xF;
    if (unused != 0) return std::nullopt;
    *out++ = static_cast<char>(a << 2 | b >> 4);
    if (rest == 3) *out = static_cast<char>(b << 4 | c >> 2);
  }
  if ((seen & kNoCharacter) != 0) return std::nullopt;
  return bytes;
}

std::string_view WhyNotBase64Url(std::string_view text) {
  const auto* bad = std::find_if(text.begin(), text.end(), [](char c) {
    return ValueOf(c) == kNoCharacter;
  });
  if (bad == text.end()) {
    return text.size() % 4 == 1
               ? "it is not complete, its last character makes no byte"
               : "it was cut or changed, its last character has bits that "
                 "belong to no byte";
  }
  switch (*bad) {
    case '=':
      return "it has padding (=)";
    case '+':
    case '/':
      return "it has + or /, which base64 has and base64url has not";
    case '\r':
      return "it has a carriage return";
    case ' ':
    case '\t':
    case '\n':
      return "it has white space";
    default:
      return "it has a character other than A-Z, a-z, 0-9, - and _";
  }
}

}  // namespace sigtoken
