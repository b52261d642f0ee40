// CSFPTRL: ICSF's callable service PKCS #11 Token record list.

#ifndef KEYGEN_SERVICES_TOKEN_RECORD_LIST_H_
#define KEYGEN_SERVICES_TOKEN_RECORD_LIST_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/attribute_list.h"
#include "pkcs11/objects/icsf.h"

namespace sigtoken {

// One entry of a list of tokens: name 32, manufacturer 32, model 16, serial
// number 16, date 8, time 8 (UTC, of the last change), flags 4.
inline constexpr std::size_t kTokenRecordBytes = 116;

// What the caller hands over (z/OS ICSF Application Programmer's Guide,
// CSFPTRL).
struct TokenRecordListCall {
  // 44 characters: blanks, or the token whose objects are listed; to go on, the
  // last one that was returned.
  std::string_view handle;
  std::string_view rule_array;  // TOKEN, or OBJECT [ALL].
  std::span<const std::uint8_t> search_template;
  std::size_t room = 0;  // For how many bytes,
  std::size_t most = 0;  // and for how many entries, the caller asks.
  ByteOrder order = ByteOrder::kBigEndian;
};

struct TokenRecordListAnswer {
  std::vector<std::uint8_t> list;
  std::size_t count = 0;
  bool more = false;  // kMoreAvailable.
};

Result<TokenRecordListAnswer> TokenRecordList(Icsf& icsf,
                                              const TokenRecordListCall& call);

}  // namespace sigtoken

#endif  // KEYGEN_SERVICES_TOKEN_RECORD_LIST_H_
