#include "pkcs11/icsf/handle.h"

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

constexpr std::size_t kSequenceLength = 8;
constexpr std::size_t kCategoryOffset = TokenName::kMaxLength + kSequenceLength;
constexpr std::string_view kBlanks = "            ";

Error NotAHandle(std::string_view text, const std::string& why) {
  return Refusal(kHandleInvalid, CKR_ARGUMENTS_BAD,
                 Quoted(text) + " is not a handle: " + why,
                 "write NAME:00000001T or the 44-character form");
}

// 1 to 8 upper-case hexadecimal digits that are not all zero, else nothing.
// Handles are upper case throughout, and ICSF writes these digits so.
std::optional<std::uint32_t> ParseSequence(std::string_view digits) {
  if (digits.empty() || digits.size() > kSequenceLength) return std::nullopt;
  std::uint32_t number = 0;
  for (const char c : digits) {
    const std::size_t value = std::string_view("0123456789ABCDEF").find(c);
    if (value == std::string_view::npos) return std::nullopt;
    number = number << 4 | static_cast<std::uint32_t>(value);
  }
  if (number == 0) return std::nullopt;
  return number;
}

Result<Handle> MakeHandle(std::string_view text, std::string_view name,
                          std::string_view digits, char category) {
  auto token_name = TokenName::Parse(name);
  if (!token_name) {
    return NotAHandle(
        text, token_name.error().message + ", " + token_name.error().cure);
  }
  const auto sequence = ParseSequence(digits);
  if (!sequence) {
    return NotAHandle(text, "the sequence number " + Quoted(digits) +
                                " is not 00000001 to FFFFFFFF in upper-case "
                                "hexadecimal digits");
  }
  if (const auto good = CheckCategory(category); !good) {
    return NotAHandle(text, good.error().message);
  }
  return Handle(*std::move(token_name), ObjectId{*sequence, category});
}

std::string_view WithoutTrailingBlanks(std::string_view text) {
  const std::size_t last = text.find_last_not_of(' ');
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

Status CheckCategory(char category) {
  if (kCategories.find(category) != std::string_view::npos) return Ok();
  const std::string_view regional = "EFG";
  return Refusal(
      kHandleInvalid, CKR_ARGUMENTS_BAD,
      "the category " + Quoted({&category, 1}) +
          (regional.find(category) != std::string_view::npos
               ? " belongs to the regional cryptographic server, which "
                 "sigtoken does not have"
               : " is none of T, Y, S, X, U, Z"),
      "use T for a clear or Y for a secure token object");
}

Result<Handle> Handle::Parse(std::string_view text) {
  if (text.size() != kLength) {
    return NotAHandle(
        text, "it has " + std::to_string(text.size()) + " characters, not 44");
  }
  const auto name =
      WithoutTrailingBlanks(text.substr(0, TokenName::kMaxLength));
  const auto object = text.substr(TokenName::kMaxLength);
  if (object == kBlanks) {
    auto token_name = TokenName::Parse(name);
    if (token_name) return Handle(*std::move(token_name));
    return NotAHandle(
        text, token_name.error().message + ", " + token_name.error().cure);
  }
  if (object.substr(kSequenceLength + 1) != "   ") {
    return NotAHandle(text, "the last 3 characters are not blank");
  }
  return MakeHandle(text, name, object.substr(0, kSequenceLength),
                    text[kCategoryOffset]);
}

Result<Handle> Handle::ParseShort(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return NotAHandle(text,
                      "there must be a colon between the token name and the "
                      "sequence number, and the category at the end");
  }
  if (colon + 1 == text.size()) {
    return NotAHandle(text,
                      "the sequence number and the category are missing behind "
                      "the colon");
  }
  // No category is a digit.
  if (text.back() >= '0' && text.back() <= '9') {
    return NotAHandle(text, "the category is missing at the end, T or Y");
  }
  if (colon + 2 == text.size()) {
    return NotAHandle(text,
                      "the sequence number is missing between the colon and "
                      "the category");
  }
  const auto digits = text.substr(colon + 1, text.size() - colon - 2);
  return MakeHandle(text, text.substr(0, colon), digits, text.back());
}

Result<Handle> Handle::ParseAny(std::string_view text) {
  return text.find(':') == std::string_view::npos ? Parse(text)
                                                  : ParseShort(text);
}

std::string Handle::Format() const {
  std::string text = token_name_.Padded();
  if (!object_) return text.append(kBlanks);
  return text.append(Hex(object_->sequence, kSequenceLength))
      .append(1, object_->category)
      .append(3, ' ');
}

std::string Handle::FormatShort() const {
  if (!object_) return token_name_.text();
  return token_name_.text() + ":" + Hex(object_->sequence, kSequenceLength) +
         object_->category;
}

}  // namespace sigtoken
