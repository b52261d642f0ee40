// TokenName: the name of an ICSF PKCS#11 token.

#ifndef PKCS11_ICSF_TOKEN_NAME_H_
#define PKCS11_ICSF_TOKEN_NAME_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "pkcs11/base/result.h"

namespace sigtoken {

// 1 to 32 characters: the first A-Z @ # or $, the others those, 0-9 and the
// period (z/OS ICSF Writing PKCS #11 Applications, "Tokens"; z/OS ICSF
// Application Programmer's Guide, "Handles"). Always well formed: made by Parse
// or not at all.
//
// The one exception is SYSTOK-SESSION-ONLY, the omnipresent token of each
// process: it holds session objects alone, is there always and cannot be made
// or deleted (z/OS ICSF Writing PKCS #11 Applications, "Deleting tokens").
class TokenName {
 public:
  static constexpr std::size_t kMaxLength = 32;

  // Errors: kHandleInvalid; a name in lower case is refused with its upper-case
  // form in the message.
  static Result<TokenName> Parse(std::string_view text);

  static TokenName Omnipresent();
  bool is_omnipresent() const;

  const std::string& text() const { return text_; }

  // 32 characters, blanks behind: the first part of a handle, and the label of
  // a PKCS#11 token.
  std::string Padded() const;

  friend auto operator<=>(const TokenName&, const TokenName&) = default;

 private:
  explicit TokenName(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

}  // namespace sigtoken

#endif  // PKCS11_ICSF_TOKEN_NAME_H_
