#include "signer/racf/user_id.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

constexpr std::size_t kMaxLength = 8;

bool IsUserIdCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '@' ||
         c == '#' || c == '$';
}

}  // namespace

bool IsUserId(std::string_view text) {
  return !text.empty() && text.size() <= kMaxLength &&
         std::all_of(text.begin(), text.end(), IsUserIdCharacter);
}

Status CheckUserId(std::string_view text, std::string_view what) {
  if (IsUserId(text)) return Ok();
  const std::string upper = UpperCase(text);
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 Quoted(text) + " is not valid as " + std::string(what),
                 IsUserId(upper)
                     ? "write it in upper case: " + upper
                     : "write 1 to 8 characters of A-Z, 0-9, @, # and $");
}

}  // namespace sigtoken
