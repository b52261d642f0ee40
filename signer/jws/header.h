// The JOSE header of an identity token (RFC 7515, section 4).

#ifndef SIGNER_JWS_HEADER_H_
#define SIGNER_JWS_HEADER_H_

#include <optional>
#include <string>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/mac_algorithm.h"

namespace sigtoken {

// All that counts in a header. It is the sender's word: the algorithm that a
// MAC is checked with comes from elsewhere and must equal this one.
struct JoseHeader {
  const MacAlgorithm* algorithm = nullptr;  // Null: `alg` is none.
  std::optional<std::string> kid = std::nullopt;
  bool kid_is_text = true;  // False where it is no string.

  friend bool operator==(const JoseHeader&, const JoseHeader&) = default;
};

// Reads a decoded header. `alg` must be there: HS256, HS384, HS512 or none,
// byte for byte. Members that would change what the signature is over, or bring
// a key along, are refused: crit, b64, zip, enc, jwk, jku and x5*. typ must be
// a string and is ignored, as is whatever else there is.
//
// Errors: kParameterInvalid.
Result<JoseHeader> ParseJoseHeader(std::string_view text);

// As RACF writes it, without blanks: {"alg":"HS256"}.
std::string FormatJoseHeader(const JoseHeader& header);

}  // namespace sigtoken

#endif  // SIGNER_JWS_HEADER_H_
