// A key in memory, for tests that need a MAC and no token.

#ifndef TESTS_SIGNER_SOFTWARE_KEY_H_
#define TESTS_SIGNER_SOFTWARE_KEY_H_

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "signer/idt/signing_key.h"
#include "signer/jws/compact.h"

namespace sigtoken::testing {

// Signs and checks with OpenSSL, or fails as it is told. Counts what is asked
// of it, so that a test sees when a key was touched.
class SoftwareKey {
 public:
  explicit SoftwareKey(std::vector<std::uint8_t> bytes,
                       std::string_view algorithm = "HS256")
      : bytes_(std::move(bytes)), algorithm_(FindMacAlgorithm(algorithm)) {}

  // Refers to this object.
  KeySource Source() {
    return [this]() -> Result<SigningKey> {
      ++lookups;
      if (lookup_error) return *lookup_error;
      return SigningKey{
          algorithm_,
          [this](std::span<const std::uint8_t> data) -> Result<Mac> {
            ++operations;
            if (operation_error) return *operation_error;
            return MacOf(data, *algorithm_);
          },
          [this](std::span<const std::uint8_t> data,
                 std::span<const std::uint8_t> mac) -> Result<bool> {
            ++operations;
            if (operation_error) return *operation_error;
            const Mac expected = MacOf(data, *algorithm_);
            return std::ranges::equal(expected.bytes(), mac);
          }};
    };
  }

  // A token of any header and payload, signed with `algorithm`.
  std::string Token(std::string_view header, std::string_view payload,
                    std::string_view algorithm = "HS256") const {
    std::string token = MakeSigningInput(header, payload);
    const Mac mac = MacOf(AsBytes(token), *FindMacAlgorithm(algorithm));
    AppendSignature(token, mac.bytes());
    return token;
  }

  int lookups = 0;
  int operations = 0;
  std::optional<Error> lookup_error;
  std::optional<Error> operation_error;

 private:
  Mac MacOf(std::span<const std::uint8_t> data,
            const MacAlgorithm& algorithm) const {
    const EVP_MD* digest = algorithm.mac_bytes == 32   ? EVP_sha256()
                           : algorithm.mac_bytes == 48 ? EVP_sha384()
                                                       : EVP_sha512();
    Mac mac(algorithm.mac_bytes);
    unsigned length = 0;
    HMAC(digest, bytes_.data(), static_cast<int>(bytes_.size()), data.data(),
         data.size(), mac.data(), &length);
    return mac;
  }

  std::vector<std::uint8_t> bytes_;
  const MacAlgorithm* algorithm_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_SIGNER_SOFTWARE_KEY_H_
