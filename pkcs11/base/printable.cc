#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

constexpr char kDigits[] = "0123456789ABCDEF";

}  // namespace

std::string Printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kPrintableLength)) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 0xF]};
    }
  }
  if (text.size() > kPrintableLength) {
    out += "... (" + std::to_string(text.size()) + " characters)";
  }
  return out;
}

std::string Quoted(std::string_view text) {
  return "'" + Printable(text) + "'";
}

std::string Hex(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    out += {kDigits[byte >> 4], kDigits[byte & 0xF]};
  }
  return out;
}

std::string Hex(std::uint64_t number, int digits) {
  std::string out;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    out += kDigits[(number >> shift) & 0xF];
  }
  return out;
}

std::string UpperCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

}  // namespace sigtoken
