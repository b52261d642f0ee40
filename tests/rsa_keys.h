// RSA keys that others put into a token, for one test.

#ifndef TESTS_RSA_KEYS_H_
#define TESTS_RSA_KEYS_H_

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken::testing {

// A pair, or a public key alone, in OpenSSL's hands.
class RsaPair {
 public:
  explicit RsaPair(unsigned bits);
  RsaPair(const std::vector<std::uint8_t>& modulus,
          const std::vector<std::uint8_t>& exponent);

  // As C_CreateObject takes them; they may sign, or verify.
  Attributes PrivateKey(const std::string& label) const;
  Attributes PublicKey(const std::string& label) const;

  std::vector<std::uint8_t> modulus() const { return Number("n"); }
  std::vector<std::uint8_t> exponent() const { return Number("e"); }

  // PKCS #1 v1.5; `digest` is OpenSSL's name.
  std::vector<std::uint8_t> Sign(const char* digest,
                                 std::span<const std::uint8_t> text) const;
  bool Verifies(const char* digest, std::span<const std::uint8_t> text,
                std::span<const std::uint8_t> signature) const;

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };

  std::vector<std::uint8_t> Number(const char* name) const;

  std::unique_ptr<EVP_PKEY, Free> key_;
};

// One of 2,048 bits, made once.
const RsaPair& AnyRsaPair();

// Gives the object of that label a handle, as `key adopt` does for HMAC keys.
void GiveHandle(Token& token, ObjectId id, const std::string& label,
                CK_OBJECT_CLASS object_class, bool disabled = false);

}  // namespace sigtoken::testing

#endif  // TESTS_RSA_KEYS_H_
