// The forms in which people hand keys over: raw, hex, base64, JWK.

#ifndef TOOLS_CLI_KEY_FORM_H_
#define TOOLS_CLI_KEY_FORM_H_

#include <cstddef>
#include <string_view>

#include "pkcs11/base/private_file.h"
#include "pkcs11/base/result.h"
#include "pkcs11/base/secret.h"

namespace sigtoken::cli {

enum class KeyForm {
  kRaw,     // The bytes themselves.
  kHex,     // Two hexadecimal digits a byte, in either case.
  kBase64,  // RFC 4648, 4, with padding or without.
  kJwk,     // RFC 7518, 6.4: {"kty":"oct","k":"base64url"}.
};

// The longest text of a key that is taken, whatever the form.
inline constexpr std::size_t kMaxKeyTextBytes = 16384;

// Errors: kRuleArrayInvalid.
Result<KeyForm> ParseKeyForm(std::string_view name);

// Whether a newline at its end is no part of it.
SecretForm SecretFormOf(KeyForm form);

// The key in `text`, never anywhere but in cleansed memory. Errors:
// kAttributeValueInvalid for a text that is not of that form, without any of
// it in the message.
Result<Secret> DecodeKey(Secret text, KeyForm form);

// The other way round, with a newline behind text forms.
Result<Secret> EncodeKey(Secret key, KeyForm form);

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_KEY_FORM_H_
