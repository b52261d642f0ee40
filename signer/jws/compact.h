// The compact serialization of a JWS: header.payload.signature.

#ifndef SIGNER_JWS_COMPACT_H_
#define SIGNER_JWS_COMPACT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "pkcs11/base/result.h"
#include "signer/jws/base64url.h"

namespace sigtoken {

// Ours: RACF's smallest buffer is 1,024 bytes and its tokens have about 330,
// Zowe's buffer is 2,048. Both count characters of the text.
inline constexpr std::size_t kMaxTokenBytes = 8192;
inline constexpr std::size_t kMaxHeaderBytes = 1024;

// The parts of a token (RFC 7515, section 3.1), decoded and not yet believed:
// neither JSON nor signature has been looked at.
class CompactJws {
 public:
  // Exactly three parts of strict base64url, header and payload not empty. The
  // signature may be empty, as it is where `alg` is none. Sizes are looked at
  // before anything else, so a long text costs no more than a short one.
  //
  // `text` must outlive the object. Errors: kParameterInvalid; the message
  // repeats nothing of the text.
  static Result<CompactJws> Parse(std::string_view text);

  const std::string& header() const { return header_; }
  const std::string& payload() const { return payload_; }
  std::span<const std::uint8_t> signature() const {
    return AsBytes(signature_);
  }
  // What the signature is over: header and payload as they were sent.
  std::span<const std::uint8_t> signing_input() const {
    return AsBytes(signing_input_);
  }

 private:
  CompactJws() = default;

  std::string header_;
  std::string payload_;
  std::string signature_;
  std::string_view signing_input_;
};

// The first two parts of a token and the period between them: what is signed.
std::string MakeSigningInput(std::string_view header, std::string_view payload);

// Makes a signing input a token. An empty signature belongs to `alg` none.
void AppendSignature(std::string& signing_input,
                     std::span<const std::uint8_t> signature);

}  // namespace sigtoken

#endif  // SIGNER_JWS_COMPACT_H_
