// Secret: bytes that must not outlive their use.

#ifndef PKCS11_BASE_SECRET_H_
#define PKCS11_BASE_SECRET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "pkcs11/base/result.h"

namespace sigtoken {

// Owns a secret, such as a PIN, in memory that is locked, kept out of core
// files, fenced by guard pages and overwritten on the way out (libsodium's
// sodium_malloc). Moves; never copies, prints or compares.
class Secret {
 public:
  // `size` bytes, zero. Errors: CKR_HOST_MEMORY; kNotAvailable where this
  // process may not lock as much memory.
  static Result<Secret> OfSize(std::size_t size);

  // Takes the bytes over and overwrites the caller's. Errors: CKR_HOST_MEMORY.
  static Result<Secret> Take(std::span<std::uint8_t> bytes);

  // `digits` random lower-case hexadecimal digits: 4 bits each.
  static Result<Secret> RandomHex(std::size_t digits);

  // Cryptoki takes PINs as CK_BYTE*, without const.
  std::uint8_t* data() { return bytes_.get(); }
  const std::uint8_t* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }

  // Forgets all but the first `size` bytes.
  void Shorten(std::size_t size);

 private:
  struct Free {
    void operator()(std::uint8_t* bytes) const;
  };

  Secret(std::uint8_t* bytes, std::size_t size) : bytes_(bytes), size_(size) {}

  std::unique_ptr<std::uint8_t, Free> bytes_;
  std::size_t size_;
};

}  // namespace sigtoken

#endif  // PKCS11_BASE_SECRET_H_
