// Text from outside, made fit for a message.

#ifndef PKCS11_BASE_PRINTABLE_H_
#define PKCS11_BASE_PRINTABLE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sigtoken {

// The longest text of an outsider that a message repeats.
inline constexpr std::size_t kPrintableLength = 80;

// `text` with everything but printable ASCII written as \xNN, and cut after
// kPrintableLength characters with its whole length named: nobody forges lines
// of a log, or fills one, by what they send.
std::string Printable(std::string_view text);

// Printable(text) between single quotation marks.
std::string Quoted(std::string_view text);

// Upper-case hexadecimal digits, two a byte.
std::string Hex(std::span<const std::uint8_t> bytes);

// `number` in `digits` upper-case hexadecimal digits, zeros in front.
std::string Hex(std::uint64_t number, int digits);

// ASCII letters in upper case; all else as it is, whatever the locale.
std::string UpperCase(std::string_view text);

}  // namespace sigtoken

#endif  // PKCS11_BASE_PRINTABLE_H_
