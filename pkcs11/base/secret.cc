#include "pkcs11/base/secret.h"

#include <sodium.h>

#include <cstring>

namespace sigtoken {

void Secret::Free::operator()(std::uint8_t* bytes) const { sodium_free(bytes); }

Result<Secret> Secret::OfSize(std::size_t size) {
  if (sodium_init() < 0) {
    return Unavailable("libsodium did not start",
                       "look at the system's source of random numbers");
  }
  // One byte more, so that an empty secret has an address too.
  auto* bytes = static_cast<std::uint8_t*>(sodium_malloc(size + 1));
  if (bytes == nullptr) {
    return Error{CKR_HOST_MEMORY,
                 "",
                 "no memory for a secret of " + std::to_string(size) + " bytes",
                 "free memory, or raise the limit on locked memory",
                 {}};
  }
  // sodium_malloc() does without where it may not lock.
  if (sodium_mlock(bytes, size + 1) != 0) {
    sodium_free(bytes);
    return Unavailable("the memory for a secret could not be locked",
                       "raise the limit on locked memory: 'ulimit -l', or "
                       "LimitMEMLOCK= of a service");
  }
  std::memset(bytes, 0, size + 1);
  return Secret(bytes, size);
}

Result<Secret> Secret::Take(std::span<std::uint8_t> bytes) {
  auto secret = OfSize(bytes.size());
  if (secret && !bytes.empty()) {
    std::memcpy(secret->data(), bytes.data(), bytes.size());
  }
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
  return secret;
}

Result<Secret> Secret::RandomHex(std::size_t digits) {
  SIGTOKEN_ASSIGN(Secret secret, OfSize(digits));
  for (std::size_t i = 0; i < digits; ++i) {
    secret.data()[i] =
        static_cast<std::uint8_t>("0123456789abcdef"[randombytes_uniform(16)]);
  }
  return secret;
}

void Secret::Shorten(std::size_t size) {
  if (size >= size_) return;
  sodium_memzero(bytes_.get() + size, size_ - size);
  size_ = size;
}

}  // namespace sigtoken
