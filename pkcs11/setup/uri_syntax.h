// What makes a text a PKCS #11 URI, before p11-kit reads its values.

#ifndef PKCS11_SETUP_URI_SYNTAX_H_
#define PKCS11_SETUP_URI_SYNTAX_H_

#include <string>
#include <string_view>

#include "pkcs11/base/result.h"

namespace sigtoken {

inline constexpr std::string_view kUriScheme = "pkcs11:";

// Only lower-case "pkcs11:" begins a URI here, though RFC 3986, 3.1, lets a
// scheme be written in any case: PKCS11: could be a token's name.
bool IsPkcs11Uri(std::string_view text);

// kParameterInvalid. No part of the URI but an attribute's name may be in
// `why`: there may be a PIN where none should be.
Error NotAUri(const std::string& why, const std::string& cure);

// Refuses what p11-kit lets pass, though RFC 7512 forbids it or it changes what
// the URI names: an attribute that is there twice (p11-kit takes the last), an
// empty one (it stops reading there), an unknown one in the query (it is
// ignored, vendors' too), blanks (they are dropped), NUL in what is kept as a C
// string, a slot number that runs over, and `pin-value`.
//
// Errors: kParameterInvalid.
Status CheckUriSyntax(std::string_view text);

}  // namespace sigtoken

#endif  // PKCS11_SETUP_URI_SYNTAX_H_
