// Digest: hashes by OpenSSL.

#ifndef SIGNER_MAC_DIGEST_H_
#define SIGNER_MAC_DIGEST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"

namespace sigtoken {

// One hash of CSFPOWH.
struct HashMethod {
  std::string_view keyword;  // Without its blanks.
  std::string_view openssl;  // OpenSSL's name of it.
  std::size_t bytes;
  // What stands before the hash in a DigestInfo (RFC 8017, 9.2, note 1).
  std::span<const std::uint8_t> der_prefix;
};

// SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512, in this order.
std::span<const HashMethod> HashMethods();

// Null for any other keyword.
const HashMethod* FindHashMethod(std::string_view keyword);

// A hash of a text that comes in pieces. Not thread safe.
class Digest {
 public:
  // Errors: kServiceNotAvailable where OpenSSL does not offer the hash.
  static Result<Digest> Begin(const HashMethod& method);

  Digest(Digest&& other) noexcept;
  Digest& operator=(Digest&& other) noexcept;
  ~Digest();

  // Errors of these: kInternalFault, where OpenSSL has no memory.
  Result<Digest> Copy() const;
  Status Update(std::span<const std::uint8_t> text);
  // The hash of all that came. The digest goes on from where it was.
  Result<std::vector<std::uint8_t>> Hash() const;

 private:
  struct Context;  // OpenSSL's.
  explicit Digest(std::unique_ptr<Context> context);

  std::unique_ptr<Context> context_;
};

// The DER of a DigestInfo: what PKCS #1 v1.5 signs (RFC 8017, 9.2, step 2).
std::vector<std::uint8_t> DigestInfo(const HashMethod& method,
                                     std::span<const std::uint8_t> hash);

}  // namespace sigtoken

#endif  // SIGNER_MAC_DIGEST_H_
