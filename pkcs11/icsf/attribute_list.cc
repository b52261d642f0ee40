#include "pkcs11/icsf/attribute_list.h"

#include <algorithm>
#include <string>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

constexpr std::size_t kCountBytes = 2;
constexpr std::size_t kTypeBytes = 4;
constexpr std::size_t kLengthBytes = 2;

Error BadLength(std::string message) {
  return Refusal(kLengthInvalid, CKR_ARGUMENTS_BAD,
                 "the attribute list is not valid: " + std::move(message),
                 "count the attributes and their lengths again");
}

std::uint32_t Read(std::span<const std::uint8_t> bytes, ByteOrder order) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t at =
        order == ByteOrder::kBigEndian ? i : bytes.size() - 1 - i;
    number = number << 8 | bytes[at];
  }
  return number;
}

void Append(CleansedBytes& bytes, std::uint32_t number, std::size_t width,
            ByteOrder order) {
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t shift =
        8 * (order == ByteOrder::kBigEndian ? width - 1 - i : i);
    bytes.push_back(static_cast<std::uint8_t>(number >> shift));
  }
}

Error BadValue(const ListedAttribute& attribute, const std::string& wanted) {
  return Refusal(kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
                 "the value of attribute X'" + Hex(attribute.type, 8) +
                     "' is not " + wanted,
                 "correct the value");
}

}  // namespace

Result<std::vector<ListedAttribute>> ParseAttributeList(
    std::span<const std::uint8_t> list, ByteOrder order) {
  if (list.size() < kCountBytes || list.size() > kMaxAttributeListBytes) {
    return BadLength("it has " + std::to_string(list.size()) +
                     " bytes, not 2 to 32752");
  }
  const std::uint32_t count = Read(list.first(kCountBytes), order);
  list = list.subspan(kCountBytes);
  std::vector<ListedAttribute> attributes;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (list.size() < kTypeBytes + kLengthBytes) {
      return BadLength("it ends before attribute " + std::to_string(i + 1));
    }
    ListedAttribute attribute;
    attribute.type = Read(list.first(kTypeBytes), order);
    const std::size_t length =
        Read(list.subspan(kTypeBytes, kLengthBytes), order);
    list = list.subspan(kTypeBytes + kLengthBytes);
    if (list.size() < length) {
      return BadLength("the value of attribute " + std::to_string(i + 1) +
                       " runs over its end");
    }
    const auto value = list.first(length);
    attribute.value.assign(value.begin(), value.end());
    list = list.subspan(length);
    const bool twice = std::any_of(
        attributes.begin(), attributes.end(),
        [&](const auto& other) { return other.type == attribute.type; });
    if (twice) {
      return Refusal(kTemplateInconsistent, CKR_TEMPLATE_INCONSISTENT,
                     "attribute X'" + Hex(attribute.type, 8) +
                         "' is twice in the attribute list",
                     "name each attribute once");
    }
    attributes.push_back(std::move(attribute));
  }
  if (!list.empty()) {
    return BadLength(std::to_string(list.size()) +
                     " bytes are left behind the last attribute");
  }
  return attributes;
}

CleansedBytes FormatAttributeList(std::span<const ListedAttribute> attributes,
                                  ByteOrder order) {
  std::size_t bytes = kCountBytes;
  for (const ListedAttribute& attribute : attributes) {
    bytes += kTypeBytes + kLengthBytes + attribute.value.size();
  }
  CleansedBytes list;
  list.reserve(bytes);
  Append(list, static_cast<std::uint32_t>(attributes.size()), kCountBytes,
         order);
  for (const ListedAttribute& attribute : attributes) {
    Append(list, attribute.type, kTypeBytes, order);
    Append(list, static_cast<std::uint32_t>(attribute.value.size()),
           kLengthBytes, order);
    list.insert(list.end(), attribute.value.begin(), attribute.value.end());
  }
  return list;
}

CleansedBytes FormatNumber(std::uint32_t number, ByteOrder order) {
  CleansedBytes bytes;
  Append(bytes, number, sizeof number, order);
  return bytes;
}

Result<std::uint32_t> ParseNumber(const ListedAttribute& attribute,
                                  ByteOrder order) {
  if (attribute.value.size() != sizeof(std::uint32_t)) {
    return BadValue(attribute, "a number of 4 bytes");
  }
  return Read(attribute.value, order);
}

Result<bool> ParseFlag(const ListedAttribute& attribute) {
  if (attribute.value.size() != 1 || attribute.value.front() > 1) {
    return BadValue(attribute, "one byte, 0 or 1");
  }
  return attribute.value.front() == 1;
}

}  // namespace sigtoken
