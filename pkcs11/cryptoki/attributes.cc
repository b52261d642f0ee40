#include "pkcs11/cryptoki/attributes.h"

#include <cstring>

namespace sigtoken {

Attributes& Attributes::Flag(CK_ATTRIBUTE_TYPE type, bool value) {
  static_assert(sizeof(CK_BBOOL) == 1);
  entries_.push_back(
      {type, {static_cast<std::uint8_t>(value ? CK_TRUE : CK_FALSE)}});
  return *this;
}

Attributes& Attributes::Number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
  std::vector<std::uint8_t> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  entries_.push_back({type, std::move(bytes)});
  return *this;
}

Attributes& Attributes::Bytes(CK_ATTRIBUTE_TYPE type,
                              std::span<const std::uint8_t> value) {
  entries_.push_back({type, {value.begin(), value.end()}});
  return *this;
}

Attributes& Attributes::Text(CK_ATTRIBUTE_TYPE type, std::string_view value) {
  entries_.push_back({type, {value.begin(), value.end()}});
  return *this;
}

bool Attributes::Remove(CK_ATTRIBUTE_TYPE type) {
  return std::erase_if(entries_, [&](const Entry& entry) {
           return entry.type == type;
         }) > 0;
}

std::vector<CK_ATTRIBUTE> Attributes::ForCall() const {
  std::vector<CK_ATTRIBUTE> list;
  list.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    // Cryptoki takes values to read without const.
    list.push_back({entry.type, const_cast<std::uint8_t*>(entry.value.data()),
                    entry.value.size()});
  }
  return list;
}

}  // namespace sigtoken
