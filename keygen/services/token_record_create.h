// CSFPTRC: ICSF's callable service PKCS #11 Token record create.

#ifndef KEYGEN_SERVICES_TOKEN_RECORD_CREATE_H_
#define KEYGEN_SERVICES_TOKEN_RECORD_CREATE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/attribute_list.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/objects/icsf.h"

namespace sigtoken {

// What the caller hands over (z/OS ICSF Application Programmer's Guide,
// CSFPTRC).
struct TokenRecordCreateCall {
  std::string_view handle;      // 44 characters.
  std::string_view rule_array;  // TOKEN [RECREATE], or OBJECT [COPY].
  // With TOKEN 68 bytes: manufacturer 32, model 16, serial number 16, blanks
  // behind each, and 4 zeros. Else an attribute list.
  std::span<const std::uint8_t> attributes;
  ByteOrder order = ByteOrder::kBigEndian;
};

// Makes a token, or an object in one; gives its handle.
Result<Handle> TokenRecordCreate(Icsf& icsf, const TokenRecordCreateCall& call);

}  // namespace sigtoken

#endif  // KEYGEN_SERVICES_TOKEN_RECORD_CREATE_H_
