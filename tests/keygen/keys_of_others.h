// Keys that others made, and values that others chose.

#ifndef TESTS_KEYGEN_KEYS_OF_OTHERS_H_
#define TESTS_KEYGEN_KEYS_OF_OTHERS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "keygen/import.h"
#include "pkcs11/base/secret.h"
#include "pkcs11/store/token_records.h"
#include "pkcs11/tokens/token.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"

namespace sigtoken::testing {

// A value that does not end in a zero byte.
inline std::vector<std::uint8_t> ValueOf(std::size_t bytes,
                                         std::uint8_t first = 1) {
  std::vector<std::uint8_t> value(bytes);
  for (std::size_t i = 0; i < bytes; ++i) {
    value[i] = static_cast<std::uint8_t>(first + 2 * i);
  }
  return value;
}

inline Attributes WithFlag(Attributes object, CK_ATTRIBUTE_TYPE type,
                           bool value) {
  object.Remove(type);
  return std::move(object.Flag(type, value));
}

// A key of theirs, as C_CreateObject takes it.
inline Attributes TheirKey(std::string_view id, std::string_view label,
                           const std::vector<std::uint8_t>& value) {
  Attributes object = KeyToImport(id, value);
  object.Remove(CKA_LABEL);
  return std::move(object.Text(CKA_LABEL, label));
}

// The search for the secret keys of that label.
inline Attributes KeysLabelled(std::string_view label) {
  Attributes wanted;
  wanted.Number(CKA_CLASS, CKO_SECRET_KEY).Text(CKA_LABEL, label);
  return wanted;
}

inline Result<MadeKey> ImportValue(Token& token,
                                   std::vector<std::uint8_t> value,
                                   const KeySpec& spec = {}) {
  Secret secret = Must(Secret::Take(value));
  return sigtoken::ImportKey(token, spec, secret);
}

inline std::vector<std::uint8_t> SignWith(const Key& key,
                                          std::string_view data) {
  const Mac mac = Must(key.Sign(Hs256(), Bytes(data)));
  return {mac.bytes().begin(), mac.bytes().end()};
}

// 0 for a token that has no record yet.
inline std::uint32_t LastSequenceOf(Token& token) {
  const auto record = Must(FindTokenRecord(token.database(), token.name()));
  return record ? record->last_sequence : 0;
}

}  // namespace sigtoken::testing

#endif  // TESTS_KEYGEN_KEYS_OF_OTHERS_H_
